import pytest

from dictation.speech import Transcript, Word
from dictation.wording import write
from tests.wording.dictating import ENGINE, dictated, places, written


@pytest.mark.parametrize("command", ["scratch that", "delete that", "strike that", "Scratch that."])
def test_the_last_sentence_is_taken_back(command):
    said = f"The lungs are clear. There is an effusion. {command} The heart is normal."
    assert written(said) == "The lungs are clear. The heart is normal."


def test_the_open_sentence_is_taken_back_before_a_closed_one():
    assert written("The lungs are clear. There is a scratch that the heart is normal.") == (
        "The lungs are clear. The heart is normal."
    )


def test_twice_takes_back_two_sentences():
    assert written("One lung. Clear lungs. No effusion. Scratch that. Scratch that.") == "One lung."


def test_a_heading_is_not_jumped_over():
    dictation = dictated("findings colon clear period impression colon normal period scratch that stable period")
    assert [(s.section, s.text) for s in dictation.sentences] == [("findings", "Clear."), ("impression", "Stable.")]


def test_a_heading_just_said_is_taken_back_alone():
    dictation = dictated("findings colon clear period impression colon scratch that no effusion period")
    assert [(s.section, s.text) for s in dictation.sentences] == [("findings", "Clear."), ("findings", "No effusion.")]
    assert [c.argument for c in dictation.commands if c.name == "section"] == ["findings"]


def test_what_was_taken_back_is_kept():
    dictation = dictated("The lungs are clear. No effusion. Scratch that.")
    (retraction,) = dictation.retracted
    assert (retraction.text, retraction.words, retraction.command) == ("No effusion.", (4, 5), "scratch that")
    assert [(c.name, c.words) for c in dictation.commands] == [("retract", (6, 7))]
    assert places(dictation) == list(range(8))


def test_without_full_stops_a_long_pause_is_the_boundary():
    lungs = [
        "the",
        "lungs",
        "are",
        "well",
        "expanded",
        "and",
        "clear",
        "and",
        "there",
        "is",
        "no",
        "focal",
        "consolidation",
        "and",
        "no",
        "pleural",
        "effusion",
    ]
    heart = [
        "the",
        "heart",
        "is",
        "normal",
        "in",
        "size",
        "and",
        "the",
        "mediastinum",
        "is",
        "unremarkable",
        "in",
        "contour",
    ]
    words = [Word(text=text, start_s=i / 2, end_s=i / 2 + 0.4) for i, text in enumerate(lungs)]
    words += [Word(text=text, start_s=20 + i / 2, end_s=20.4 + i / 2) for i, text in enumerate(heart)]
    words += [Word(text="scratch", start_s=40, end_s=40.3), Word(text="that", start_s=40.3, end_s=40.6)]
    transcript = Transcript(recording="r", words=tuple(words), engine=ENGINE, duration_s=41)
    assert write([transcript]).text == "The lungs are well expanded and clear and there is no focal consolidation " + (
        "and no pleural effusion"
    )


@pytest.mark.parametrize("said", ["the patient would scratch that area", "did not delete that image"])
def test_ordinary_use_is_no_command(said):
    assert written(said).lower() == said


def test_with_nothing_before_it_the_command_is_obeyed_and_kept():
    dictation = dictated("scratch that")
    assert dictation.sentences == () and dictation.retracted == ()
    assert places(dictation) == [0, 1]


NORMAL = "the heart is normal the lungs are clear there is no pneumothorax the bones are intact"


@pytest.mark.parametrize(
    ("said", "left", "taken"),
    [
        (f"{NORMAL} small left effusion scratch that small right effusion", f"{NORMAL} small right effusion",
         "small left effusion"),
        ("the heart is normal there is an effusion scratch that", "the heart is normal", "there is an effusion"),
        ("no pneumothorax scratch that small right pneumothorax", "small right pneumothorax", "no pneumothorax"),
        ("the lungs are clear and there is no mass scratch that", "the lungs are clear", "and there is no mass"),
        ("there is an opacity in the right lobe scratch that", "", "there is an opacity in the right lobe"),
        ("opacity right lower lobe scratch that", "", "opacity right lower lobe"),
        ("left lung is clear right lung is clear scratch that", "left lung is clear", "right lung is clear"),
        ("there is a small left effusion scratch that", "", "there is a small left effusion"),
        ("no evidence of pneumothorax scratch that", "", "no evidence of pneumothorax"),
    ],
)  # fmt: skip
def test_without_marks_or_pauses_only_the_last_clause_is_taken_back(said, left, taken):
    dictation = dictated(said)
    assert dictation.text.lower() == left
    assert dictation.retracted[0].text == taken
    assert places(dictation) == list(range(len(said.split())))


def test_two_commands_without_marks_take_back_two_clauses():
    dictation = dictated(
        "left effusion scratch that right effusion and no pneumothorax scratch that small pneumothorax"
    )
    assert dictation.text == "Right effusion small pneumothorax"
    assert [retraction.text for retraction in dictation.retracted] == ["left effusion", "and no pneumothorax"]


@pytest.mark.parametrize(
    "said",
    [
        "opacity at left base with shift of midline to right and loss of volume and elevation of dome scratch that",
        "heart normal lungs clear bones intact scratch that",
    ],
)
def test_where_nothing_parts_the_words_all_stay_and_the_command_is_seen(said):
    dictation = dictated(said)
    assert dictation.text.lower() == said
    assert dictation.retracted == () and dictation.commands == ()
    assert places(dictation) == list(range(len(said.split())))


def test_no_term_is_made_of_a_command():
    assert written("opacity in the lobe scratch that") == ""  # not "scarring that"


@pytest.mark.parametrize(
    "said",
    [
        "There is an abscess of 4 cm in the right kidney, {}, left kidney.",
        "There is no pulmonary embolism in the right, {}, left lower lobe.",
        "There is a 5 mm stone in the left, {}, right ureter.",
        "Mass in the left breast, {}, right breast.",
        "The catheter ends in the right atrium, {}, in the SVC.",
        "Small right, {}, left pleural effusion.",
        "Nodule of 4 mm, {}, 5 mm.",
    ],
)
@pytest.mark.parametrize("command", ["scratch that", "delete that", "strike that"])
def test_what_only_puts_a_part_right_takes_nothing_back(said, command):
    words = said.format(command)
    written = dictated(words)
    assert not written.retracted
    assert written.text.replace(",", "") == words.replace(",", "")


def test_a_new_statement_behind_a_command_takes_the_one_before_back():
    assert dictated("Heart is enlarged scratch that heart normal.").text == "Heart normal."
    assert dictated("No effusion, scratch that, small left effusion.").text == "Small left effusion."
    assert dictated("There is a PE in the right lower lobe, scratch that, no PE.").text == "No PE."
    said = "There is a 5 mm stone in the left kidney. Delete that. There is hydronephrosis on the left."
    assert dictated(said).text == "There is hydronephrosis on the left."
    assert dictated("Left kidney, scratch that, right kidney 11 cm with hydronephrosis.").retracted
