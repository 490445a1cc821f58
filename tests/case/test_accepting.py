"""A suggestion is in the report when somebody took it in, under that name, and out of it again when taken back."""

import pytest

from dictation.case import Case, Decision, review_dictation
from dictation.case.accepting import accepted, accepted_again, taken_back
from dictation.discrepancy.inference import DEFAULT_KINDS
from dictation.errors import UsageError
from dictation.exam import ExamFacts
from dictation.imaging import Study
from tests.models.local_chat import LocalChat
from tests.report.answering import answer, said, writer_at
from tests.report.dictated import dictated

DICTATION = dictated("Small left pleural effusion.", ("impression", "Small right pleural effusion."))
WRITTEN = [
    said("findings: Pleura", ["s1"], "Small left pleural effusion."),
    said("findings: Bones and soft tissues", [], "Acute rib fracture."),
    said("impression", ["s2"], "Small right pleural effusion."),
]
CHEST = Study("1", (), ExamFacts(modality="DX", body_part="CHEST"))
READER = "Dr. Example"


@pytest.fixture(scope="module")
def case() -> Case:
    with LocalChat(answer(*WRITTEN)) as server:
        return review_dictation(DICTATION, writer=writer_at(server), study=CHEST)


def suggestion(case: Case):
    [statement] = [s for s in case.report.statements if "rib fracture" in s.text]
    return statement


def test_an_accepted_suggestion_is_in_the_text_and_says_who_took_it_in(case):
    after = accepted(case, suggestion(case).id, READER, DEFAULT_KINDS)
    assert "rib fracture" not in case.report.text and "Acute rib fracture." in after.report.text
    assert (suggestion(after).origin, suggestion(after).accepted_by) == ("typed", READER)
    assert [s.text for s in after.report.statements] == [s.text for s in case.report.statements]
    for difference in after.discrepancies:
        if difference.written and difference.written.span:
            start, end = difference.written.span
            assert after.report.text[start:end] == difference.written.text


def test_what_is_taken_back_is_as_before(case):
    name = suggestion(case).id
    assert taken_back(accepted(case, name, READER, DEFAULT_KINDS), name, DEFAULT_KINDS) == case


def test_decisions_stay_with_the_differences_that_are_still_there(case):
    day = "2026-01-01T00:00:00Z"
    ids = [difference.id for difference in case.discrepancies]
    decisions = tuple(Decision(discrepancy_id=one, action="dismiss", by=READER, at=day) for one in ids)
    assert decisions
    settled = case.model_copy(update={"decisions": decisions})
    after = accepted(settled, suggestion(case).id, READER, DEFAULT_KINDS)
    assert after.decisions == decisions


def test_a_report_that_is_written_anew_keeps_what_was_accepted_and_suggested_again(case):
    before = accepted(case, suggestion(case).id, READER, DEFAULT_KINDS)
    assert accepted_again(case, before, DEFAULT_KINDS).report == before.report
    assert accepted_again(case, case, DEFAULT_KINDS) == case


@pytest.mark.parametrize("change", [lambda c, n: accepted(c, n, READER, ()), lambda c, n: taken_back(c, n, ())])
@pytest.mark.parametrize("name", ["r1", "nothing"])
def test_only_suggestions_are_accepted_and_only_what_was_accepted_is_taken_back(case, change, name):
    with pytest.raises(UsageError):
        change(case, name)
