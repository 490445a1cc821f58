"""A case as it stands: what its engines made of it, with everything that people decided and wrote laid over it."""

import hashlib
from collections.abc import Collection, Sequence

from dictation.case.accepting import take_in
from dictation.case.case import Case
from dictation.case.draft import Draft, ReportEdit
from dictation.case.editing import laid_over
from dictation.discrepancy import compare
from dictation.discrepancy.amending import amendments
from dictation.discrepancy.ranking import ranked
from dictation.exam import of_exams
from dictation.frozen import Frozen
from dictation.report import Report
from dictation.report.fields import Field, filled_report, unfilled
from dictation.wording.pad import Pad


class Composed(Frozen):
    """A case as it stands, the fields of its report, and the edits that fit it no more."""

    case: Case
    fields: tuple[Field, ...] = ()
    unfit: tuple[ReportEdit, ...] = ()


def composed(base: Case, draft: Draft, kinds: Collection[str], signed: Sequence[Report] = ()) -> Composed:
    """Return the case with a draft's accepted suggestions, edits, fields and decisions, its columns compared anew.

    `base` is the case as its engines made it; `kinds` as for `review_dictation`; `signed` the signed reports that this
    one is an addendum to, oldest first. Decisions on differences that are not
    found any more are left out of the case; the draft keeps them.
    """
    filled, fields = filled_report(take_in(base.report, draft.accepted), draft.fields)
    report, unfit = laid_over(filled, draft.edits)
    order = of_exams(draft.orders)
    found = compare(base.dictation, report, base.readings, order=order, facts=base.facts, kinds=kinds)
    if signed:
        found = ranked([*found, *amendments(signed, report)])
    ids = {difference.id for difference in found}
    case = base.model_copy(
        update={
            "orders": draft.orders,
            "report": report,
            "discrepancies": tuple(found),
            "decisions": tuple(one for one in draft.decisions if one.discrepancy_id in ids),
        }
    )
    return Composed(case=case, fields=_left(fields, filled, report), unfit=unfit)


def _left(fields: tuple[Field, ...], filled: Report, report: Report) -> tuple[Field, ...]:
    """The fields of a report that was edited since: those of statements that nobody edited, and new ones."""
    before = {statement.id: statement.text for statement in filled.statements}
    same = {one.id for one in report.statements if before.get(one.id) == one.text}
    return (*(f for f in fields if f.statement in same), *(f for f in unfilled(report) if f.statement not in same))


def basis_of(draft: Draft, pad: Pad) -> str:
    """Return the hash of all that a comparison rests on. Images count by name: none is made before they are read."""
    parts = draft.model_dump_json(include={"orders", "images", "readings", "template", "pasted"})
    return hashlib.sha256(f"{parts}{pad.dictation.text}".encode()).hexdigest()
