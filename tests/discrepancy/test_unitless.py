"""Numbers dictated without their unit are the sizes that the report writes with it; another number is still shown."""

import pytest

from dictation.discrepancy import compare


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("nodule was five now seven millimeters", "The nodule has increased from 5 mm to 7 mm."),
        ("nodule went from five to seven millimeters", "Nodule, 7 mm, previously 5 mm."),
        ("thyroid nodule left lobe one point six", "1.6 cm left thyroid nodule."),
        ("thyroid nodule left lobe sixteen", "1.6 cm left thyroid nodule."),
        ("adrenal nodule on the left one point four", "Left adrenal nodule measuring 14 mm."),
        ("mass two by three in the right upper lobe", "2 x 3 cm mass in the right upper lobe."),
        ("uterus eight by four by five", "The uterus measures 8 x 4 x 5 cm."),
        ("infrarenal triple a five point four was five point one", "Infrarenal AAA 5.4 cm (previously 5.1 cm)."),
        ("aneurysm sac five point eight was six point zero", "Aneurysm sac 5.8 cm, decreased from 6.0 cm."),
        ("main pa is thirty four millimeters no pe", "Main pulmonary artery measures 3.4 cm. No PE."),
    ],
)
def test_a_number_without_its_unit_is_the_size(heard: str, written: str) -> None:
    assert [card for card in compare(heard, written) if card.severity in ("critical", "major")] == []


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("nodule was five now seven millimeters", "The nodule has increased from 4 mm to 7 mm."),
        ("thyroid nodule left lobe one point six", "1.9 cm left thyroid nodule."),
        ("thyroid nodule left lobe one point six", "1.6 mm left thyroid nodule."),
        ("mass two by three in the right upper lobe", "2 x 4 cm mass in the right upper lobe."),
        ("triple a six point two", "AAA measuring 2.6 cm."),
        ("one nodule in the right upper lobe", "1 cm nodule in the right upper lobe."),
        ("disc bulge at l four", "4 mm disc bulge at L4."),
        ("main pa is thirty four millimeters no pe", "Main pulmonary artery measures 4.3 cm. No PE."),
    ],
)
def test_another_number_is_shown(heard: str, written: str) -> None:
    assert {"measurement", "addition", "unit"} & {card.kind for card in compare(heard, written)}
