"""A model's suggestion becomes part of the report when a person takes it in, and the columns are compared anew."""

from collections.abc import Callable, Collection

from dictation.case.case import Case
from dictation.discrepancy import compare
from dictation.errors import UsageError
from dictation.report import Statement
from dictation.report.report import SECTIONS


def accepted(case: Case, statement_id: str, by: str, kinds: Collection[str]) -> Case:
    """Return the case with a suggestion in its report, taken in by `by`. Raises UsageError where it is none.

    Decisions stay with the differences that are found again. `kinds` as for `review_dictation`.
    """
    if not any(s.id == statement_id and s.origin == "suggested" for s in case.report.statements):
        raise UsageError("The page accepted something that this report does not suggest; look at it again.")
    return _changed(case, lambda s: s.id == statement_id, {"origin": "typed", "accepted_by": by}, kinds)


def taken_back(case: Case, statement_id: str, kinds: Collection[str]) -> Case:
    """Return the case with an accepted suggestion only suggested again. Raises UsageError where none was accepted."""
    if not any(s.id == statement_id and s.accepted_by for s in case.report.statements):
        raise UsageError("The page took back something that nobody accepted; look at it again.")
    return _changed(case, lambda s: s.id == statement_id, {"origin": "suggested", "accepted_by": ""}, kinds)


def accepted_again(case: Case, before: Case, kinds: Collection[str]) -> Case:
    """Return a case that was written anew, with the suggestions that were accepted `before` and are made again."""
    by = {_said(s): s.accepted_by for s in before.report.statements if s.accepted_by}
    for statement in case.report.statements:
        if statement.origin == "suggested" and _said(statement) in by:
            case = accepted(case, statement.id, by[_said(statement)], kinds)
    return case


def _said(statement: Statement) -> tuple[str, str | None, str]:
    return statement.section, statement.organ, statement.text


def _changed(case: Case, is_meant: Callable[[Statement], bool], update: dict[str, str], kinds: Collection[str]) -> Case:
    sections = {
        name: tuple(s.model_copy(update=update) if is_meant(s) else s for s in getattr(case.report, name))
        for name in SECTIONS
    }
    report = type(case.report)(**sections)
    order = case.orders[0] if case.orders else None
    found = compare(case.dictation, report, case.readings, order=order, facts=case.facts, kinds=kinds)
    ids = {difference.id for difference in found}
    decisions = tuple(decision for decision in case.decisions if decision.discrepancy_id in ids)
    return case.model_copy(update={"report": report, "discrepancies": tuple(found), "decisions": decisions})
