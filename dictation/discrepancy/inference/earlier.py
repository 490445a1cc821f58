"""The texts against the prior reports that came with the order: the date compared with, and the size compared with.

The order may bring only some of the priors, so a date that resembles none of them is a minor card; one that differs
from a prior in a single part (day, month or year) is a slip, and one after the exam is impossible: both are major.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Severity
from dictation.discrepancy.inference.evidence import Span, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.discrepancy.priors import Day, PriorDate, prior_differences, priors_of
from dictation.exam import Prior
from dictation.findings import Claim, Measurement, extract

_ROUNDING_MM = 1.0  # "previously 5 mm" of a 5.4 mm nodule
_CHANGE_MM = 2.0  # growth, Fleischner Society 2017
_CHANGE_SHARE = 0.2


def prior_date(inquiry: Inquiry) -> list[Discrepancy]:
    """A date of comparison that is none of the priors': one card for each date."""
    priors = [prior.date for prior in inquiry.order.priors] if inquiry.order else []
    if not priors:
        return []
    told = {
        side.span
        for found in prior_differences(inquiry.heard, inquiry.written)
        for side in (found.heard, found.written)
        if side
    }
    wrong: dict[tuple[Day, ...], list[Span | None]] = {}
    for place, column in enumerate((inquiry.heard, inquiry.written)):
        for found in priors_of(column):
            days = [*priors, *([inquiry.performed] if inquiry.performed else [])]
            if (found.start, found.end) not in told and not any(_parts_apart(found, day) == 0 for day in days):
                spans = wrong.setdefault(found.days, [None, None])
                spans[place] = spans[place] or (found.start, found.end)
    return [_date_card(inquiry, days, spans, priors) for days, spans in wrong.items()]


def _date_card(inquiry: Inquiry, days: tuple[Day, ...], spans: list[Span | None], priors: list[date]) -> Discrepancy:
    near = next((day for day in sorted(priors, reverse=True) if _parts_apart(PriorDate(days, 0, 0), day) == 1), None)
    is_future = inquiry.performed is not None and all(_is_after(day, inquiry.performed) for day in days)
    column, span = (inquiry.written, spans[1]) if spans[1] else (inquiry.heard, spans[0])
    assert span is not None
    said = column.text[span[0] : span[1]]
    known = (
        f"the prior that came with the order is of {near}"
        if near
        else "no prior that came with the order has this date"
    )
    text = (
        f"The text compares with {said}, which is after this exam."
        if is_future
        else f"The text compares with {said}; {known}."
    )
    severity: Severity = "major" if near or is_future else "minor"
    heard, written = (inquiry.heard, spans[0]), (inquiry.written, spans[1])
    return card("prior", severity, "order-date", text, heard, written, near.isoformat() if near else None)


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
    return [size for size in claim.measurements if size.kind == "size" and size.temporality == when]
