"""Two wordings of one sentence: a person's, and the report's that came since. A person chooses; neither is lost.

A wording is laid over the report by the sentence that it was for (`editing`). Where that sentence reads otherwise by
now, or is gone, nobody but a person can tell which wording counts.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from dictation.case.draft import ReportEdit, SetAside
from dictation.case.editing import counterpart, edit_id, rewording, without
from dictation.errors import UsageError
from dictation.frozen import Frozen
from dictation.report import Report, Statement

Choice = Literal["mine", "both", "report"]


class Wordings(Frozen):
    """A person's wording that fits no statement any more, and the statement that stands in its place, None for none."""

    edit: ReportEdit
    other: Statement | None = None

    @property
    def id(self) -> str:
        """The id of the edit."""
        return edit_id(self.edit)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What may be chosen: a wording that the report has already is not put in again."""
        if self.other is None:
            return ("mine", "report")
        if self.other.text == self.edit.after:
            return ("report",)
        return ("mine", "report", "both") if self.edit.after else ("mine", "report")


def wordings(report: Report, unfit: Sequence[ReportEdit]) -> tuple[Wordings, ...]:
    """Return what is to be chosen of `report`, the report as it is shown; `unfit` as `laid_over` handed it back."""
    return tuple(Wordings(edit=edit, other=counterpart(report.statements, edit)) for edit in unfit)


def chosen(
    report: Report, edits: Sequence[ReportEdit], two: Wordings, choice: Choice, by: str, at: datetime
) -> tuple[tuple[ReportEdit, ...], SetAside]:
    """Return the edits of a report after a choice between two wordings, and what is kept of both.

    Raises UsageError for a choice that there is not.
    """
    if choice not in two.choices:
        raise UsageError("There is no such choice between these two wordings; look at them again.")
    edit, other = two.edit, two.other
    kept = without(edits, edit)
    if choice == "mine" and other is not None:
        kept += (rewording(report, other, edit.after, by, at, edit.taken_from),)
    elif choice != "report":
        added = ReportEdit(
            section=edit.section, organ=edit.organ, after=edit.after, by=by, at=at, taken_from=edit.taken_from
        )
        kept += (added,)
    return kept, SetAside(edit=edit, reports=other.text if other else "", chosen=choice, by=by, at=at)
