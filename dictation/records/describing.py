"""What the worklist shows of a case, taken from its draft: who, what, how urgent, whether somebody was told."""

from collections.abc import Sequence
from typing import Any, Literal

from dictation.case.case import Case, Decision
from dictation.case.draft import Communication, Draft
from dictation.case.version import Version
from dictation.discrepancy import Discrepancy
from dictation.exam import ExamFacts, Order, of_exams
from dictation.findings.exam_match import facts_of_exam
from dictation.records.text import searchable, short

Priority = Literal["stat", "high", "medium", "routine", "low"]  # DICOM PS3.3 C.4.11, (0040,1003)
RANK = {"stat": 3, "high": 2, "medium": 1, "routine": 1, "low": 0}
CRITICAL_KINDS = ("critical_result", "communication")  # both say that nobody was told yet
_SHOWN = ("accession", "procedure", "modality", "body_part")
STATED = (*_SHOWN, "name", "patient_id")  # columns of a case that say what its first order says, as they are searched


def urgency(state: str, priority: str) -> int:
    """Where the case stands in the worklist, higher first: work that is to be done, by its priority; then the rest."""
    return 1 + RANK[priority] if state in ("draft", "preliminary") else 0


def exam_columns(orders: tuple[Order, ...], facts: ExamFacts | None) -> dict[str, str]:
    """Who and what: as the first order says, else as the image header does; with the text that is searched."""
    order, header = orders[0] if orders else Order(), facts_of_exam(of_exams(orders), facts) or ExamFacts()
    columns = {name: short(getattr(order, name) or getattr(header, name)) for name in _SHOWN}
    columns["name"] = short(order.name or header.patient.name)
    columns["patient_id"] = short(order.patient_id or header.patient.patient_id)
    return {**columns, "search": searchable(*columns.values(), *(other.accession for other in orders[1:]))}


def draft_columns(draft: Draft, signed: Sequence[Version] = ()) -> dict[str, Any]:
    """Whether something was dictated, is critical, and was communicated.

    `signed` are the versions of a final report, the first one first: what they left untold stays so until somebody is
    told, whatever an addendum says. A communication answers for what was left untold before; what its own text states
    beyond it has an alert.
    """
    texts: list[tuple[Case | None, set[str], tuple[Communication, ...]]] = [
        (one.case, _dismissed(one.case.decisions) | {over.discrepancy_id for over in one.overrides}, one.communications)
        for one in signed
    ]
    if draft.addendum or not signed:
        texts.append((draft.compared, _dismissed(draft.decisions), draft.communications))
    is_critical, untold = False, list[Discrepancy]()
    for case, answered, communications in texts:
        untold = [one for one in untold if not _is_told(one, communications)] + _critical(case, answered)
        is_critical = is_critical or bool(untold or communications)
    return {
        "is_critical": is_critical,
        "is_communicated": is_critical and not untold,
        "is_dictated": bool(draft.takes or draft.pasted or draft.pad.pieces),
    }


def _dismissed(decisions: Sequence[Decision]) -> set[str]:
    return {decision.discrepancy_id for decision in decisions if decision.action == "dismiss"}


def _critical(case: Case | None, answered: set[str]) -> list[Discrepancy]:
    """The critical results that were found, that nobody dismissed or signed over with a reason."""
    found = case.discrepancies if case is not None else ()
    return [one for one in found if one.kind in CRITICAL_KINDS and one.id not in answered]


def _is_told(one: Discrepancy, communications: Sequence[Communication]) -> bool:
    """Whether a result that an earlier text left untold was told: by name, or by one that names none."""
    return any(
        not told.results or any(f"({of.label})" in one.explanation for of in told.results) for told in communications
    )


def header_facts(draft: Draft) -> ExamFacts | None:
    """The facts that the last comparison had from the image header."""
    return draft.compared.facts if draft.compared is not None else None


def given_facts(draft: Draft) -> ExamFacts | None:
    """What is kept of the headers of images that a page gave and nothing was compared with yet."""
    return ExamFacts(accession=draft.image_accession) if draft.image_accession else None
