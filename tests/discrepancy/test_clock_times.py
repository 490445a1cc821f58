"""Times of day: one that was said must stand in the report, and no other; half of a day is nobody's slip."""

import pytest

from dictation.discrepancy import compare


def cards(heard: str, written: str) -> list[str]:
    return [card.explanation for card in compare(heard, written) if card.explanation.endswith("(time).")]


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        (
            "Groin puncture at ten forty two, recanalization at eleven thirteen.",
            "Puncture 10:42, recanalization 11:31.",
        ),
        ("Dr. Example called at 14:20.", "Discussed with Dr. Example at 14:02."),
        ("called at three oh five", "Called at 3:50."),
    ],
)
def test_another_time_is_shown(heard: str, written: str):
    assert len(cards(heard, written)) == 1


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Dr. Example called at 14:20.", "Discussed with Dr. Example at 2:20 pm."),
        ("called at three oh five", "Called at 3:05."),
        ("Mass at 3:00 position.", "Mass at 3 o'clock."),
        ("nodule twelve by thirteen millimeters", "12 x 13 mm nodule at 4:00."),
    ],
)
def test_the_same_time_in_another_form_is_not(heard: str, written: str):
    assert cards(heard, written) == []


def test_a_time_in_figures_is_corrected():
    (card,) = (card for card in compare("Called at 14:20.", "Called at 14:02.") if card.kind == "measurement")
    assert card.suggestion == "Called at 14:20"
