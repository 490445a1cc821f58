"""Words of direction in a claim: medial is not lateral, anterior not posterior, proximal not distal.

A direction belongs to no one kind of finding, so it is read from the claim's own words when two claims are compared.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from dictation.findings.lexicon import cell
from dictation.findings.phrases import Match, Phrases
from dictation.findings.tokens import Token, tokens_of
from dictation.lexicon import rows

Direction = tuple[str, str]  # axis, direction


@cache
def _phrases() -> Phrases[frozenset[Direction]]:
    meanings: dict[str, frozenset[Direction]] = {}
    for row in rows("directions"):
        own = frozenset({(row["axis"], row["direction"])}) if row["axis"] != "none" else frozenset()
        for term in cell(row["terms"]):
            meanings[term] = meanings.get(term, frozenset()) | own
    return Phrases(meanings.items())


def find_directions(tokens: Sequence[Token]) -> list[Match[frozenset[Direction]]]:
    """The words of direction, left to right; "on the lateral view" is none."""
    return [match for match in _phrases().find(tokens) if match.meaning]


@lru_cache(maxsize=10_000)
def directions_of(text: str) -> frozenset[Direction]:
    """All directions that a text names."""
    return frozenset(direction for match in find_directions(tokens_of(text)) for direction in match.meaning)


def clashing(one: Iterable[Direction], two: Iterable[Direction]) -> frozenset[str]:
    """The axes on which both name a direction and share none."""
    first, second = _by_axis(one), _by_axis(two)
    return frozenset(axis for axis in first.keys() & second.keys() if not first[axis] & second[axis])


def _by_axis(directions: Iterable[Direction]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for axis, direction in directions:
        found.setdefault(axis, set()).add(direction)
    return found


def word_on(text: str, axes: frozenset[str]) -> tuple[int, int] | None:
    """Characters [start, end) of the first word that names a direction on one of the axes."""
    tokens = tokens_of(text)
    for match in find_directions(tokens):
        if any(axis in axes for axis, _ in match.meaning):
            return tokens[match.start].start, tokens[match.end - 1].end
    return None


def turned(one: str, two: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Characters, in each text, of the directions that exclude each other; None where none do."""
    axes = clashing(directions_of(one), directions_of(two))
    first, second = word_on(one, axes), word_on(two, axes)
    return (first, second) if first and second else None
