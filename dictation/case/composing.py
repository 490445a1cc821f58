"""A case as it stands: what its engines made of it, with everything that people decided and wrote laid over it."""

import hashlib
from collections.abc import Collection, Sequence

from dictation.case.accepting import take_in
from dictation.case.case import Case
from dictation.case.communicating import CRITICAL_RESULT, told_before, told_of_now
from dictation.case.draft import Draft, ReportEdit
from dictation.case.editing import laid_over, puts_in
from dictation.case.settled import is_settled_again
from dictation.case.version import Version
from dictation.discrepancy import Discrepancy, compare, other_study
from dictation.discrepancy.amending import amendments
from dictation.discrepancy.columns import Column, heard_column, written_column
from dictation.discrepancy.consistency import contradictions
from dictation.discrepancy.discrepancy import touches
from dictation.discrepancy.inference import StatedResult, is_among, to_be_told, when_told
from dictation.discrepancy.ranking import ranked
from dictation.discrepancy.template_normals import template_normals
from dictation.exam import of_exams
from dictation.frozen import Frozen
from dictation.report import Report, Template
from dictation.report.fields import Field, unfilled, without_fields
from dictation.report.fields_ordered import filled_with_order
from dictation.wording.pad import Pad


class Composed(Frozen):
    """A case as it stands, the fields of its report, and the edits that fit it no more.

    `results` are the critical results of which nobody was told, by the id of their alert; `told_of` as for a draft.
    """

    case: Case
    fields: tuple[Field, ...] = ()
    unfit: tuple[ReportEdit, ...] = ()
    results: dict[str, StatedResult] = {}
    told_of: dict[str, tuple[StatedResult, ...]] = {}


def composed(
    base: Case, draft: Draft, kinds: Collection[str], signed: Sequence[Version] = (), template: Template | None = None
) -> Composed:
    """Return the case with a draft's accepted suggestions, edits, fields and decisions, its columns compared anew.

    `base` is the case as its engines made it; `kinds` as for `review_dictation`; `signed` the signed versions that this
    one is an addendum to, oldest first: who was told of a result in one of them is not asked for it again; `template`
    the one chosen for it. Decisions on differences that are not found any more are left out of the case; the draft
    keeps them.
    """
    filled, fields = filled_with_order(take_in(base.report, draft.accepted), draft.fields, draft.orders)
    report, unfit = laid_over(filled, draft.edits)
    order = of_exams(draft.orders)
    found = compare(base.dictation, report, base.readings, order=order, facts=base.facts, kinds=kinds)
    found = [one for one in found if not _is_of_accepted(one, report, draft.edits)]
    found = [one for one in found if not is_settled_again(one, base.dictation, report, draft.edits)]
    found += other_study(base.readings, draft.orders, base.facts, base.studies)
    columns = heard_column(without_fields(base.dictation)), written_column(without_fields(report))
    settled = {one.discrepancy_id for one in draft.decisions if one.action in ("take_written", "dismiss")}
    found += _left_by_decisions(found, settled, columns[1])
    amended = amendments([one.case.report for one in signed], report) if signed else []
    claims = [(one.written and one.written.claim, one.against and one.against.claim) for one in amended]
    changed = [(new, old) for new, old in claims if new and old]
    sentences, stated = when_told(*columns, order, base.facts, changed)
    told_of = told_of_now(sentences, stated, draft.told_of, draft.communications, draft.edits)
    asked = to_be_told(*columns, order, base.facts, told_of, changed)
    before = told_before(signed)
    asked = {result: one for result, one in asked.items() if not is_among(before, result)}
    if "communication" not in kinds:  # the alert is switched off; whoever signs answers all the same
        asked = {result: one.model_copy(update={"severity": "info"}) for result, one in asked.items()}
    results = {one.id: result for result, one in asked.items()}
    normals = template_normals(base.dictation, report, template, order)
    others = (one for one in found if one.kind != CRITICAL_RESULT)
    found = ranked([*others, *asked.values(), *normals, *amended])
    ids = {difference.id for difference in found}
    case = base.model_copy(
        update={
            "orders": draft.orders,
            "report": report,
            "discrepancies": tuple(found),
            "decisions": tuple(one for one in draft.decisions if one.discrepancy_id in ids),
        }
    )
    left = _left(fields, filled, report)
    return Composed(case=case, fields=left, unfit=unfit, results=results, told_of=told_of)


def _left_by_decisions(found: Sequence[Discrepancy], settled: Collection[str], wrote: Column) -> list[Discrepancy]:
    """What the report says against itself, and no card says any more: those that spoke of its words are settled.

    Where the written side was held right, another sentence of the report may still say what was dictated.
    """
    if not settled:
        return []
    ids = {one.id for one in found}
    left = [one for one in contradictions(heard_column(""), wrote, ()) if one.id not in ids]
    of = {one.id: {card.id for card in found if _speak_alike(card, one)} for one in left}
    return [one for one in left if of[one.id] and of[one.id] <= {*settled}]


def _speak_alike(card: Discrepancy, own: Discrepancy) -> bool:
    """Whether a card is about words of the report that contradict each other."""
    spans = [side.span for side in (own.written, own.against) if side and side.span]
    return bool(card.written) and any(touches(card.written, *span) for span in spans)


def _is_of_accepted(one: Discrepancy, report: Report, edits: Sequence[ReportEdit]) -> bool:
    """Whether a card says that words were added which somebody took in from a card, or chose, and nobody changed since.

    What the statement said before that is not accepted with them.
    """
    if one.kind != "addition" or one.seen is not None or one.written is None or one.written.span is None:
        return False
    low, high = one.written.span
    for statement in report.statements:
        start, end = report.spans.get(statement.id, (0, 0))
        words = report.text[max(low, start) : min(high, end)]
        if words and any(puts_in(edit, statement, words) for edit in edits):
            return True
    return False


def _left(fields: tuple[Field, ...], filled: Report, report: Report) -> tuple[Field, ...]:
    """The fields of a report that was edited since: those of statements that nobody edited, and new ones."""
    before = {statement.id: statement.text for statement in filled.statements}
    same = {one.id for one in report.statements if before.get(one.id) == one.text}
    return (*(f for f in fields if f.statement in same), *(f for f in unfilled(report) if f.statement not in same))


def basis_of(draft: Draft, pad: Pad) -> str:
    """Return the hash of all that a comparison rests on. Images count by name: none is made before they are read."""
    parts = draft.model_dump_json(include={"orders", "images", "readings", "template", "pasted", "organs"})
    return hashlib.sha256(f"{parts}{pad.dictation.text}".encode()).hexdigest()
