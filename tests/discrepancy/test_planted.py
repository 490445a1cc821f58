"""One slip of side, level, place, direction, doubt or device in a sentence that is copied otherwise has a card."""

import re
from pathlib import Path

import pytest

from dictation.discrepancy import compare

_SLIP = re.compile(r"\{([^{}>]*)>([^{}>]*)\}")


def _rows() -> list[tuple[str, str]]:
    lines = Path(__file__).with_name("planted.tsv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line and not line.startswith("#")][1:]
    return [(line.split("\t")[0], line.split("\t")[1]) for line in kept]


def _side(sentence: str, number: int) -> str:
    said = " ".join(_SLIP.sub(lambda slip: slip[number], sentence).split()).replace(" .", ".")
    return said[0].upper() + said[1:]


@pytest.mark.parametrize(("kinds", "sentence"), _rows())
def test_a_slip_in_a_copied_sentence_has_a_card(kinds: str, sentence: str) -> None:
    said, wrote = _side(sentence, 1), _side(sentence, 2)
    twice = f"Findings: {said} No ascites.\n\nImpression: {said}"
    for heard, written in (
        (said, wrote),
        (wrote, said),
        (twice, f"Findings: {wrote} No ascites.\n\nImpression: {said}"),
        (twice, f"Findings: {said} No ascites.\n\nImpression: {wrote}"),
    ):
        cards = {card.kind for card in compare(heard, written)}
        assert cards & set(kinds.split("|")), (cards, heard, written)


CONTRADICTS_ITSELF = "Right lower lobe consolidation. The right lung is clear."  # a slip of a side, copied faithfully


@pytest.mark.parametrize("sentence", [sentence for _, sentence in _rows()])
def test_a_faithful_copy_interrupts_nobody(sentence: str) -> None:
    for number in (1, 2):
        text = _side(sentence, number)
        shown = [card.kind for card in compare(text, text) if card.severity in ("critical", "major")]
        assert shown == (["contradiction"] if text == CONTRADICTS_ITSELF else []), text


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Opacity at the right lung base.", "Opacity in the right lower lobe."),
        ("Mild narrowing at L3-L4. Mild narrowing at L4-L5.", "Mild narrowing at L3-L4 and L4-L5."),
        ("Fracture of the L4 vertebral body.", "Fracture of the fourth lumbar vertebral body."),
        ("Fracture of the second metacarpal.", "Fracture of the 2nd metacarpal."),
        ("Ribs 4 through 7 are fractured.", "Ribs 4 to 7 are fractured."),
        ("No hydronephrosis.", "No hydronephrosis on either side."),
        ("No evidence of pneumothorax.", "No pneumothorax."),
        ("Lesion in segment IVa.", "Lesion in segment 4A."),
        ("Opacity may represent pneumonia.", "Opacity could represent pneumonia."),
        ("The liver is normal. The spleen is normal.", "The spleen is normal. The liver is normal."),
        ("Tear of the distal third of the Achilles tendon.", "Tear of the distal Achilles tendon."),
        ("Right-sided pleural effusion.", "Right pleural effusion."),
        ("Fracture of the index finger.", "Fracture of the second finger."),
        ("Nodule in segment six measures four point six millimeters.", "Nodule in segment 6 measures 4.6 mm."),
        ("Line tip in the superior vena cava.", "Line tip in the SVC."),
        ("Fracture of the distal third of the fifth metatarsal.", "Fracture of the distal 5th metatarsal."),
    ],
)
def test_another_wording_of_the_same_has_no_weighty_card(heard: str, written: str) -> None:
    for one, two in ((heard, written), (written, heard)):
        assert not [card for card in compare(one, two) if card.severity in ("critical", "major")]


def test_a_side_inside_a_place_is_one_slip_of_the_side() -> None:
    cards = compare(
        "Thinning of the posterior wall of the left ventricle.",
        "Thinning of the posterior wall of the right ventricle.",
    )
    assert [card.kind for card in cards] == ["laterality"]


def test_the_same_slip_in_findings_and_impression_is_one_card() -> None:
    heard = "Findings: Small right effusion.\n\nImpression: Small right effusion."
    assert [card.kind for card in compare(heard, heard.replace("right", "left"))] == ["laterality"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Stone in the distal left reader.",
        "Wall thickening of the sigmoid column.",
        "Severe spinal canal status at L3-L4.",
        "Acute infant in the left MCA territory.",
        "Blunting of the left costophrenic ankle.",
        "The pancakes is unremarkable.",
        "Simple assist in the right kidney.",
        "Large volume asides.",
        "Left ingenious hernia.",
        "Tear of the medial miniscule.",
        "Vertical body heights are maintained.",
        "Enlarged vertical lymph node on the left.",
        "Fracture of the left spatula.",
        "Gallbladder slug is present.",
    ],
)
def test_a_senseless_word_in_both_columns_is_asked_about(sentence: str) -> None:
    assert "critical_word" in {card.kind for card in compare(sentence, sentence)}


@pytest.mark.parametrize(
    "sentence",
    [
        "Irregularity of the inner table of the skull.",
        "The nodule has grown from 8 mm.",
        "Attenuation of minus 10 Hounsfield units.",
        "Bunion deformity of the first metatarsophalangeal joint.",
        "Edema of the scaphoid with an occult fracture.",
        "The left vertebral artery is patent.",
        "Vertical tear of the medial meniscus.",
        "Healing fracture of the left heel.",
        "Left ankle effusion.",
        "A left ventricular assist device is in place.",
        "The transverse process is fractured.",
        "Hydrocephalus in an infant.",
        "The thigh hematoma has decreased.",
        "Small hiatus hernia.",
    ],
)
def test_a_word_in_its_place_is_not_asked_about(sentence: str) -> None:
    assert not compare(sentence, sentence)
