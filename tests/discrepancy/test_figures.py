"""A number that belongs to no size is copied, too, whatever its unit; and two sizes keep their sides."""

import pytest

from dictation.discrepancy import Discrepancy, compare


def weighty(heard: str, written: str) -> list[Discrepancy]:
    return [card for card in compare(heard, written) if card.severity in ("critical", "major")]


@pytest.mark.parametrize(
    ("heard", "written", "kind"),
    [
        ("Heart rate of the fetus is 138 beats per minute.", "Fetal heart rate 183 bpm.", "measurement"),
        ("Fetal heart rate one thirty eight.", "FHR 183.", "measurement"),
        ("Fetal heart rate one oh five.", "Fetal heart rate 150 bpm.", "measurement"),
        (
            "Intrauterine pregnancy of nine weeks and two days.",
            "Intrauterine pregnancy, 9 weeks 5 days.",
            "measurement",
        ),
        ("EFW 2100 grams.", "Estimated fetal weight 1200 g.", "measurement"),
        ("Growth at the 12th percentile.", "Growth on the 72nd centile.", "measurement"),
        ("ABI 0.9 on the right.", "Right ankle brachial index 0.4.", "measurement"),
        ("PSA is 6.2.", "PSA 2.6.", "measurement"),
        ("Bone age of 9 years.", "Bone age of 11 years.", "measurement"),
        ("12 mCi of FDG were given.", "120 mCi of FDG were given.", "measurement"),
        ("Peak velocity 90 centimeters per second.", "Peak velocity 90 m/s.", "unit"),
        ("Valve area of 1.4 square centimeters.", "Valve area of 1.4 mm².", "unit"),
    ],
)
def test_another_number_is_a_card(heard: str, written: str, kind: str) -> None:
    for one, two in ((heard, written), (written, heard)):
        assert [card.kind for card in weighty(one, two)] == [kind], (one, two)


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Fetal heart rate one thirty eight beats per minute.", "FHR 138 bpm."),
        ("Fetal heart rate one oh five.", "Fetal heart rate 105 bpm."),
        ("Intrauterine pregnancy of nine weeks and two days.", "Intrauterine pregnancy, 9w2d."),
        ("Gestational age nine weeks two days.", "GA 9+2 weeks."),
        ("Estimated fetal weight two thousand one hundred grams, twelfth percentile.", "EFW 2,100 g (12th centile)."),
        ("Bone age nine years six months.", "Bone age 9.5 years."),
        ("Peak velocity zero point nine meters per second.", "Peak velocity 90 cm/s."),
        ("Nodule since CT three months ago.", "Nodule since CT of 12 August 2026."),
        ("Discussed with the surgeon at 1435 hours.", "Discussed with the surgeon at 14:35 hours."),
        ("Image forty of series three shows a nodule.", "Nodule (series 3, image 40)."),
    ],
)
def test_the_same_number_in_another_form_is_no_card(heard: str, written: str) -> None:
    assert weighty(heard, written) == []


def test_the_dictated_number_is_offered() -> None:
    (card,) = weighty("Fetal heart rate 138 bpm. No effusion.", "No effusion. Fetal heart rate 183 bpm.")
    assert card.suggestion == "Fetal heart rate 138 bpm"


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Left kidney 9.1 cm, right kidney 11.3 cm.", "Left kidney 11.3 cm, right kidney 9.1 cm."),
        ("Left testis measures 14 mL. Right testis measures 17 mL.", "Right testis measures 14 mL, left 17 mL."),
        ("ABI 0.92 on the right, 0.61 on the left.", "ABI: right 0.61, left 0.92."),
        ("Angle of 59 degrees on the left and 64 degrees on the right.", "Right 59 degrees, left 64 degrees."),
    ],
)
def test_numbers_that_change_sides_are_one_critical_card(heard: str, written: str) -> None:
    assert [(card.kind, card.severity) for card in weighty(heard, written)] == [("laterality", "critical")]


def test_numbers_told_in_another_order_keep_their_sides() -> None:
    assert weighty("ABI 0.92 on the right, 0.61 on the left.", "ABI: left 0.61, right 0.92.") == []
    assert weighty("Left kidney 9.1 cm, right kidney 11.3 cm.", "Kidneys: 11.3 cm on the right, 9.1 on the left.") == []


@pytest.mark.parametrize(("unit", "kinds"), [("cm2", []), ("cm²", []), ("cm", ["unit"]), ("mm2", ["unit"])])
def test_a_squared_unit_may_be_written_without_a_raised_figure(unit, kinds):
    cards = compare("The aortic valve area is 1.2 square centimeters.", f"The aortic valve area is 1.2 {unit}.")
    assert [card.kind for card in cards] == kinds
