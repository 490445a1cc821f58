"""In words without marks, the side of an organ that is called normal is not the side of the finding beside it."""

import pytest

from dictation.discrepancy import compare
from dictation.findings import extract


@pytest.mark.parametrize(
    ("text", "finding", "side"),
    [
        ("right testis normal left hydrocele no torsion", "hydrocele", "left"),
        ("left hydrocele right testis is normal", "hydrocele", "left"),
        ("right ovarian corpus luteum left ovary normal", "ovarian_cyst", "right"),
        ("ventricular hemorrhage left no dilatation right side normal", "intraventricular_hemorrhage", "left"),
        ("right adnexal cyst three centimeters left ovary not visualized", "ovarian_cyst", "right"),
        ("right sfa occlusion with runoff left leg no significant stenosis", "arterial_occlusion", "right"),
        ("cysts in the right and left ovary", "ovarian_cyst", "bilateral"),
    ],
)
def test_a_normal_side_is_not_that_of_the_finding(text: str, finding: str, side: str) -> None:
    assert [claim.laterality for claim in extract(text) if claim.finding == finding] == [side]


def test_a_swapped_side_is_shown() -> None:
    found = compare("right testis normal left hydrocele", "Normal left testis. Right hydrocele.")
    assert "critical" in {card.severity for card in found if card.kind == "laterality"}
