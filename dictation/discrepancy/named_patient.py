"""Whom a text names, by the labels of a report's header ("Patient: …", "MRN: …", "DOB: …"), against who was ordered.

A report that was pasted or lies beside the wrong dictation often says so itself. Only what follows a label and a colon
counts: a spoken number or name may be misheard. The explanation names the fields that differ, never their contents.
"""

import re
from collections.abc import Iterator
from functools import cache

from dictation.discrepancy.discrepancy import Discrepancy, discrepancy_id
from dictation.discrepancy.identity import differing_between, in_words
from dictation.exam import ExamFacts, Order, Patient
from dictation.lexicon.english import is_name, is_ordinary
from dictation.lexicon.persons import labels
from dictation.persons import same_number
from dictation.report.dates import any_date, notations

_OF_EARLIER = re.compile(r"^[^\S\n]*(?:comparisons?|priors?|previous)\b[^\n]*", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_NAME = 5  # words


def other_patient(text: str, column: str, order: Order | None, facts: ExamFacts | None) -> list[Discrepancy]:
    """Return one critical `patient` alert where a text names another patient than the order, or the image without one.

    `column` is what the text is called ("report"). What one side does not state contradicts nothing.
    """
    source = order if order is not None else facts
    if source is None:
        return []
    text = _OF_EARLIER.sub("", text)  # whose accession numbers are not of this exam
    stated = Patient(name=next(_names(text), ""), patient_id=_number(text, "patient_number"))
    differing = differing_between(stated, source.patient)
    if not same_number(_number(text, "accession"), source.accession):
        differing.append("accession number")
    births = [found["value"] for found in _labelled("birth").finditer(text)]
    born = "|".join(notations(source.patient.birth_date)) if source.patient.birth_date else ""
    if births and born and not any(re.fullmatch(born, birth, re.IGNORECASE) for birth in births):
        differing.append("birth date")
    if not differing:
        return []
    name = "order" if order is not None else "image"
    explanation = f"The {column} names another patient or exam than the {name}: {in_words(differing)}."
    id = discrepancy_id("patient", column, *differing)
    return [Discrepancy(id=id, kind="patient", severity="critical", explanation=explanation)]


def _number(text: str, kind: str) -> str:
    found = _labelled(kind).search(text)
    return found["value"] if found else ""


def _names(text: str) -> Iterator[str]:
    """What is written as a name behind a label of one: "Patient: male" and "Patient: cough" name nobody."""
    for found in _labelled("named").finditer(text):
        name = _name_ends().split(found["value"])[0].strip(" ,.-")
        parts = _WORD.findall(name)
        is_one = any(is_name(part) or not is_ordinary(part.lower()) for part in parts)
        is_written_so = all(part[0].isupper() for part in parts if len(part) > len("von"))
        if 1 < len(parts) <= _LONGEST_NAME and is_one and is_written_so:
            yield name


@cache
def _name_ends() -> re.Pattern[str]:
    """What ends a name on its line: a mark, a number, or the next label."""
    return re.compile(rf"[;|/()\[\]]|\s{{2,}}|\b(?:{labels('label', 'birth')}|male|female)\b|,?\s*\d", re.IGNORECASE)


@cache
def _labelled(kind: str) -> re.Pattern[str]:
    value, mark = {
        "named": (r"[^\W\d_][^\n]{0,80}", ":"),
        "birth": (any_date(), ":?"),
        "patient_number": (r"(?=[A-Za-z.-]{0,6}\d)[\w./-]{1,40}", "[:#=]"),
        "accession": (r"(?=[A-Za-z.-]{0,6}\d)[\w./-]{1,40}", "[:#=]"),
    }[kind]
    return re.compile(rf"(?<!\w)(?:{labels(kind)})\s{{0,2}}{mark}\s{{0,3}}(?P<value>{value})", re.IGNORECASE)
