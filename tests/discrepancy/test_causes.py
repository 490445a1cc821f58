"""One cause makes one card, and paraphrase makes none."""

import pytest

from dictation.discrepancy import compare


def kinds(heard: str, written: str) -> list[str]:
    return [found.kind for found in compare(heard, written)]


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("No focal consolidation. No effusion. Heart size normal.", "Normal heart size. No consolidation or effusion."),
        ("Moderate left and small right pleural effusions.", "Small right effusion. Moderate left effusion."),
        ("Small left effusion. Small right effusion.", "Small bilateral pleural effusions."),
        ("Right IJ line tip in the SVC.", "Right internal jugular central venous catheter with tip in the SVC."),
        ("Nodule has grown from 4 mm to 6 mm.", "6 mm nodule, previously 4 mm."),
        ("Hyperinflated lungs consistent with COPD.", "Hyperinflation of the lungs, compatible with COPD."),
        ("The nodule measures five millimeters.", "Nodule, 5 mm."),
        ("Left chest tube has been removed.", "Interval removal of left chest tube."),
        ("Question small left effusion.", "Possible small left pleural effusion."),
        ("Elevated right hemidiaphragm.", "The right hemidiaphragm is elevated."),
        ("No pneumothorax period heart size normal period", "Heart size is normal. No pneumothorax."),
    ],
)
def test_a_paraphrase_is_silent(heard: str, written: str) -> None:
    assert kinds(heard, written) == []


def test_a_dropped_no_before_a_list_is_one_card() -> None:
    assert kinds("No effusion, pneumothorax or edema.", "Effusion, pneumothorax or edema.") == ["negation"]


def test_an_omitted_sentence_is_one_card_whatever_it_lists() -> None:
    assert kinds("Clear lungs. Small effusion and a rib fracture.", "Clear lungs.") == ["omission"]


def test_swapped_sides_of_two_findings_are_two_cards() -> None:
    assert kinds("Left effusion. Right nodule.", "Right effusion. Left nodule.") == ["laterality", "laterality"]


def test_a_swapped_side_does_not_hide_behind_an_impression_without_side() -> None:
    heard = "FINDINGS: Nodule in the left lung. IMPRESSION: Pulmonary nodule."
    assert kinds(heard, heard.replace("left", "right")) == ["laterality"]


def test_sizes_that_change_places_are_noticed() -> None:
    heard = "6 mm nodule in the left upper lobe. 4 mm nodule in the right lower lobe."
    written = "4 mm nodule in the left upper lobe. 6 mm nodule in the right lower lobe."
    assert set(kinds(heard, written)) == {"measurement"}


def test_a_number_of_no_known_finding_must_be_copied() -> None:
    assert kinds("The segment measures 23 mm.", "The segment measures 32 mm.") == ["measurement"]
    assert "measurement" not in kinds("Follow-up in 6 months.", "Follow-up in 3 months.")  # it has its own kind


def test_the_worse_side_counts() -> None:
    heard = "Bilateral effusions, left greater than right."
    (found,) = compare(heard, "Bilateral effusions, right greater than left.")
    assert (found.kind, found.severity) == ("laterality", "major")
    assert "more on the left" in found.explanation


def test_findings_and_impression_on_other_sides_are_a_contradiction() -> None:
    text = "FINDINGS: Right upper lobe nodule. IMPRESSION: Left upper lobe nodule."
    (found,) = compare(text, text)
    assert (found.kind, found.severity) == ("contradiction", "critical")
    assert found.heard and found.written


def test_a_sentence_of_an_unknown_finding_is_compared_by_its_words() -> None:
    heard = "The uvula is bifid on the left."
    assert kinds(heard, heard.replace("left", "right")) == ["laterality"]
    assert kinds(heard, "The uvula is not bifid on the left.") == ["negation"]


@pytest.mark.parametrize("lobe", ["middle", "lower"])
def test_another_lobe_is_major_although_it_lies_next_to_the_one_said(lobe: str) -> None:
    (found,) = compare("Nodule in the right upper lobe.", f"Nodule in the right {lobe} lobe.")
    assert (found.kind, found.severity) == ("site", "major")


def test_adjacent_zones_without_a_lobe_are_minor() -> None:
    (found,) = compare("Nodule in the right mid lung.", "Nodule in the right lung base.")
    assert (found.kind, found.severity) == ("site", "minor")


def test_ranking_is_by_severity_then_place() -> None:
    heard = "Mild cardiomegaly. Small left effusion. 5 mm nodule."
    written = "Moderate cardiomegaly. Small right effusion. 6 mm nodule."
    assert [found.severity for found in compare(heard, written)] == ["critical", "major", "minor"]
