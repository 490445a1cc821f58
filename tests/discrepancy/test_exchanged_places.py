"""Two numbers, or two opposite words, that changed places, though all that was said is written."""

import pytest

from dictation.discrepancy import compare

EXCHANGED = [
    ("measurement", "Knee flexion is 110 degrees and extension is 10 degrees.",
     "Flexion 10 degrees, extension 110 degrees."),
    ("measurement", "Peak systolic velocity 120 cm/s, end diastolic velocity 40 cm/s.", "PSV 40 cm/s, EDV 120 cm/s."),
    ("measurement", "Spleen 11 cm. Liver 15 cm.", "Liver 11 cm, spleen 15 cm."),
    ("measurement", "In inspiration the diameter is 14 mm, in expiration 21 mm.",
     "IVC diameter 21 mm in inspiration, 14 mm in expiration."),
    ("site", "The proximal segment is patent while the distal segment is occluded.",
     "The distal segment is patent and the proximal segment is occluded."),
    ("measurement", "Trachea narrows from 18 mm in inspiration to 8 mm in expiration.",
     "The trachea narrows from 8 mm in inspiration to 18 mm in expiration."),
    ("site", "Carious first molar and fractured second molar.", "Fractured first molar and carious second molar."),
]  # fmt: skip
THE_SAME = [
    ("Portal vein diameter 13 mm. Splenic vein 9 mm.", "Portal vein and splenic vein are 13 mm and 9 mm in diameter."),
    ("Mass with the aorta on its left and the vena cava on its right.",
     "The mass is to the right of the aorta and to the left of the vena cava."),
    ("Mass between the sternum anteriorly and the trachea posteriorly.",
     "Mass posterior to the sternum and anterior to the trachea."),
    ("Knee flexion is 110 degrees and extension is 10 degrees.", "Extension 10 degrees, flexion 110 degrees."),
    ("Spleen 11 cm. Liver 15 cm.", "Liver span of 15 cm; the spleen measures 11 cm."),
    ("The proximal segment is patent while the distal segment is occluded.",
     "Distal segment occluded, proximal segment patent."),
    ("Carious first molar. The second molar is fractured.", "Second molar: fractured. First molar: carious."),
    ("12 mm nodule, series 4, and 9 mm nodule, series 5.", "Nodules of 12 mm (series 4) and 9 mm (series 5)."),
]  # fmt: skip


def weighty(heard: str, written: str) -> list[str]:
    return [card.kind for card in compare(heard, written) if card.severity in ("critical", "major")]


@pytest.mark.parametrize(("kind", "heard", "written"), EXCHANGED)
def test_two_that_changed_places_are_one_card(kind: str, heard: str, written: str):
    assert weighty(heard, written) == [kind]


@pytest.mark.parametrize(("heard", "written"), THE_SAME)
def test_two_told_in_another_order_are_none(heard: str, written: str):
    assert weighty(heard, written) == []


def test_what_changed_places_is_marked_in_both_quotations():
    heard, written = "Spleen 11 cm. Liver 15 cm.", "Liver 11 cm, spleen 15 cm."
    (card,) = compare(heard, written)
    assert card.heard and card.written and card.heard.differing and card.written.differing
    assert heard[slice(*card.heard.differing)] == written[slice(*card.written.differing)] == "11 cm"
