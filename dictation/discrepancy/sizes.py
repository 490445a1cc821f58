"""Every number dictated must stand in the report, and no other may, whichever finding it belongs to."""

from collections.abc import Iterable

from dictation.discrepancy import severity
from dictation.discrepancy.cards import Card
from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Kind, Severity
from dictation.discrepancy.measures import covers, is_tenfold, is_unit_swap, values_of
from dictation.discrepancy.relation import distance
from dictation.discrepancy.unitless import is_said_bare
from dictation.findings import Claim, Measurement

Sized = tuple[Claim, Measurement]


def size_cards(heard: Column, written: Column, told: Iterable[Card]) -> list[Card]:
    """Cards for numbers of one column that the other lacks. `told` are cards that already speak of a claim."""
    told_ids = {claim.id for card in told for claim in card.claims}
    said, wrote = _sizes(heard), _sizes(written)
    equal = {_value(size) for _, size in said} & {_value(size) for _, size in wrote}
    lost = [
        part
        for part in said
        if _value(part[1]) not in equal
        and not any(_matches(part[1], other) for _, other in wrote)
        and not is_said_bare(part[1], written)
        and _was_dictated(heard, *part)
    ]
    added = [
        part
        for part in wrote
        if _value(part[1]) not in equal
        and not any(_matches(other, part[1]) for _, other in said)
        and not is_said_bare(part[1], heard)
        and _was_dictated(written, *part)
    ]
    cards: list[Card] = []
    for claim, size in list(lost):
        candidates = [part for part in added if _likeness(claim, size, *part) is not None]
        if not candidates:
            continue
        best = min(candidates, key=lambda part: _likeness(claim, size, *part) or 0.0)
        lost.remove((claim, size))
        added.remove(best)
        if claim.id in told_ids or best[0].id in told_ids:
            continue
        kind: Kind = "unit" if is_unit_swap(size, best[1]) else "measurement"
        cards.append(Card(kind, severity.of_size(size, best[1], kind), claim, best[0]))
        told_ids |= {claim.id, best[0].id}
    cards += [
        Card("measurement", _alone(claim), claim, None, size=size) for claim, size in lost if claim.id not in told_ids
    ]
    cards += [
        Card("measurement", _alone(claim), None, claim, size=size) for claim, size in added if claim.id not in told_ids
    ]
    return cards


def _was_dictated(column: Column, claim: Claim, size: Measurement) -> bool:
    """Whether the number was dictated: by its own sentence, which may follow that of its finding."""
    return column.was_dictated(column.sentence_at(size.span).id if size.span else claim.sentence)


def _alone(claim: Claim) -> Severity:
    """A size that only bounds a denial ("no nodule above 4 mm") may be left out."""
    return "minor" if claim.status == "absent" else "major"


def _sizes(column: Column) -> list[Sized]:
    return [(claim, size) for claim in column.claims if column.is_body(claim) for size in claim.measurements]


def _value(size: Measurement) -> tuple[str, tuple[float, ...]]:
    return size.kind_group, values_of(size)


def _matches(heard: Measurement, written: Measurement) -> bool:
    """Equal, or the report gives some of the dictated dimensions."""
    return heard.kind_group == written.kind_group and covers(heard, written)


def _likeness(claim: Claim, size: Measurement, other: Claim, other_size: Measurement) -> float | None:
    """How likely two different numbers are the same measurement; smaller is likelier, None impossible."""
    if size.kind_group != other_size.kind_group:
        return None
    far = distance(claim.finding, other.finding)
    score = 0.0 if far == 0 else 1.0 if far == 1 else 3.0
    score -= 0.5 * (is_unit_swap(size, other_size) or is_tenfold(size, other_size))
    score += 0.5 * (len(values_of(size)) != len(values_of(other_size)))
    score += 0.2 * (claim.laterality != other.laterality)
    return score
