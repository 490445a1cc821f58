"""Where the written side of an alert is held right, what else the report says against it is shown."""

import pytest

from dictation.case.case import Decision
from dictation.case.composing import composed
from dictation.discrepancy.inference import DEFAULT_KINDS
from dictation.report import parse_report
from tests.case.signed_case import DOCTOR, NOW, case_of, draft, with_report

PAIRS = [
    (
        "Findings: Small left pleural effusion. Heart size is normal. Impression: Small left pleural effusion.",
        "Findings: Small right pleural effusion. Heart size is normal. Impression: Small left pleural effusion.",
    ),
    (
        "Findings: Displaced fracture of the left fifth rib. Impression: Displaced fracture of the left fifth rib.",
        "Findings: There is no fracture of the left fifth rib. Impression: Displaced fracture of the left fifth rib.",
    ),
    (
        "Findings: 8 mm nodule in the left upper lobe. Impression: 8 mm nodule in the left upper lobe.",
        "Findings: 18 mm nodule in the left upper lobe. Impression: 8 mm nodule in the left upper lobe.",
    ),
]


def decided(one, action):
    return Decision(discrepancy_id=one.id, action=action, reason="Dictation was wrong.", by=DOCTOR, at=NOW)


@pytest.mark.parametrize(("said", "written"), PAIRS)
@pytest.mark.parametrize("action", ["take_written", "dismiss"])
def test_what_then_contradicts_itself_is_a_new_alert(said: str, written: str, action: str) -> None:
    base = with_report(case_of(said), parse_report(written))
    before = composed(base, draft(), DEFAULT_KINDS).case
    assert before.discrepancies and "contradiction" not in {one.kind for one in before.discrepancies}
    decisions = tuple(decided(one, action) for one in before.discrepancies)
    after = composed(base, draft(decisions=decisions), DEFAULT_KINDS).case
    [new] = [one for one in after.discrepancies if one.kind == "contradiction"]
    assert new.severity in ("critical", "major")
    again = composed(base, draft(decisions=(*decisions, decided(new, "dismiss"))), DEFAULT_KINDS).case
    assert [one.id for one in again.discrepancies] == [one.id for one in after.discrepancies], "settled, and not again"


@pytest.mark.parametrize(("said", "written"), PAIRS)
def test_while_the_alert_is_open_it_is_told_once(said: str, written: str) -> None:
    base = with_report(case_of(said), parse_report(written))
    assert "contradiction" not in {one.kind for one in composed(base, draft(), DEFAULT_KINDS).case.discrepancies}


def test_a_report_that_agrees_with_itself_draws_nothing_more() -> None:
    said = PAIRS[0][0]
    base = with_report(case_of(said), parse_report(said.replace("left", "right")))
    before = composed(base, draft(), DEFAULT_KINDS).case
    decisions = tuple(decided(one, "take_written") for one in before.discrepancies)
    after = composed(base, draft(decisions=decisions), DEFAULT_KINDS).case
    assert [one.id for one in after.discrepancies] == [one.id for one in before.discrepancies]
