"""A model's suggestion becomes part of the report when a person takes it in, and of no later one that says it not."""

from collections.abc import Sequence

from dictation.case.draft import Accepted
from dictation.errors import UsageError
from dictation.report import SECTIONS, Report, Statement


def suggestion(report: Report, statement_id: str, by: str) -> Accepted:
    """Return a suggestion of the report as accepted by `by`. Raises UsageError where it is none."""
    for statement in report.statements:
        if statement.id == statement_id and (statement.origin == "suggested" or statement.accepted_by):
            return Accepted(section=statement.section, organ=statement.organ, text=statement.text, by=by)
    raise UsageError("The page accepted something that this report does not suggest; look at it again.")


def take_in(report: Report, accepted: Sequence[Accepted]) -> Report:
    """Return the report with its accepted suggestions typed in: what nobody suggests any more is not taken in."""
    by = {(one.section, one.organ, one.text): one.by for one in accepted}
    if not by:
        return report

    def taken(statement: Statement) -> Statement:
        name = by.get((statement.section, statement.organ, statement.text), "")
        if statement.origin != "suggested" or not name:
            return statement
        return statement.model_copy(update={"origin": "typed", "accepted_by": name})

    return Report(**{name: tuple(taken(s) for s in getattr(report, name)) for name in SECTIONS})
