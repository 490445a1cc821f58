"""The texts against the prior reports that came with the order: the date compared with, and the size compared with.

The order may bring only some of the priors, so a date that resembles none of them is a minor card; one that differs
from a prior in a single part (day, month or year) is a slip, and one after the exam is impossible: both are major.
Dates of operations and the like are no comparison.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_words
from dictation.discrepancy.discrepancy import Discrepancy, Severity
from dictation.discrepancy.inference.evidence import Span, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.discrepancy.priors import Day, PriorDate, dates_in, prior_differences
from dictation.exam import Prior
from dictation.findings import Claim, Measurement, extract
from dictation.findings.exam_words import exam_of_text

_TITLE_CHARACTERS = 160  # of a prior report, which name its exam
_COMPARED = re.compile(
    r"\bcompar|\b(?:prior|previous|earlier) (?:[\w-]+ ){0,4}(?:of|from|dated|on)\b"
    r"|\b(?:unchanged|stable|similar)\b.{0,40}?\b(?:from|to|since)\b",
    re.IGNORECASE,
)
_NO_EXAM = re.compile(r"\b(?:surg|operat|resect|diagnos|injur|trauma|status post|s/p|therap|treatment)", re.IGNORECASE)
_ROUNDING_MM = 1.0  # "previously 5 mm" of a 5.4 mm nodule
_CHANGE_MM = 2.0  # growth, Fleischner Society 2017
_CHANGE_SHARE = 0.2


def prior_date(inquiry: Inquiry) -> list[Discrepancy]:
    """A date of comparison that is none of the priors': one card for each date."""
    priors = [prior.date for prior in inquiry.order.priors] if inquiry.order else []
    if not priors:
        return []
    told = _told(prior_differences(inquiry.heard, inquiry.written))
    named = [(column, found) for column in (inquiry.heard, inquiry.written) for found in _compared(column, inquiry)]
    days = [*priors, *([inquiry.performed] if inquiry.performed else [])]
    matched = {day for day in days for _, found in named if _parts_apart(found, day) == 0}
    wrong: dict[tuple[Day, ...], list[Span | None]] = {}
    for column, found in named:
        if (column.name, (found.start, found.end)) in told or any(_parts_apart(found, day) == 0 for day in days):
            continue
        spans = wrong.setdefault(found.days, [None, None])
        place = 0 if column.name == "heard" else 1
        spans[place] = spans[place] or (found.start, found.end)
    cards = (_date_card(inquiry, read, spans, priors, matched) for read, spans in wrong.items())
    return [card for card in cards if card is not None]


def _told(found: list[Discrepancy]) -> set[tuple[str, Span | None]]:
    sides = (("heard", card.heard) for card in found), (("written", card.written) for card in found)
    return {(name, side.span) for pairs in sides for name, side in pairs if side}


def _compared(column: Column, inquiry: Inquiry) -> Iterator[PriorDate]:
    """The dates of exams that the text compares with, but for exams of another modality than all priors given."""
    priors = inquiry.order.priors if inquiry.order else ()
    given = [exam_of_text(prior.text[:_TITLE_CHARACTERS]).modality for prior in priors]
    for sentence in column.sentences:
        text = column.text[sentence.start : sentence.end]
        if sentence.section == "comparison" or (_COMPARED.search(text) and not _NO_EXAM.search(text)):
            named = exam_of_text(text).modality
            if not named or any(not modality or named & modality for modality in given):
                yield from dates_in(column.text, sentence.start, sentence.end)


def _date_card(
    inquiry: Inquiry, read: tuple[Day, ...], spans: list[Span | None], priors: list[date], matched: set[date]
) -> Discrepancy | None:
    """None where the text also names a prior that was given: then it knows of more priors than the order brought."""
    free = [day for day in sorted(priors, reverse=True) if day not in matched]
    is_whole = all(None not in day for day in read)
    near = next((day for day in free if is_whole and _parts_apart(PriorDate(read, 0, 0), day) == 1), None)
    is_future = inquiry.performed is not None and all(_is_after(day, inquiry.performed) for day in read)
    if matched and near is None and not is_future:
        return None
    column, span = (inquiry.written, spans[1]) if spans[1] else (inquiry.heard, spans[0])
    assert span is not None
    why = "no prior that came with the order has this date"
    if is_future:
        why = "this is after the exam"
    elif near:
        why = f"the prior that came with the order is of {near}"
    text = f"The text compares with {column.text[span[0] : span[1]]}; {why}."
    severity: Severity = "major" if near or is_future else "minor"
    heard, written = (inquiry.heard, spans[0]), (inquiry.written, spans[1])
    correction = of_words(near.isoformat(), spans[1], inquiry.written) if near and spans[1] else None
    return card("prior", severity, "order-date", text, heard, written, correction)


