"""Nothing spoken is ever lost: each word has exactly one place, whatever is said."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.lexicon import rows
from dictation.wording import typed, write
from dictation.wording.sections import HEADING_MARKS, SOFT_MARKS
from tests.wording.dictating import places, transcript
from tests.wording.spoken import at_length

WORDS = """
the a lungs heart is clear no new left right lower lobe effusion nodule small moderate eight 9 mm millimeters
five point two by L4 T twelve findings impression mediascinum oposities hyler plural in number one of and
effusion. lobe, Findings: Impression. 5.2 (see below) - . , Dr. vs. {period} [FINDINGS] 1.
"""
SAID = [
    *WORDS.split(),
    *(row["spoken"] for row in rows("punctuation")),
    *(row["spoken"] for row in rows("editing")),
    *(row["cue"] for row in rows("corrections")),
    *(row["spoken"] for row in rows("section_names")),
    *[row["heard"] for row in rows("misheard")][::20],
]
MARKS = (*HEADING_MARKS, *SOFT_MARKS)
CRITICAL = ("no", "new", "not", "left", "right", "without", "none")
SPEECH = st.lists(st.sampled_from(SAID), max_size=25).map(" ".join)


def check(texts: list[str]) -> None:
    transcripts = [transcript(text, f"r{number}") for number, text in enumerate(texts)]
    dictation = write(transcripts)
    assert dictation.transcripts == tuple(transcripts)
    assert places(dictation) == list(range(len(dictation.words)))
    assert [sentence.id for sentence in dictation.sentences] == [f"s{n + 1}" for n in range(len(dictation.sentences))]
    for sentence in dictation.sentences:
        assert sentence.text == sentence.text.strip() != ""
        ends = [0]
        for link in sentence.alignment:
            assert ends[-1] <= link.span[0] < link.span[1] <= len(sentence.text)
            ends.append(link.span[1])
        written = "".join(sentence.text[slice(*link.span)] for link in sentence.alignment)
        assert written.replace(" ", "") == sentence.text.replace(" ", "")
        start, end = dictation.spans[sentence.id]
        assert dictation.text[start:end] == sentence.text


@settings(max_examples=150, deadline=None)
@given(st.lists(SPEECH, max_size=3))
def test_each_word_has_exactly_one_place(texts):
    check(texts)


test_each_word_has_exactly_one_place_at_length = at_length(test_each_word_has_exactly_one_place, 5000)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_of_a_recognizer_is_taken(text):
    check([text])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from((*CRITICAL, "effusion", "is", "the", "oposities.")), max_size=20))
def test_no_critical_word_is_changed_lost_or_made(words):
    text = write([transcript(" ".join(words))]).text.lower().replace(".", " ").split()
    assert [word for word in text if word in CRITICAL] == [word for word in words if word in CRITICAL]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*SAID, "\n", "\n\n"]), max_size=25).map(" ".join))
def test_typed_words_stay_in_their_order(text):
    names = {word for row in rows("section_names") for word in row["spoken"].split()}

    def plain(said: str) -> list[str]:
        """The words but for names of sections, which become headings together with the mark behind them."""
        left: list[str] = []
        is_heading = False
        for word in said.split():
            is_mark = is_heading and word in MARKS
            is_heading = word.lower().strip("".join(MARKS)) in names
            if not is_mark and not is_heading:
                left.append(word)
        return left

    dictation = typed(text)
    assert plain(" ".join(sentence.text for sentence in dictation.sentences)) == plain(text)
