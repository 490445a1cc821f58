"""What a recognizer marked as a command is one; what it left unmarked is decided by its context."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.lexicon import Phrase, Vocabulary
from dictation.speech import Transcript, Word
from dictation.wording import Dictation, correct_terms, write
from tests.wording.dictating import ENGINE, places


def marking(text: str) -> Transcript:
    """Words in braces are marked ("{next line}", "{Findings:}"), those after "~" may be either, all others are not."""
    words: list[Word] = []
    inside = False
    for at, piece in enumerate(text.split()):
        inside = inside or piece.startswith("{")
        is_command = True if inside else None if piece.startswith("~") else False
        inside = inside and "}" not in piece
        said = piece.translate(str.maketrans("", "", "{}~"))
        words.append(Word(text=said, start_s=at / 3, end_s=at / 3 + 0.3, is_command=is_command))
    return Transcript(recording="r", words=tuple(words), engine=ENGINE, duration_s=len(words) / 3)


def dictated(text: str, **options: object) -> Dictation:
    return write([marking(text)], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("no effusion {period} the heart is normal {period}", "No effusion. The heart is normal."),
        ("over a {period} the heart", "Over a. The heart"),  # context does not overrule it
        ("the sigmoid {colon} normal", "The sigmoid: normal"),
        ("is this new {question mark}", "Is this new?"),
        ("clear {period} {next line} the heart", "Clear.\nThe heart"),
        ("clear {period} {new paragraph} the heart", "Clear.\n\nThe heart"),
        ("no effusion {period}. The heart", "No effusion. The heart"),  # one mark of a guessed and a dictated one
        ("no effusion. {period} The heart", "No effusion. The heart"),
        ("right, {comma} left", "Right, left"),
        ("no effusion {period} {period} the heart", "No effusion. The heart"),
    ],
)
def test_a_marked_word_is_always_the_mark(said, text):
    assert dictated(said).text == text


@pytest.mark.parametrize(
    "said",
    [
        "in the luteal period",
        "luteal period",
        "over a short time period",
        "observed over that time period {period}",
        "a waiting period of two weeks",
        "no change in the period {period}",
        "colon {colon} normal",
        "no colon mass",  # without a mark it would be Whisper's mark
        "hepatic flexure of colon thick {period}",
        "a comma shaped opacity",
        "the line ends in the vein",
    ],
)
def test_an_unmarked_word_that_its_context_shows_as_a_noun_is_one(said):
    text = dictated(said).text.lower()
    for word in said.replace("two", "2").split():
        assert word in text or "{" in word


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("The lungs are clear period No effusion period", "The lungs are clear. No effusion."),
        ("no effusion period pneumothorax on the left {period}", "No effusion. Pneumothorax on the left."),
        ("no acute finding at this time period {next line} Normal", "No acute finding at this time.\nNormal"),
        ("lungs clear period {period} heart large", "Lungs clear. Heart large"),  # one stop of two
        ("right comma left", "Right, left"),
        ("is this new question mark", "Is this new?"),
        ("heart open parenthesis enlarged close parenthesis {period}", "Heart (enlarged)."),
        ("lungs clear semicolon heart normal", "Lungs clear; heart normal"),
    ],
)
def test_one_missed_brace_does_not_print_the_name_of_a_mark(said, text):
    assert dictated(said).text == text


CATHETERS = (
    "new line seen in the right atrium",
    "right IJ approach new line with tip in the SVC",
    "new line with tip in the SVC",
    "interval new line overlies the SVC",
    "interval placement of a new line",
    "no new line",
    "new line placement",
    "new line in place",
    "newline terminates in the SVC",
    "next line projects over the heart",
)


@pytest.mark.parametrize(
    "said",
    [
        *CATHETERS,
        "there is new line",
        "stable heart new line right jugular vein",
        "there is new paragraph",
        "next paragraph",
        "dash of fluid",
        "right dash left",
        "next line heart large",
        "the slash is deep",
        "edema slash effusion",
    ],
)
@pytest.mark.parametrize("before", ["", "lungs clear {period} ", "lungs clear. ", "{Findings:} "])
def test_an_unmarked_phrase_that_can_be_words_is_words(said, before):
    """A missed brace may cost a break or a hyphen; an unheard "new line" would cost a catheter."""
    assert dictated(f"{before}{said} {{period}}").text.lower().endswith(f"{said}.".lower())


@pytest.mark.parametrize("before", ["", "lungs clear {period} "])
@pytest.mark.parametrize("said", CATHETERS)
def test_a_marked_break_beside_a_catheter_is_one_break(said, before):
    text = dictated(f"{before}{said} {{period}} {{new line}} {said} {{period}}").text.lower()
    assert text.endswith(f"{said}.\n{said}.".lower())


def test_a_marked_heading_begins_its_section_wherever_it_stands():
    dictation = dictated("{Exam type:} CT chest {Indication:} {colon} cough no {Findings:} of note the lungs are clear")
    assert [(sentence.section, sentence.text) for sentence in dictation.sentences] == [
        ("exam", "CT chest"),
        ("indication", "Cough no"),
        ("findings", "Of note the lungs are clear"),
    ]
    assert [command.argument for command in dictation.commands] == ["exam", "indication", "findings"]
    assert places(dictation) == list(range(len(dictation.words)))


@pytest.mark.parametrize("mark", ["{colon}", "{period}", "{comma}", ""])
def test_the_mark_after_a_heading_belongs_to_it(mark):
    (sentence,) = dictated(f"{{Findings:}} {mark} The lungs are clear").sentences
    assert (sentence.section, sentence.text) == ("findings", "The lungs are clear")


def test_an_unmarked_heading_is_found_as_in_any_dictation():
    (sentence,) = dictated("impression {colon} no acute disease {period}").sentences
    assert (sentence.section, sentence.text) == ("impression", "No acute disease.")


def test_a_marked_editing_command_is_obeyed():
    assert dictated("no effusion {period} small effusion {scratch that}").text == "No effusion."


def test_a_marked_word_joins_no_phrase_and_no_term():
    own = Vocabulary(phrases=(Phrase(written="Luteal Period Chart", spoken="luteal period"),))
    assert write([marking("in the luteal period {period}")], own).text == "In the Luteal Period Chart."
    assert write([marking("in the luteal {period}")], own).text == "In the luteal."
    assert [word.text for word in correct_terms(marking("plural effusion {period}").words, own)] == [
        "pleural", "effusion", "period",
    ]  # fmt: skip


def test_what_nobody_knows_stays_visible_with_its_marks():
    words = [Word(text=text, is_command=False) for text in ("clear", "{nexcktpace}", "[SIGNED", "BY]", "The")]
    dictation = write([Transcript(recording="r", words=tuple(words), engine=ENGINE, duration_s=1)])
    assert dictation.text == "Clear {nexcktpace} [SIGNED BY] The"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("heart, lungs; pleura normal {period} large", "Heart lungs pleura normal. Large"),
        ("CT of the Abdomen: Liver normal {period}", "CT of the Abdomen liver normal."),
        ("a 5.2 cm mass, at L4-L5; stable", "A 5.2 cm mass at L4-L5 stable"),
        ("3, 4 mm nodules", "3, 4 mm nodules"),
        ("ribs four, five and six are broken", "Ribs 4, 5 and 6 are broken"),
        ("nodule of five millimeters. Three nodules", "Nodule of 5 mm. Three nodules"),
        ("C.T. today, Dr. Smith", "C.T. today Dr. Smith"),
        ("{Impression:} 1. Effusion, small {period} 2. Edema", "Impression: 1. Effusion small. 2. Edema"),
        ("heart (enlarged), lungs: Clear", "Heart (enlarged) lungs clear"),
        ("large effusion {period}. The heart", "Large effusion. The heart"),
        ("large effusion. {comma} the heart", "Large effusion, the heart"),  # the dictated one of two beside each other
        ("impression: normal.", "Impression: Normal."),  # a guessed colon still shows a heading
        ("no effusion. Small mass, scratch that", "No effusion."),  # and a guessed stop how far an edit reaches
    ],
)
def test_guessed_commas_can_be_left_out(said, text):
    dictation = dictated(said, guessed_punctuation="drop")
    assert dictation.text == text
    assert places(dictation) == list(range(len(dictation.words)))


@pytest.mark.parametrize(
    "said",
    [
        "No effusion. Pneumothorax on the left.",
        "No effusion? Pneumothorax on the left.",
        "No effusion! Pneumothorax on the left.",
        "No effusion, pneumothorax on the left.",
        "No effusion; pneumothorax on the left.",
        "No effusion: pneumothorax on the left.",
        "Without edema, left effusion.",
        "Pneumothorax, effusion is not seen.",
        "The heart isn't large, left effusion.",
        "Possible edema, left effusion.",
        "History of stroke, left effusion.",
        "Pneumothorax on prior C.T. No effusion.",
    ],
)
def test_no_guessed_mark_that_may_limit_a_cue_is_left_out(said):
    assert dictated(said, guessed_punctuation="drop").text == said


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
