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


@pytest.mark.parametrize("sentence", [sentence for _, sentence in _rows()])
def test_a_faithful_copy_interrupts_nobody(sentence: str) -> None:
    for number in (1, 2):
        text = _side(sentence, number)
        assert not [card for card in compare(text, text) if card.severity in ("critical", "major")], text


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
        ("Line tip in the superior vena cava.", "Line tip in the SVC."),
        ("Fracture of the distal third of the fifth metatarsal.", "Fracture of the distal 5th metatarsal."),
    ],
)
def test_another_wording_of_the_same_has_no_weighty_card(heard: str, written: str) -> None:
    for one, two in ((heard, written), (written, heard)):
        assert not [card for card in compare(one, two) if card.severity in ("critical", "major")]
