"""Which public recommendation speaks of a finding met by chance. It is only named: applying it is the reader's part."""

from functools import cache

from dictation.discrepancy.discrepancy import Discrepancy
from dictation.discrepancy.inference.evidence import Words, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.findings import Claim
from dictation.findings.exam_words import overlap
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows


@cache
def _unless(terms: str) -> Phrases[str]:
    return Phrases((term, term) for term in cell(terms))


def guidance(inquiry: Inquiry) -> list[Discrepancy]:
    """One card for each recommendation that fits a finding, the exam, its size and the patient's age."""
    words, found = inquiry.judged, []
    for row in rows("guidance"):
        claim = next((claim for claim in words.column.claims if _fits(row, claim, inquiry, words)), None)
        if claim is not None and not _is_excluded(row, inquiry, words):
            spans = (claim.span, None) if words.column.name == "heard" else (None, claim.span)
            text = f"A public recommendation applies: {row['recommendation']}."
            heard, written = (inquiry.heard, spans[0]), (inquiry.written, spans[1])
            found.append(card("guidance", "info", row["recommendation"], text, heard, written))
    return found


def _fits(row: dict[str, str], claim: Claim, inquiry: Inquiry, words: Words) -> bool:
    exam = inquiry.exam
    if claim.finding != row["finding"] or claim.status != "present" or not words.column.is_body(claim):
        return False
    if claim.temporality != "current" or not exam.modality & set(cell(row["modality"])):
        return False
    region = cell(row["region"])
    if region and not overlap(exam.region, region):
        return False
    if row["min_age"] and (inquiry.age_years is None or inquiry.age_years < float(row["min_age"])):
        return False
    return not (row["min_mm"] or row["max_mm"]) or _fits_size(row, claim)


def _fits_size(row: dict[str, str], claim: Claim) -> bool:
    sizes = [max(m.values_mm) for m in claim.measurements if m.kind_group == "length" and m.temporality == "current"]
    low, high = float(row["min_mm"] or 0), float(row["max_mm"] or "inf")
    return any(low <= size < high for size in sizes)


def _is_excluded(row: dict[str, str], inquiry: Inquiry, words: Words) -> bool:
    if not row["unless"]:
        return False
    unless = _unless(row["unless"])
    indication = inquiry.order.indication if inquiry.order else ""
    return any(not hit.is_denied for hit in words.hits(unless)) or bool(unless.find(tokenise(indication)))
