"""A wrong level is told whatever it is the level of, also where both levels stand elsewhere in both texts."""

import pytest

from dictation.discrepancy import compare

HEARD = (
    "retropulsion at t eleven measures eleven millimeters right nerve root enhancement at l two l three is probably"
    " postoperative the anterior epidural collection at l two l three has decreased no significant canal stenosis"
)
WRITTEN = (
    "Retropulsion at T11 measures 11 mm. Right nerve root enhancement at {} is probably postoperative. The anterior"
    " epidural collection at {} has decreased. No significant canal stenosis."
)


@pytest.mark.parametrize("levels", [("L1-L2", "L2-L3"), ("L2-L3", "L3-L4")])
def test_one_of_two_equal_levels_that_is_another_is_critical(levels):
    [alert] = [one for one in compare(HEARD, WRITTEN.format(*levels)) if one.kind == "level"]
    assert alert.severity == "critical" and (set(levels) - {"L2-L3"}).pop() in alert.written.text


def test_levels_in_another_order_and_one_said_twice_draw_no_alert():
    assert compare(HEARD, WRITTEN.format("L2-L3", "L2-L3")) == []
    heard = "Nerve sheath tumour at L2. Clumping of roots at L3. Again the tumour at L2 is benign."
    for written in (
        "Clumping of roots at L3. Nerve sheath tumour at L2. Again the tumour at L2 is benign.",
        "Nerve sheath tumour at L2, benign. Clumping of roots at L3.",
    ):
        assert [one for one in compare(heard, written) if one.kind == "level"] == []
