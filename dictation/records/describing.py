"""What the worklist shows of a case, taken from its draft: who, what, how urgent, whether somebody was told."""

from typing import Any, Literal

from dictation.case.draft import Draft
from dictation.exam import ExamFacts, Order
from dictation.records.text import searchable, short

Priority = Literal["stat", "high", "medium", "routine", "low"]  # DICOM PS3.3 C.4.11, (0040,1003)
RANK = {"stat": 3, "high": 2, "medium": 1, "routine": 1, "low": 0}
CRITICAL_KINDS = ("critical_result", "communication")  # both say that nobody was told yet
_SHOWN = ("accession", "procedure", "modality", "body_part")


def urgency(state: str, priority: str) -> int:
    """Where the case stands in the worklist, higher first: work that is to be done, by its priority; then the rest."""
    return 1 + RANK[priority] if state in ("draft", "preliminary") else 0


def exam_columns(orders: tuple[Order, ...], facts: ExamFacts | None) -> dict[str, str]:
    """Who and what: as the first order says, else as the image header does; with the text that is searched."""
    order, header = orders[0] if orders else Order(), facts or ExamFacts()
    columns = {name: short(getattr(order, name) or getattr(header, name)) for name in _SHOWN}
    columns["name"] = short(order.name or header.patient.name)
    columns["patient_id"] = short(order.patient_id or header.patient.patient_id)
    return {**columns, "search": searchable(*columns.values(), *(other.accession for other in orders[1:]))}


def draft_columns(draft: Draft) -> dict[str, Any]:
    """Whether something was dictated, is critical, and was communicated."""
    found = draft.compared.discrepancies if draft.compared is not None else ()
    dismissed = {decision.discrepancy_id for decision in draft.decisions if decision.action == "dismiss"}
    is_untold = any(one.kind in CRITICAL_KINDS and one.id not in dismissed for one in found)
    return {
        "is_critical": is_untold or bool(draft.communications),
        "is_communicated": bool(draft.communications),
        "is_dictated": bool(draft.takes or draft.pasted or draft.pad.pieces),
    }


def header_facts(draft: Draft) -> ExamFacts | None:
    """The facts that the last comparison had from the image header."""
    return draft.compared.facts if draft.compared is not None else None
