"""A critical result is told to somebody, and the report says so: with that its card is settled."""

from datetime import timedelta, timezone

import pytest

from dictation.case.case import Decision
from dictation.case.communicating import (
    communicated,
    communication_edit,
    communication_statement,
    methods,
    open_results,
)
from dictation.discrepancy import compare
from dictation.discrepancy.inference import INFERENCE_KINDS
from dictation.errors import UsageError
from tests.case.signed_case import DOCTOR, NOW, ORDER, card, case_of, sign, with_edits

CRITICAL = "Findings: Large right pneumothorax. Impression: Large right pneumothorax."


def told(**fields):
    given = {"person": "Dr. M. Example", "at": NOW, "method": "telephone", "read_back": True, "now": NOW, **fields}
    return communicated(**given)


def test_the_statement_says_whom_how_when_and_that_it_was_read_back():
    assert communication_statement(told()) == (
        "Discussed with Dr. M. Example by telephone on 2026-11-25 at 14:05; read back and confirmed."
    )
    assert communication_statement(told(read_back=False)).endswith("at 14:05.")


def test_the_time_is_that_of_the_clock_on_the_wall():
    at = NOW.astimezone(timezone(timedelta(hours=2)))
    assert "on 2026-11-25 at 16:05" in communication_statement(told(at=at))


@pytest.mark.parametrize("method", [method for _, method in methods()])
@pytest.mark.parametrize("read_back", [True, False])
def test_every_method_settles_the_card(method, read_back):
    case = case_of(CRITICAL)
    assert open_results(case) and card(case, "critical_result").severity == "minor"
    edit = communication_edit(told(method=method, read_back=read_back), DOCTOR, NOW)
    after = with_edits(case, edit)
    assert not open_results(after)
    assert {one.severity for one in after.discrepancies} <= {"info"}
    statement = after.report.impression[-1]
    assert (statement.text, statement.origin, statement.evidence) == (edit.after, "typed", ())
    both = compare(after.dictation, after.report, order=ORDER, kinds=INFERENCE_KINDS)
    assert "critical_result" not in {one.kind for one in both}


def test_an_ordinary_report_and_a_dismissed_card_need_no_communication():
    assert not open_results(case_of())
    case = case_of(CRITICAL)
    decision = Decision(discrepancy_id=card(case, "critical_result").id, action="dismiss", by=DOCTOR, at=NOW)
    assert open_results(case.model_copy(update={"decisions": (decision,)})), "without a reason"
    decision = decision.model_copy(update={"reason": "Not critical in this patient"})
    assert not open_results(case.model_copy(update={"decisions": (decision,)}))


def test_whoever_was_told_is_in_the_version():
    one = told()
    case = with_edits(case_of(CRITICAL), communication_edit(one, DOCTOR, NOW))
    assert sign(case, communications=(one,)).communications == (one,)


@pytest.mark.parametrize(
    "wrong",
    [{"person": " "}, {"person": "12"}, {"person": "x" * 200}, {"person": "a\x00b"}, {"method": "pigeon"},
     {"at": NOW + timedelta(hours=1)}, {"at": NOW.replace(tzinfo=None)}],
)  # fmt: skip
def test_fields_that_are_not_complete_are_refused(wrong):
    with pytest.raises(UsageError):
        told(**wrong)


def test_a_method_that_is_listed_no_more_is_named():
    with pytest.raises(UsageError, match="fax"):
        communication_statement(told().model_copy(update={"method": "fax"}))
