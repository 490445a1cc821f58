"""One slip makes one card, with the words of both sides and the graver severity."""

import pytest

from dictation.discrepancy import compare
from dictation.exam import Order


def only(heard: str, written: str, **order: str):
    (card,) = compare(heard, written, order=Order(**order) if order else None)
    assert card.heard and card.written
    return card


@pytest.mark.parametrize(
    ("heard", "written", "severity"),
    [
        (
            "Mild scoliosis of the lumbar spine. No fracture.",
            "Mild sclerosis of the lumbar spine. No fracture.",
            "major",
        ),
        ("Multiple liver metastases.", "Multiple liver cysts.", "critical"),
        ("The lungs are hyperinflated.", "The lungs are hypoinflated.", "major"),
        ("L2-L4 epidural abscess.", "L2-L4 epidural lipomatosis.", "critical"),
    ],
)
def test_a_finding_written_for_another_is_one_card_that_names_both(heard, written, severity):
    card = only(heard, written)
    assert card.severity == severity
    assert card.explanation.endswith("instead.")
    assert card.suggestion


def test_two_findings_that_have_nothing_in_common_stay_two_cards():
    cards = compare("Small hiatal hernia. Heart normal.", "Heart normal. Large renal cyst.")
    assert sorted(card.kind for card in cards) == ["addition", "omission"]


@pytest.mark.parametrize(
    ("sex", "heard", "written"),
    [
        ("M", "The prostate is unremarkable.", "The uterus is unremarkable."),
        ("F", "There is a 3 cm cyst in the right ovary.", "There is a 3 cm cyst in the right testis."),
        ("F", "4 cm left ovarian cyst.", "4 cm left testicular cyst."),
        ("F", "INDICATION: 63-year-old woman with cough.\nFINDINGS: No effusion.",
         "INDICATION: 63-year-old man with cough.\nFINDINGS: No effusion."),
    ],
)  # fmt: skip
def test_an_organ_of_the_other_sex_is_one_card_with_what_was_said(sex, heard, written):
    card = only(heard, written, sex=sex)
    assert (card.kind, card.severity) == ("sex", "critical")
    assert "you said" in card.explanation
    assert card.edits


def test_the_side_that_was_ordered_is_told_on_the_card_of_the_side():
    card = only(
        "Right knee: joint effusion.", "Left knee: joint effusion.", procedure="MRI right knee", laterality="right"
    )
    assert (card.kind, card.severity) == ("laterality", "critical")
    assert card.explanation.startswith("You said right; the report says left")
    assert card.explanation.endswith("the order is for the right side.")


def test_a_side_that_both_texts_give_against_the_order_is_still_told():
    card = only("Left knee effusion.", "Left knee effusion.", procedure="MRI right knee", laterality="right")
    assert card.explanation == "The order is for the right side; the text is about the left."


def test_a_card_shows_the_word_that_differs_where_it_stands_before_its_finding():
    card = only("Left lower lobe opacity, may be atelectasis.", "Left upper lobe opacity, may be atelectasis.")
    assert "lower lobe" in card.heard.text
    assert "upper lobe" in card.written.text
    assert "You said lower lobe; the report says upper lobe" in card.explanation


def test_a_slip_of_the_impression_is_not_told_again_as_a_contradiction():
    text = "FINDINGS: {} opacity, may be atelectasis or infection.\nIMPRESSION: {} opacity, may be atelectasis."
    card = only(text.format("Left basal", "Left basal"), text.format("Left basal", "Right basal"))
    assert card.kind == "laterality"