def _parts_apart(found: PriorDate, day: date) -> int:
    """How many of year, month and day differ; of two ways to read the date the nearer one counts."""
    whole = (day.year, day.month, day.day)
    return min(sum(a is not None and a != b for a, b in zip(read, whole, strict=True)) for read in found.days)


def _is_after(day: Day, performed: date) -> bool:
    parts = [part for part in day if part is not None]
    return tuple(parts) > (performed.year, performed.month, performed.day)[: len(parts)]


@lru_cache(maxsize=64)
def _claims(text: str) -> tuple[Claim, ...]:
    return tuple(claim for claim in extract(text, "order") if claim.status == "present" and _sizes(claim, "current"))


def prior_size(inquiry: Inquiry) -> list[Discrepancy]:
    """ "Unchanged", "larger" or "previously 5 mm", where no prior report gives a size that goes with it: major."""
    priors = sorted(inquiry.order.priors, key=lambda prior: prior.date, reverse=True) if inquiry.order else []
    if not priors:
        return []
    said, wrote = (list(_other_sizes(column, priors)) for column in (inquiry.heard, inquiry.written))
    found = []
    for claim, text in wrote:
        same = next((one for one, other in said if other == text), None)
        span = same.span if same else None
        found.append(card("prior", "major", "order-size", text, (inquiry.heard, span), (inquiry.written, claim.span)))
    told = {text for _, text in wrote}
    for claim, text in said:
        if text not in told:
            found.append(
                card("prior", "major", "order-size", text, (inquiry.heard, claim.span), (inquiry.written, None))
            )
    return found


def _other_sizes(column: Column, priors: list[Prior]) -> Iterator[tuple[Claim, str]]:
    for claim in column.claims:
        if not column.is_body(claim) or claim.status != "present" or claim.temporality != "current":
            continue
        now, before = _sizes(claim, "current"), _sizes(claim, "historical")
        if not before and not (now and claim.change in ("stable", "increased", "decreased")):
            continue
        described = [
            (prior, old) for prior in priors for other in _same(claim, prior) for old in _sizes(other, "current")
        ]
        if not described or any(_agrees(claim, now, before, _largest(old)) for _, old in described):
            continue
        prior, old = described[0]
        stated = f"previously {before[0].raw}" if before else f"{claim.change} at {now[0].raw}"
        yield claim, f"The text says {stated}; the prior report of {prior.date} says {old.raw}."


def _same(claim: Claim, prior: Prior) -> list[Claim]:
    """What the prior says of the same finding at the same place; nothing where the place is not sure."""
    found = [
        other
        for other in _claims(prior.text)
        if other.finding == claim.finding
        and (claim.laterality is None or other.laterality in (None, claim.laterality))
        and (not other.site or not claim.site or set(other.site) & set(claim.site))
    ]
    return found if claim.laterality or claim.site or len(found) == 1 else []


def _agrees(claim: Claim, now: list[Measurement], before: list[Measurement], old: float) -> bool:
    if before:
        return any(abs(_largest(size) - old) <= _ROUNDING_MM for size in before)
    size = max(_largest(one) for one in now)
    is_same = abs(size - old) < _CHANGE_MM or abs(size - old) <= _CHANGE_SHARE * max(size, old)
    if claim.change == "stable" or is_same:
        return is_same
    return size > old if claim.change == "increased" else size < old


def _largest(size: Measurement) -> float:
    return max(size.values_mm)


def _sizes(claim: Claim, when: str) -> list[Measurement]:
    """Sizes with a unit: a bare number may be part of a date ("unchanged from 1/15/2024")."""
    return [
        size
        for size in claim.measurements
        if size.kind == "size" and size.temporality == when and size.raw[-1:].isalpha()
    ]
