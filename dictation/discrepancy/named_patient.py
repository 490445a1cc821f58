"""Whom a text names, by the labels of a report's header ("Patient: …", "MRN: …", "DOB: …"), against who was ordered.

A report that was pasted or lies beside the wrong dictation often says so itself. Only what follows a label and a colon
counts: a spoken number or name may be misheard. The explanation names the fields that differ, never their contents.
"""

import re
from collections.abc import Iterator
from functools import cache

from dictation.discrepancy.discrepancy import Discrepancy, discrepancy_id
from dictation.discrepancy.identity import differing_between
from dictation.exam import ExamFacts, Order, Patient
from dictation.lexicon import rows
from dictation.lexicon.english import is_name, is_ordinary
from dictation.persons import same_number
from dictation.report.dates import any_date, notations

_OF_PATIENT = (
    "medical record",
    "mrn",
    "hospital",
    "patient",
    "nhs",
    "id",
)  # what begins a label of the patient's number
_OF_EARLIER = re.compile(r"^[^\S\n]*(?:comparisons?|priors?|previous)\b[^\n]*", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+")


def other_patient(text: str, column: str, order: Order | None, facts: ExamFacts | None) -> list[Discrepancy]:
    """Return one critical `patient` alert where a text names another patient than the order, or the image without one.

    `column` is what the text is called ("report"). What one side does not state contradicts nothing.
    """
    if order is None and facts is None:
        return []
    patient = order.patient if order is not None else facts.patient if facts is not None else Patient()
    examined = order.accession if order is not None else facts.accession if facts is not None else ""
    text = _OF_EARLIER.sub("", text)
    stated, accession = _stated(text)
    differing = differing_between(stated, patient)
    if not same_number(accession, examined):
        differing.append("accession number")
    births = {found.group("value") for found in _birth().finditer(text)}
    if births and patient.birth_date and not any(_is_day(value, patient) for value in births):
        differing.append("birth date")
    if not differing:
        return []
    named = " and ".join([", ".join(differing[:-1]), differing[-1]] if len(differing) > 1 else differing)
    source = "order" if order is not None else "image"
    explanation = f"The {column} names another patient or exam than the {source}: {named}."
    id = discrepancy_id("patient", column, *differing)
    return [Discrepancy(id=id, kind="patient", severity="critical", explanation=explanation)]


def _stated(text: str) -> tuple[Patient, str]:
    """The patient whom a text names after labels, and the accession number; empty where nothing is named."""
    number = accession = ""
    for found in _number().finditer(text):
        label = found.group("label").lower()
        if label.startswith("accession"):
            accession = accession or found.group("value")
        elif label.startswith(_OF_PATIENT):
            number = number or found.group("value")
    return Patient(name=next(_names(text), ""), patient_id=number), accession


def _names(text: str) -> Iterator[str]:
    for found in _named().finditer(text):
        name = _END_OF_NAME.split(found.group("value"))[0].strip(" ,.-")
        parts = _WORD.findall(name)
        is_one = any(is_name(part) or not is_ordinary(part.lower()) for part in parts)
        if len(parts) > 1 and len(parts) <= 5 and is_one and all(part[0].isupper() for part in parts if len(part) > 3):
            yield name


_END_OF_NAME = re.compile(
    r"[;|/()\[\]]|\s{2,}|\b(?:id|mrn|dob|born|age|aged|sex|male|female|date|accession)\b|,?\s*\d", re.IGNORECASE
)


def _is_day(value: str, patient: Patient) -> bool:
    assert patient.birth_date is not None
    return any(re.fullmatch(pattern, value, re.IGNORECASE) for pattern in notations(patient.birth_date))


def _labels(kind: str) -> str:
    words = [word for row in rows("identity_labels") if row["kind"] == kind for word in row["words"].split(" | ")]
    return "|".join(re.escape(word).replace(r"\ ", r"\s{1,2}") for word in sorted(words, key=len, reverse=True))


@cache
def _number() -> re.Pattern[str]:
    value = r"(?P<value>(?=[A-Za-z.-]{0,6}\d)[\w./-]{1,40})"
    return re.compile(rf"(?<!\w)(?P<label>{_labels('number')})\s{{0,2}}[:#=]\s{{0,3}}{value}", re.IGNORECASE)


@cache
def _named() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{_labels('named')})\s{{0,2}}:\s{{0,3}}(?P<value>[^\W\d_][^\n]{{0,80}})", re.IGNORECASE
    )


@cache
def _birth() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_labels('birth')})\s{{0,2}}:?\s{{0,3}}(?P<value>{any_date()})", re.IGNORECASE)
