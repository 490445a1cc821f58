"""Figures without a unit, signs, and letters with a figure that are no level."""

import pytest

from dictation.findings import extract


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Splenomegaly of one forty five millimeters.", (145.0,)),
        ("Multiple two thirty millimeter cysts.", (30.0,)),
        ("Adenopathy of station seven, twelve millimeters.", (12.0,)),
        ("Adenopathy of station seven twelve millimeters.", (12.0,)),
        ("Cysts of five ten millimeters.", (10.0,)),
        ("Adrenal nodule of minus 10 Hounsfield units.", (-10.0,)),
        ("Adrenal nodule, -10 HU.", (-10.0,)),
        ("Adrenal nodule, −10 HU.", (-10.0,)),
        ("Adrenal nodule of 10 HU.", (10.0,)),
        ("Adrenal nodule, 5-10 HU.", (5.0, 10.0)),
        ("RV to LV ratio is 1.4.", (1.4,)),
        ("Mass with an SUV max of 12.", (12.0,)),
        ("Osteopenia, T-score -2.5.", (-2.5,)),
    ],
)
def test_a_figure_keeps_its_sign_and_needs_no_unit_behind_its_label(text: str, values: tuple[float, ...]) -> None:
    assert [m.values_mm for claim in extract(text) for m in claim.measurements] == [values]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("Fracture of T-12.", ("T12",)),
        ("Fracture of T12.", ("T12",)),
        ("Fractures of T11-L1.", ("T11", "T12", "L1")),
        ("T3 N2 M0 lung mass.", ()),
        ("T2 hyperintense lesion.", ()),
        ("Lesion at T2.", ("T2",)),
    ],
)
def test_a_letter_with_a_figure_is_a_level_only_where_it_is_one(text: str, levels: tuple[str, ...]) -> None:
    assert [level for claim in extract(text) for level in claim.level] == list(levels)


def test_a_nodule_of_the_adrenal_gland_is_an_adrenal_nodule() -> None:
    for text in ("9 mm nodule in the right adrenal gland.", "Right adrenal nodule, 9 mm."):
        assert [claim.finding for claim in extract(text)] == ["adrenal_nodule"]


def test_a_size_is_told_of_its_own_subject():
    """ "The right testis measures" begins anew; "it measures" goes on."""
    sizes = {
        claim.laterality: [size.values_mm for size in claim.measurements]
        for claim in extract("Left testis measures 14 mL. Right testis measures 17 mL.")
    }
    assert sizes == {"left": [(14.0,)], "right": [(17.0,)]}
