"""What the page is told about signing: what stands in the way, who and what would be signed, the text to copy.

It is state, told anew whenever it changes, so that a clean case is signed without asking the server first.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, get_args

from dictation.case.addendum import with_unsigned, words_of
from dictation.case.case import Case
from dictation.case.communicating import methods, open_results
from dictation.case.draft import Draft, ReportEdit
from dictation.case.ordered import NO_EXAM, NOTHING_RESENT, Resent, identity_line
from dictation.case.signing import Blocker, blockers, is_final, reasons_for
from dictation.case.version import Role, Version, identity_reason
from dictation.discrepancy import Discrepancy, claims_of_report
from dictation.discrepancy.relation import distance, is_negative
from dictation.errors import UsageError
from dictation.exam import ExamFacts, Order, Patient, of_exams
from dictation.exchange.clean_text import State, clean_text
from dictation.findings import Claim
from dictation.findings.body_sides import side_of_body
from dictation.findings.exam_match import facts_of_exam
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.report import Report
from dictation.report.report import Section
from dictation.review.missing import told_left_out
from dictation.review.resolving import ways
from dictation.wording.typed_over import typed_over_critical


def sign_message(
    draft: Draft,
    case: Case | None,
    report: Report,
    *,
    signer: str,
    role: Role,
    unfit: Sequence[ReportEdit] = (),
    unheard_s: float = 0.0,
    versions: Sequence[Version] = (),
    by: str = "",
    resent: Resent = NOTHING_RESENT,
    gave_way: Sequence[str] = (),
    vocabulary: Vocabulary = EMPTY_VOCABULARY,
) -> dict[str, Any]:
    """Return the message `sign`. `case` is the last comparison, `report` the report as it stands now.

    `signer` is the name that is offered; `unfit`, `unheard_s`, `resent`, `gave_way` and `vocabulary` as for `blockers`;
    `versions` oldest first.
    """
    final = is_final(versions)
    adds = final and bool(draft.addendum.strip())
    found = blockers(
        case, draft, role, report=report, unfit=unfit, unheard_s=unheard_s, is_final=final, by=by, resent=resent,
        gave_way=gave_way, vocabulary=vocabulary,
    )  # fmt: skip
    order = draft.orders[0] if draft.orders else Order()
    facts = facts_of_exam(of_exams(draft.orders), case.facts if case else None) or ExamFacts()
    return {
        "kind": "sign",
        "case": draft.id,
        "blockers": [blocker_message(one) for one in found],
        "as": "addendum" if adds else "preliminary" if role == "resident" else "final",
        "state": versions[-1].state if versions else "draft",
        "addendum": draft.addendum,
        "signer": signer,
        "role": role,
        "patient": _patient(order, facts),
        "exam": order.procedure or facts.procedure or NO_EXAM,
        "side": order.laterality or facts.laterality or "",
        "said_sides": _sides(report),
        "typed_over": [{"said": said, "typed": typed} for said, typed in typed_over_critical(case.dictation)]
        if case
        else [],
        "left_out": told_left_out(draft.left_out),
        "needs_communication": bool(left := open_results(case) if case is not None else ()),
        "results": [{"id": one.id, "says": _words(one)} for one in left],
        "reasons": [{"key": key, "reason": reason} for key, reason in reasons_for(found)],
        "methods": [{"key": key, "method": method} for key, method in methods()],
        "clean": clean_message(report, versions, is_changing=not final, addendum=draft.addendum),
    }


def blocker_message(blocker: Blocker) -> dict[str, Any]:
    """Return what the page is told of one thing that keeps a report from being signed."""
    two = blocker.wordings
    return {
        "kind": blocker.kind,
        "text": blocker.text,
        "discrepancy": blocker.discrepancy_id,
        "may_override": blocker.may_override,
        "reasons": [key for key, _ in reasons_for([blocker])],
        "ways": [way.model_dump() for way in ways(blocker)],
        "word": blocker.word
        and blocker.word.model_dump(include={"text", "statement", "recording", "start_s", "end_s"}),
        "says": two.other.text if two is not None and two.other is not None else "",
    }


def clean_message(
    report: Report, versions: Sequence[Version] = (), *, is_changing: bool = True, addendum: str = ""
) -> dict[str, Any]:
    """Return the text to copy, whole and by section, with a warning where a character has no plain form.

    It is the last signed text, or where the report was changed since then, or was never signed, the unsigned one. A
    section of an addended report comes with all addenda. `addendum` is the reason for one that is being made, in
    `report`: what it says so far stands behind the signed text.
    """
    last = versions[-1] if versions else None
    state: State
    unidentified = ""
    if last is not None and addendum.strip() and (words := words_of(report)):
        number = 1 + sum(version.state == "addended" for version in versions)
        text, state = with_unsigned(last.text, words, number=number, reason=addendum), "addending"
    elif last is not None and (not is_changing or last.text == report.signed_text):
        text, state, unidentified = last.text, last.state, identity_reason(last)
    else:
        text, state = report.signed_text, "draft"
    whole = clean_text(text, state, unidentified=unidentified)
    sections = {}
    for name in get_args(Section):
        with suppress(UsageError):  # a section that says nothing is not offered
            shown = f"{name} and the addenda" if state in ("addending", "addended") else name
            sections[shown] = clean_text(text, state, section=name).text
    return {"text": whole.text, "warning": whole.warning, "sections": sections}


def _words(result: Discrepancy) -> str:
    """A critical result in the words of the text that states it."""
    side = result.written or result.heard
    return side.text if side else result.explanation


def _patient(order: Order, facts: ExamFacts) -> str:
    stated = [order.patient, facts.patient]
    return identity_line(
        Patient(**{name: v for p in reversed(stated) for name in Patient.model_fields if (v := getattr(p, name))})
    )


def _sides(report: Report) -> list[str]:
    """The sides of the body in the impression, and those of findings that it does not tell.

    Without an impression all sides. A "leftward shift" or the left ventricle is on no side of the exam.
    """
    claims = [claim for claim in claims_of_report(report) if side_of_body(claim, report.text)]
    if not report.impression:
        return sorted({str(claim.laterality) for claim in claims})
    told = [claim for claim in claims if claim.section == "impression"]
    untold = [claim for claim in claims if claim.section == "findings" and not is_negative(claim)]
    untold = [claim for claim in untold if not any(_tells_side(one, claim) for one in told)]
    return sorted({str(claim.laterality) for claim in (*told, *untold)})


def _tells_side(claim: Claim, other: Claim) -> bool:
    """Whether a claim tells the other's side of its finding: both effusions are told by "bilateral effusions"."""
    return distance(claim.finding, other.finding) is not None and claim.laterality in (other.laterality, "bilateral")
