"""heard × written × seen → ranked Discrepancies."""

from collections.abc import Sequence

from dictation.discrepancy.cards import cards_of, finished
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.consistency import contradictions
from dictation.discrepancy.discrepancy import SEVERITIES, Discrepancy
from dictation.discrepancy.identity import identity
from dictation.discrepancy.ordered import order_differences
from dictation.discrepancy.priors import prior_differences
from dictation.discrepancy.scores import score_differences
from dictation.discrepancy.seen import seen_differences, with_seen
from dictation.discrepancy.sizes import size_cards
from dictation.discrepancy.support import check
from dictation.discrepancy.unread import unread_differences
from dictation.exam import ExamFacts, Order
from dictation.reading import Reading
from dictation.report import Report
from dictation.wording import Dictation

# Which kind of a severity comes first: what concerns the whole report, then what is least often a false alarm.
_FIRST = ("patient", "sex", "exam", "laterality", "negation", "unit", "measurement", "level", "omission", "addition")


def compare(
    heard: Dictation | str,
    written: Report | str,
    seen: Sequence[Reading] = (),
    *,
    order: Order | None = None,
    facts: ExamFacts | None = None,
) -> list[Discrepancy]:
    """Return what differs, the weightiest first (severity, then kind, then place in the text).

    Spans are characters [start, end) of exactly the texts given (`Dictation.text`, `Report.text`). Ids are unique and
    equal when the same texts are compared again.
    """
    said, wrote = heard_column(heard), written_column(written)
    cards = cards_of(check(said, wrote), said, wrote)
    cards += size_cards(said, wrote, cards)
    found = [finished(card, said, wrote) for card in cards]
    found += contradictions(said, wrote, cards)
    found += unread_differences(said, wrote)
    found += score_differences(said, wrote)
    found += prior_differences(said, wrote)
    found = with_seen(found, seen_differences(seen, said, wrote))
    found += order_differences(order, facts, said, wrote)
    if order is not None and facts is not None:
        found += identity(order, facts)
    return ranked(found)


def ranked(discrepancies: Sequence[Discrepancy]) -> list[Discrepancy]:
    """In order of severity, kind, a reader's probability and place; each id once."""
    unique = {discrepancy.id: discrepancy for discrepancy in reversed(discrepancies)}
    return sorted(unique.values(), key=_rank)


def _rank(discrepancy: Discrepancy) -> tuple[int, int, float, int, str]:
    sides = [side.span[0] for side in (discrepancy.heard, discrepancy.written) if side and side.span]
    return (
        SEVERITIES.index(discrepancy.severity),
        _FIRST.index(discrepancy.kind) if discrepancy.kind in _FIRST else len(_FIRST),
        -(discrepancy.probability or 0.0),
        sides[0] if sides else 0,
        discrepancy.id,
    )
