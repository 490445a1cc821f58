"""What only billing and registries ask: complete and limited exams, quality measures. Off by default."""

from functools import cache

from dictation.discrepancy.discrepancy import Discrepancy
from dictation.discrepancy.inference.evidence import BODY, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.findings.exam_words import innermost, overlap
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.lexicon import rows

_COMPLETE = frozenset({"complete"})
_LIMITED = frozenset({"limited"})


@cache
def _phrases(terms: str) -> Phrases[str]:
    return Phrases((term, term) for term in cell(terms))


def _missing_parts(inquiry: Inquiry) -> list[str] | None:
    """Parts of the complete exam that the text does not mention; None where the exam has no list of parts."""
    ordered, words = inquiry.ordered, inquiry.judged
    if ordered.modality != {"ultrasound"}:
        return None
    exams = innermost(ordered.region)
    parts = [row for row in rows("exam_parts") if row["exam"] in exams and row["sex"] in ("", inquiry.sex)]
    if not parts:
        return None
    return [row["part"] for row in parts if not words.hits(_phrases(row["terms"]), BODY)]


def complete_order(inquiry: Inquiry) -> list[Discrepancy]:
    """A complete exam was ordered, and the text leaves parts of it out."""
    if inquiry.ordered.extent != _COMPLETE:
        return []
    missing = _missing_parts(inquiry)
    if not missing:
        return []
    text = f"The order is for a complete exam; the text does not mention: {', '.join(missing)}."
    return [card("exam", "minor", "complete", text, (inquiry.heard, None), (inquiry.written, None))]


def limited_order(inquiry: Inquiry) -> list[Discrepancy]:
    """A limited exam was ordered, and the text describes the complete one."""
    if inquiry.ordered.extent != _LIMITED or _missing_parts(inquiry) != []:
        return []
    text = "The order is for a limited exam; the text describes all parts of a complete one."
    return [card("exam", "minor", "limited", text, (inquiry.heard, None), (inquiry.written, None))]


def quality_measures(inquiry: Inquiry) -> list[Discrepancy]:
    """Measures that apply to the exam and that the text does not meet."""
    exam, words, found = inquiry.exam, inquiry.judged, []
    for row in rows("quality_measures"):
        modality, region = cell(row["modality"]), cell(row["region"])
        if modality and not exam.modality & set(modality):
            continue
        if region and not overlap(exam.region, region):
            continue
        if row["if"] and all(hit.is_denied for hit in words.hits(_phrases(row["if"]), BODY)):
            continue
        if not words.hits(_phrases(row["needs"])):
            text = row["message"] + "."
            heard, written = (inquiry.heard, None), (inquiry.written, None)
            found.append(card("quality", "info", row["measure"], text, heard, written))
    return found
