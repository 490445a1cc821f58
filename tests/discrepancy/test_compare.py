"""Differences between heard and written: every planted one is found, and nothing else is."""

import pytest

from dictation.discrepancy import compare

HEARD = (
    "Findings: Small left pleural effusion. No pneumothorax. 5 mm nodule in the right upper lobe. "
    "Heart size is normal. Impression: Left effusion."
)


def kinds(heard: str, written: str) -> list[tuple[str, str]]:
    return [(found.kind, found.severity) for found in compare(heard, written)]


def test_the_same_text_has_no_differences() -> None:
    assert compare(HEARD, HEARD) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("left", "right", ("laterality", "critical")),
        ("No pneumothorax", "Pneumothorax", ("negation", "critical")),
        ("5 mm", "6 mm", ("measurement", "major")),
        ("5 mm", "5 cm", ("unit", "critical")),
        ("5 mm", "50 mm", ("measurement", "critical")),
        (" 5 mm nodule in the right upper lobe.", "", ("omission", "major")),
        ("Heart size", "Left rib fracture. Heart size", ("addition", "critical")),
        ("Small left", "Large left", ("severity", "major")),
        ("Small left", "Possible small left", ("certainty", "major")),
    ],
)
def test_one_change_makes_one_card(old: str, new: str, expected: tuple[str, str]) -> None:
    heard = HEARD.partition(" Impression")[0]
    assert kinds(heard, heard.replace(old, new, 1)) == [expected]


def test_a_side_flipped_in_findings_and_impression_is_no_omission() -> None:
    written = HEARD.replace("left", "right").replace("Left", "Right")
    assert {kind for kind, _ in kinds(HEARD, written)} == {"laterality"}


def test_equal_sizes_in_other_units_agree() -> None:
    assert kinds("1.2 x 0.9 cm mass.", "Mass measuring 12 x 9 mm.") == []


def test_ids_are_unique_and_computed_again() -> None:
    written = HEARD.replace("left", "right").replace("5 mm", "9 mm").replace("No pneumo", "Pneumo")
    first, second = compare(HEARD, written), compare(HEARD, written)
    assert [found.id for found in first] == [found.id for found in second]
    assert len({found.id for found in first}) == len(first) == 3


def test_the_explanation_names_both_sides() -> None:
    found = compare("Small left pleural effusion.", "Small right pleural effusion.")[0]
    assert found.explanation == "You said left; the report says right (pleural effusion)."
    assert found.suggestion == "Small left pleural effusion"


@pytest.mark.parametrize(
    ("heard", "written", "expected"),
    [
        ("The appendix is not visualized. No free fluid.", "No free fluid.", [("omission", "minor")]),
        ("The right ovary is not seen. The left ovary is normal.", "Normal left ovary.", [("omission", "minor")]),
        ("The left ovary is normal.", "Normal left ovary. The right ovary is absent.", [("addition", "minor")]),
        ("The right ovary is not seen. The left ovary is normal.", "Nonvisualized right ovary. Normal left ovary.", []),
        ("Neither ovary is seen.", "The ovaries are not visualized.", []),
    ],
)
def test_what_could_not_be_seen_is_lost_with_its_sentence(heard, written, expected) -> None:
    assert kinds(f"Findings: {heard}", f"FINDINGS: {written}") == expected


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("No pneumothorax. Mediastinal lymph node 11 mm.", []),
        ("No pneumothorax.", [("major", "omission")]),
        ("No pneumothorax. Mediastinal lymph node 21 mm.", [("major", "measurement")]),
    ],
)
def test_what_is_measured_behind_a_comma_is_not_the_negated_finding(written, found):
    heard = "No pneumothorax, mediastinal lymph node 11 mm."  # of our own demo: a newcomer saw the node get lost
    assert [(one.severity, one.kind) for one in compare(heard, written)] == found
