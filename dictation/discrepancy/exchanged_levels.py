"""A level that was said and stands nowhere in the report, which has another one that nobody said: "C5-C6" as "C4/5".

So does one that was said once more than it is written, where as many levels are written and one of them once more than
it was said. It needs no claim to be read, so that the level of any words is held against that of the report. Ranges,
which the other text may tell level by level, are left out.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, touches
from dictation.discrepancy.exchanged_sides import Span, pair_alert
from dictation.discrepancy.told_levels import disc_names
from dictation.findings.level import is_range, levels_in
from dictation.findings.tokens import tokens_of

_BODY = (None, "findings", "impression")
_DISC = 2  # levels of one
Names = frozenset[str]  # one level, both of a disc, or all of a range
Levels = Sequence[tuple[Names, Span]]


def exchanged_levels(heard: Column, written: Column, told: Iterable[Discrepancy]) -> list[Discrepancy]:
    """One critical alert where one level was lost and one is new. `told` are the alerts made already."""
    said, wrote = _levels(heard), _levels(written)
    places = _nowhere(said, wrote) or _once_more(said, wrote)
    if places is None:
        return []
    one, two = places
    grave = [card for card in told if card.severity in ("critical", "major")]
    if any(card.kind == "level" or (touches(card.heard, *one) and touches(card.written, *two)) for card in grave):
        return []
    return [pair_alert("level", heard, one, written, two)]


def _nowhere(said: Levels, wrote: Levels) -> tuple[Span, Span] | None:
    """Where the one level stands that the report has not, and the one that nobody said."""
    there, here = dict(reversed(said)), dict(reversed(wrote))  # where each first stands
    lost = [names for names in there if len(names) <= _DISC and not _is_among(names, here)]
    added = [names for names in here if len(names) <= _DISC and not _is_among(names, there)]
    if len(lost) != 1 or len(added) != 1 or not _are_alike(lost[0], added[0]):
        return None
    return there[lost[0]], here[added[0]]


def _once_more(said: Levels, wrote: Levels) -> tuple[Span, Span] | None:
    """Where one of as many levels is another in the report, though each of both stands elsewhere, too."""
    one, two = ([names for names, _ in column] for column in (said, wrote))
    lost, added = Counter(one) - Counter(two), Counter(two) - Counter(one)
    if len(one) != len(two) or lost.total() != 1 or added.total() != 1:
        return None
    (was,), (now,) = lost, added
    if max(map(len, (was, now))) > _DISC or not _are_alike(was, now):
        return None
    at = next((place for place, pair in enumerate(zip(one, two, strict=True)) if pair == (was, now)), None)
    first, second = (one.index(was), two.index(now)) if at is None else (at, at)  # else the report has another order
    return said[first][1], wrote[second][1]


def _are_alike(one: Names, two: Names) -> bool:
    return len(one) == len(two) and _region(one) == _region(two)


def _is_among(names: Names, others: Iterable[Names]) -> bool:
    """Whether the other text has a level: by itself, or in a disc or a range."""
    return any(names == other or (len(names) != len(other) and names <= other) for other in others)


def _region(names: Names) -> str:
    """Cervical, thoracic …, or that it is a rib, by the first letter."""
    return min(names)[0]


def _levels(column: Column) -> Levels:
    """The levels of a column in order, each with the characters where it stands."""
    found: list[tuple[Names, Span]] = []
    for sentence in column.sentences:
        if sentence.section not in _BODY or not column.was_dictated(sentence.id):
            continue
        text = column.text[sentence.start : sentence.end]
        tokens = tokens_of(text)
        for level in levels_in(tokens):
            span = sentence.start + tokens[level.start].start, sentence.start + tokens[level.end - 1].end
            is_several = is_range(level.names)
            for names in [level.names] if is_several else (name.split("-") for name in disc_names(text, tokens, level)):
                found.append((frozenset(names), span))
    return found
