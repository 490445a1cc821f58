"""What a recognizer marked as a command is one; what it left unmarked is decided by its context."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.speech import Transcript, Word
from dictation.wording import Dictation, write
from tests.wording.dictating import ENGINE, marking, places


def dictated(text: str, **options: object) -> Dictation:
    return write([marking(text)], **options)  # type: ignore[arg-type]


def test_what_nobody_knows_stays_visible_with_its_marks():
    words = [Word(text=text, is_command=False) for text in ("clear", "{nexcktpace}", "[SIGNED", "BY]", "The")]
    dictation = write([Transcript(recording="r", words=tuple(words), engine=ENGINE, duration_s=1)])
    assert dictation.text == "Clear {nexcktpace} [SIGNED BY] The"


def test_a_recognizer_that_does_not_tell_guessed_from_dictated_keeps_its_marks():
    words = tuple(Word(text=text) for text in ("No", "effusion.", "The", "heart", "is", "normal."))
    transcript = Transcript(recording="r", words=words, engine=ENGINE, duration_s=1)
    assert write([transcript], guessed_punctuation="drop").text == "No effusion. The heart is normal."


SAID = st.sampled_from(
    (
        "no", "effusion.", "heart,", "5.2", "mm", "L4-L5;", "1.", "{period}", "{comma}", "{next line}", "{Findings:}",
        "{colon}", "{scratch that}", "period", ".", ":", "colon", "left", "right", "three", "four,", "~dash", "(see",
        "C.T.", "{nexcktpace}",
    )
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(SAID, max_size=20).map(" ".join), st.sampled_from(("keep", "drop")))
def test_each_word_has_exactly_one_place(text, guessed):
    dictation = dictated(text, guessed_punctuation=guessed)
    assert places(dictation) == list(range(len(dictation.words)))


@settings(max_examples=100, deadline=None)
@given(st.lists(SAID, max_size=20).map(" ".join))
def test_leaving_guesses_out_changes_no_letter_and_no_number(text):
    def plain(dictation: Dictation) -> str:
        return "".join(character for character in dictation.text.lower() if character.isalnum())

    assert plain(dictated(text, guessed_punctuation="drop")) == plain(dictated(text))
