"""A suggestion is in the report when somebody took it in, under that name, and out of it again when taken back."""

import pytest

from dictation.case import Case, Decision, review_dictation
from dictation.case.accepting import suggestion, take_in
from dictation.case.composing import composed
from dictation.case.draft import Draft
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
DRAFT = Draft(id="0" * 32)


@pytest.fixture(scope="module")
def case() -> Case:
    with LocalChat(answer(*WRITTEN)) as server:
        return review_dictation(DICTATION, writer=writer_at(server), study=CHEST)


def suggested(case: Case):
    [statement] = [s for s in case.report.statements if "rib fracture" in s.text]
    return statement


def with_accepted(case: Case, **more) -> Case:
    accepted = (suggestion(case.report, suggested(case).id, READER),)
    return composed(case, DRAFT.model_copy(update={"accepted": accepted, **more}), DEFAULT_KINDS).case


def test_an_accepted_suggestion_is_in_the_text_and_says_who_took_it_in(case):
    after = with_accepted(case)
    assert "rib fracture" not in case.report.text and "Acute rib fracture." in after.report.text
    assert (suggested(after).origin, suggested(after).accepted_by) == ("typed", READER)
    assert [s.text for s in after.report.statements] == [s.text for s in case.report.statements]
    for difference in after.discrepancies:
        if difference.written and difference.written.span:
            start, end = difference.written.span
            assert after.report.text[start:end] == difference.written.text


def test_decisions_stay_with_the_differences_that_are_still_there(case):
    day = "2026-01-01T00:00:00Z"
    ids = [difference.id for difference in case.discrepancies]
    decisions = tuple(Decision(discrepancy_id=one, action="dismiss", by=READER, at=day) for one in (*ids, "gone"))
    assert ids
    assert with_accepted(case, decisions=decisions).decisions == decisions[:-1]


def test_what_is_suggested_again_is_taken_in_again_and_what_is_not_is_left_out(case):
    accepted = (suggestion(case.report, suggested(case).id, READER),)
    renumbered = type(case.report)(
        **{
            name: tuple(s.model_copy(update={"id": f"{s.id}9"}) for s in getattr(case.report, name))
            for name in ("findings", "impression")
        }
    )
    assert "Acute rib fracture." in take_in(renumbered, accepted).text
    other = accepted[0].model_copy(update={"text": "Old rib fracture."})
    assert take_in(case.report, (other,)) == case.report


def test_only_a_suggestion_is_accepted(case):
    dictated_one = next(s for s in case.report.statements if s.origin == "dictated")
    for name in (dictated_one.id, "r99"):
        with pytest.raises(UsageError, match="suggest"):
            suggestion(case.report, name, READER)
