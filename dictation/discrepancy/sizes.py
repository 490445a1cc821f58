"""Every number dictated must stand in the report, and no other may, whichever finding it belongs to."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import product

from dictation.discrepancy import severity
from dictation.discrepancy.alike import statement_of
from dictation.discrepancy.cards import Card
from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import SEVERITIES, Kind, Severity
from dictation.discrepancy.measures import covers, is_tenfold, is_unit_swap, values_of
from dictation.discrepancy.relation import distance
from dictation.discrepancy.unitless import is_said_bare
from dictation.findings import Claim, Measurement

Sized = tuple[Claim, Measurement]


def with_sizes(told: Sequence[Card], heard: Column, written: Column) -> list[Card]:
    """The cards, with those for numbers of one column that the other lacks. `told` already speak of some claims.

    Where a finding is told as missing, or as added, and its number is the one that was changed, the two are one finding
    with another number.
    """
    cards = list(told)
    lost, added = _lost_and_added(heard, written)
    open_lost, open_added = Counter(map(_key, lost)), Counter(map(_key, added))
    telling = _by_claim(cards)
    pairs = [
        (far, number, one, two)
        for number, (one, two) in enumerate(product(lost, added))
        if (far := _likeness(*one, *two)) is not None
    ]
    for _, _, one, two in sorted(pairs, key=lambda pair: pair[:2]):
        if not open_lost[_key(one)] or not open_added[_key(two)]:
            continue
        (claim, size), (other, other_size) = one, two
        of_them = [*telling[claim.id], *telling[other.id]]
        if of_them and not (all(map(_is_lone, of_them)) and _may_be_one(claim, other)):
            continue
        lost.remove(one)
        added.remove(two)
        open_lost[_key(one)] -= 1
        open_added[_key(two)] -= 1
        kind: Kind = "unit" if is_unit_swap(size, other_size) else "measurement"
        weight = min(
            (severity.of_size(size, other_size, kind), *(card.severity for card in of_them)), key=SEVERITIES.index
        )
        cards = [card for card in cards if card not in of_them]
        cards.append(Card(kind, weight, claim, other, is_joined=bool(of_them)))
        telling = _by_claim(cards)
    told_ids = {claim.id for card in cards for claim in card.claims}
    cards += [
        Card("measurement", _alone(claim), claim, None, size=size) for claim, size in lost if claim.id not in told_ids
    ]
    cards += [
        Card("measurement", _alone(claim), None, claim, size=size) for claim, size in added if claim.id not in told_ids
    ]
    return cards


def _lost_and_added(heard: Column, written: Column) -> tuple[list[Sized], list[Sized]]:
    """Dictated sizes that the report has nowhere, and written ones that nobody dictated."""
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
    return lost, added


def _key(sized: Sized) -> tuple[str, Measurement]:
    claim, size = sized
    return claim.id, size


def _by_claim(cards: Sequence[Card]) -> dict[str, list[Card]]:
    """Id of a claim → the cards that tell of it."""
    found: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        for claim in card.claims:
            found[claim.id].append(card)
    return found


def _is_lone(card: Card) -> bool:
    """Whether the card tells of one claim that the other column lacks, and of nothing else."""
    return card.kind in ("omission", "addition") and len(card.claims) == 1 and not card.also


def _may_be_one(claim: Claim, other: Claim) -> bool:
    """Whether two claims may be one finding in other words: they are of one kind, or have a word in common."""
    if claim.status != other.status or (claim.laterality and other.laterality and claim.laterality != other.laterality):
        return False
    if distance(claim.finding, other.finding) is not None:
        return True
    is_unknown = any(one.finding.startswith("other") for one in (claim, other))
    return is_unknown and bool(statement_of(claim.text).words & statement_of(other.text).words)


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
