"""The sex of the patient: in the order, in the first line of a report, in words for organs."""

import random
import re
from collections.abc import Iterator

from benchmarks.discrepancy.case import Edit
from benchmarks.discrepancy.report import Report
from benchmarks.discrepancy.vocabulary import rows, starts_with_capital_of

OTHER = {"M": "F", "F": "M"}
_COMPLAINTS = ("cough", "chest pain", "fever", "shortness of breath", "weight loss", "trauma")
_WORDS = {"M": ("male", "man"), "F": ("female", "woman")}


def with_patient(report: Report, seed: int) -> tuple[Report, str]:
    """The report and the sex of its patient; one that does not name it gets a first line that does."""
    if report.sex:
        return report, report.sex
    chance = random.Random(f"{seed}/patient/{report.id}")
    sex = _told(report) or chance.choice("MF")
    line = (
        f"History: {chance.randrange(20, 90)}-year-old {chance.choice(_WORDS[sex])} with {chance.choice(_COMPLAINTS)}."
    )
    said = Report(report.id, report.origin, report.region, (line, *report.findings), report.impression, sex)
    return said, sex


def _told(report: Report) -> str | None:
    """The sex that organs or operations in a text speak for."""
    if report.region == "breast" or re.search(r"\b(?:breast|mastect|hyster|uter|ovar)", report.text, re.IGNORECASE):
        return "F"
    return "M" if re.search(r"\b(?:prostat|testi[cs]|gynecomast)", report.text, re.IGNORECASE) else None


def sexed(sentence: str) -> Iterator[Edit]:
    """Words of the other sex in the place of words of one."""
    for old, new in rows("sexes"):
        for match in re.finditer(old, sentence, re.IGNORECASE):
            yield Edit(*match.span(), starts_with_capital_of(match[0], new))
