"""Is the order still that of the patient of whom the case speaks? Orders come again beneath an open page.

What was said, recorded or shown belongs to the patient whom the order named then: that one is kept with the draft, and
an order that names another is asked about until a person has signed over it.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from dictation.case.draft import Draft
from dictation.discrepancy.identity import differing_between
from dictation.errors import UsageError
from dictation.exam import ExamFacts, Order, Patient
from dictation.frozen import Frozen
from dictation.persons import same_number
from dictation.wording.typed import LONGEST_TEXT

NO_PATIENT, NO_EXAM = "No patient selected", "no exam"  # where none is named
# the ids of what is asked at a signature
ANOTHER_PATIENT, CANCELLED, SIGNED, UNIDENTIFIED = "order-patient", "order-cancelled", "order-signed", "identity"


class Resent(Frozen):
    """What the information system sent of a case's orders since: their `status`, "" without any from there.

    `orders` are those that the draft does not hold, as the report was signed before they came. `signed_elsewhere`:
    this case has no signed report, and another one of the same accession number has.
    """

    status: Literal["", "active", "changed", "cancelled"] = ""
    orders: tuple[Order, ...] = ()
    signed_elsewhere: bool = False


NOTHING_RESENT = Resent()


def refuse_long(order: Order) -> None:
    """Raise UsageError for an order with a longer text than a case has: all of it is read with each change there."""
    texts = (*order, *(("prior report", prior.text) for prior in order.priors))
    for name, value in texts:
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            what = name.replace("_", " ")
            raise UsageError(
                f"The {what} of the order has {len(value):,} characters, at most {LONGEST_TEXT:,} are read; shorten it."
            )


def with_patient(draft: Draft) -> Draft:
    """The draft with the patient to whom it belongs: whom its order names as soon as there is something in it.

    A later order that may be of the same patient adds to it; one of another changes nothing.
    """
    holds = draft.pad.text.strip() or draft.takes or draft.images or draft.readings or draft.pasted or draft.compared
    if not draft.orders or not (holds or draft.belongs_to):
        return draft
    known, named = draft.belongs_to or Patient(), draft.orders[0].patient
    if not _is_named(named) or _are_two(known, named):
        return draft
    stated = {name: getattr(named, name) or getattr(known, name) for name in Patient.model_fields}
    return draft.model_copy(update={"belongs_to": Patient(**stated)})


def confirmed(draft: Draft) -> Draft:
    """The draft as that of the patient whom its order names now, as a person has signed it so."""
    return with_patient(draft.model_copy(update={"belongs_to": None}))


def patients(draft: Draft, resent: Resent) -> tuple[Patient, Patient] | None:
    """The patient to whom a case belongs and the one whom an order names now; None where they may be the same."""
    before = draft.belongs_to or (draft.orders[0].patient if draft.orders else None)
    if before is None:
        return None
    for order in (*draft.orders[:1], *resent.orders):
        if _are_two(before, order.patient):
            return before, order.patient
    return None


def questions(draft: Draft, resent: Resent) -> Iterator[tuple[str, str]]:
    """Yield what is to be asked of the order, each with its id: another patient, a cancelled exam, a signed one."""
    if two := patients(draft, resent):
        before, now = map(identity_line, two)
        text = f"The order now names another patient: {now}. This case was begun for: {before}. Check whose it is."
        yield ANOTHER_PATIENT, text
    if resent.status == "cancelled":
        yield CANCELLED, "The order of this exam was cancelled."
    if resent.signed_elsewhere:
        yield SIGNED, "Another case with this accession number has a signed report: add to that one (W, then A)."


def unidentified(draft: Draft, facts: ExamFacts | None) -> str:
    """What no order and no image header names, in a sentence: the patient, the exam, or both; "" where both are named.

    A modality alone is no exam.
    """
    patients_ = (*(order.patient for order in draft.orders), *([facts.patient] if facts else []))
    exams: list[Order | ExamFacts] = [*draft.orders, *([facts] if facts else [])]
    missing = "" if any(map(_is_named, patients_)) else NO_PATIENT
    if not any(one.accession or one.procedure or one.body_part for one in exams):
        missing = f"{missing}, {NO_EXAM}" if missing else "No exam selected"
    return missing and f"{missing}."


def sentences(draft: Draft, resent: Resent) -> Sequence[str]:
    """What is to be asked of the order, for the banner and for notices."""
    return [text for _, text in questions(draft, resent)]


def identity_line(patient: Patient) -> str:
    """A patient in one line: name, sex, birth date, number, as far as stated."""
    born, number = patient.birth_date, patient.patient_id
    shown = (patient.name, patient.sex, f"born {born}" if born else "", f"ID {number}" if number else "")
    return " · ".join(part for part in shown if part) or NO_PATIENT


def _are_two(one: Patient, other: Patient) -> bool:
    """Whether two statements may be of two patients: not where number and birth date agree, whatever the spelling."""
    are_stated = one.patient_id.strip() and other.patient_id.strip() and one.birth_date and other.birth_date
    agree = same_number(one.patient_id, other.patient_id) and one.birth_date == other.birth_date
    return not (are_stated and agree) and bool(differing_between(one, other))


def _is_named(patient: Patient) -> bool:
    return bool(patient.patient_id or patient.name or patient.birth_date)
