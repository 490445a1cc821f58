"""A full stop that was guessed at a pause keeps no negation and no side from the words that it bears on."""

import pytest

from dictation.lexicon import rows
from tests.wording.dictating import written
from tests.wording.pads import empty, places, say, type_in


@pytest.mark.parametrize(
    ("finals", "text"),
    [
        ("There is no. | Pneumothorax.", "There is no pneumothorax."),
        ("The chest shows no. | Right effusion. | Heart normal.", "The chest shows no right effusion. Heart normal."),
        ("There is no. | Pneumothorax seen.", "There is no pneumothorax seen."),
        ("Without. | Evidence of pneumothorax.", "Without evidence of pneumothorax."),
        ("Lungs clear without. | Effusion. | Heart normal.", "Lungs clear without effusion. Heart normal."),
        ("No effusion or. | Pneumothorax. | Small mass.", "No effusion or pneumothorax. Small mass."),
        ("The heart is not. | Enlarged.", "The heart is not enlarged."),
        ("Nodule in the left. | Upper lobe measuring 5.", "Nodule in the left upper lobe measuring 5."),
        ("There is. | A small effusion on the. | Right.", "There is a small effusion on the right."),
        ("Nodule in the. | Left upper lobe.", "Nodule in the left upper lobe."),
    ],
)
def test_a_sentence_goes_on_after_a_pause(finals, text):
    assert written(finals.replace(" |", "")) == text
    pad = say(empty(), *finals.split(" | "))
    assert pad.text == text and places(pad) == list(range(pad.count))


@pytest.mark.parametrize(
    ("finals", "text"),
    [
        ("Pneumothorax? No. | Small effusion.", "Pneumothorax? No. Small effusion."),
        ("No. | Pneumothorax.", "No. Pneumothorax."),
        ("No. | Heart is enlarged.", "No. Heart is enlarged."),
        ("Prior surgery no. | Liver mass 3 cm.", "Prior surgery no. Liver mass 3 cm."),
        ("Metal implants, no. | Left subdural hematoma.", "Metal implants, no. Left subdural hematoma."),
        ("Small effusion, no. | Pneumothorax.", "Small effusion, no. Pneumothorax."),
        ("Type A. | No dissection.", "Type A. No dissection."),
        ("The catheter is in. | Small pneumothorax.", "The catheter is in. Small pneumothorax."),
        ("Tube pulled over. | Large effusion.", "Tube pulled over. Large effusion."),
        ("No. | Unchanged.", "No. Unchanged."),
        ("Effusion no. | Pneumothorax no. | Heart normal.", "Effusion no. Pneumothorax no. Heart normal."),
        ("MRI brain with and without. | Small mass.", "MRI brain with and without. Small mass."),
        ("CT head without. | Small mass.", "CT head without. Small mass."),
        ("It is where it was. | Small effusion.", "It is where it was. Small effusion."),
        ("The right is not. | Left pleural effusion.", "The right is not. Left pleural effusion."),
        ("Effusion on the left. | Upper lobe consolidation.", "Effusion on the left. Upper lobe consolidation."),
        ("Nodule in the left. | Small pneumothorax.", "Nodule in the left. Small pneumothorax."),
        ("There is no period | Pneumothorax.", "There is no. Pneumothorax."),
        ("No full stop | Pneumothorax.", "No. Pneumothorax."),
    ],
)
def test_a_sentence_that_may_end_ends(finals, text):
    assert written(finals.replace(" |", "")) == text
    pad = say(empty(), *finals.split(" | "))
    assert pad.text == text and places(pad) == list(range(pad.count))


def test_words_that_await_more_leave_their_sentence_open():
    pad = say(empty(), "There is no.")
    assert pad.text == "There is no"
    pad = type_in(pad, 0, 0, "Chest. ")
    assert say(pad, "Pneumothorax.", at=len(pad.text)).text == "Chest. There is no pneumothorax."


def test_a_heading_ends_what_is_open():
    pad = say(empty(), "There is no.", "findings colon small effusion.")
    assert pad.text == "There is no.\n\nFindings: Small effusion."


def test_every_word_of_the_table_is_read_as_one_of_its_rules():
    assert {row["guess"] for row in rows("unended_words")} == {"never", "phrase", "state", "denied", "-"}
    for word in (
        word for row in rows("unended_words") if row["guess"] == "never" for word in row["words"].split(" | ")
    ):
        assert written(f"mass {word}. Kidney is large.") == f"Mass {word} kidney is large."


def test_a_no_after_a_pause_neither_denies_nor_puts_right_by_itself():
    assert say(empty(), "Left renal cyst.", "No.", "Right renal cyst.").text == "Left renal cyst. No. Right renal cyst."
