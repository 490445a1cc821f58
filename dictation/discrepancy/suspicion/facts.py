"""What a sentence states, as typed values: sizes, counts, levels, scores, dates, sides, grades, courses, places.

Two facts can be compared where their `group` is the same. Numbers, units and cues are read by the rooms that own them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from dictation.discrepancy.figures import numbers_in, unit_at
from dictation.discrepancy.scores import scores_in
from dictation.findings.cues import changes_in, find_cues
from dictation.findings.level import levels_in
from dictation.findings.lexicon import cell
from dictation.findings.measurement import measurements_in, shares_in
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token
from dictation.lexicon import rows
from dictation.wording.dates import MONTHS

Family = Literal[
    "size", "count", "level", "score", "date", "side", "severity", "change", "place", "direction", "opposite",
    "qualifier", "polarity", "certainty",
]  # fmt: skip
"""What kind of fact; `polarity` is that of one word: whether it is negated."""
HEDGES = frozenset({"possible", "probable", "cannot_exclude", "unlikely"})
_YEARS = range(1900, 2101)
_MAY = "may"  # more often a verb than a month


@dataclass(frozen=True, slots=True)
class Fact:
    """Tokens [start, end) state `value`, which another value of the same `group` contradicts or not.

    `value` is a number (sizes in millimetres, areas in mm², volumes in ml) or the name that a table gives.
    """

    family: Family
    group: str
    value: float | str
    start: int
    end: int


@cache
def _modifiers() -> Phrases[tuple[Family, str, str]]:
    """Phrase → family, group, value; the longest phrase at a place wins among sides, grades and directions."""
    found: list[tuple[str, tuple[Family, str, str]]] = []
    for row in rows("severity"):
        found += [(term, ("severity", "severity", row["grade"])) for term in cell(row["terms"])]
    for row in rows("laterality"):
        found += [(term, ("side", "side", row["side"])) for term in cell(row["terms"])]
    for row in rows("directions"):
        if row["axis"] != "none":
            found += [
                (term, ("direction", f"direction {row['axis']}", row["direction"])) for term in cell(row["terms"])
            ]
    return Phrases(found)


@cache
def _exclusive() -> Phrases[tuple[Family, str, str]]:
    """Phrase → family, group, value of words that exclude each other: "central", "full-thickness"."""
    found: list[tuple[str, tuple[Family, str, str]]] = []
    for row in rows("opposites"):
        found += [(term, ("opposite", f"opposite {row['group']}", row["word"])) for term in cell(row["terms"])]
    for row in rows("qualifier"):
        for group in cell(row["group"]):
            found += [(term, ("qualifier", f"qualifier {group}", row["qualifier"])) for term in cell(row["terms"])]
    return Phrases(found)


@cache
def places() -> Phrases[tuple[str, str, str]]:
    """Phrase → place, its region, the side that its name says ("" for none)."""
    return Phrases(
        (term, (row["id"], row["region"], row["side"])) for row in rows("anatomy") for term in cell(row["terms"])
    )


def facts_in(sentence: str, tokens: Sequence[Token]) -> list[Fact]:
    """The facts of one sentence but the polarity of its words. `tokens` are all of the sentence."""
    numbers = list(_numbers(sentence, tokens))
    return numbers + list(_phrases(tokens))


def _numbers(sentence: str, tokens: Sequence[Token]) -> Iterator[Fact]:
    """Each number once, as the most that is known of it."""
    taken: set[int] = set()
    for size in measurements_in(sentence, tuple(tokens)):
        for value in size.measurement.values_mm:
            yield Fact("size", "number", round(float(value), 3), size.start, size.end)
        taken.update(range(size.start, size.end))
    for level in levels_in(tokens):
        for name in level.names:
            yield Fact("level", f"level {name[0]}", name, level.start, level.end)
        taken.update(range(level.start, level.end))
    for score in scores_in(sentence, 0, len(sentence)):
        within = [n for n, token in enumerate(tokens) if token.start < score.end and token.end > score.start]
        if within:
            yield Fact("score", f"score {score.name}", score.value.upper(), within[0], within[-1] + 1)
            taken.update(within)
    for share in shares_in(tokens):
        if taken.isdisjoint(range(share.start, share.end)):
            yield Fact("size", "number", share.meaning[0], share.start, share.end)
            taken.update(range(share.start, share.end))
    for start, end, value in numbers_in(tokens):
        if not taken.isdisjoint(range(start, end)):
            continue
        beside = {tokens[start - 1].norm if start else "", tokens[end].norm if end < len(tokens) else ""}
        is_date = bool(beside & MONTHS.keys()) or value in _YEARS
        unit = unit_at(tokens, end)
        family: Family = "date" if is_date else "size" if unit else "count"
        yield Fact(family, "date" if is_date else "number", round(value, 3), start, end)
    for at, token in enumerate(tokens):
        if token.norm in MONTHS and token.norm != _MAY:
            yield Fact("date", "month", MONTHS[token.norm], at, at + 1)


def _phrases(tokens: Sequence[Token]) -> Iterator[Fact]:
    for table in (_modifiers(), _exclusive()):
        for match in table.find(tokens):
            yield Fact(*match.meaning, match.start, match.end)
    changes = changes_in(tokens)
    for change in changes:
        yield Fact("change", "change", change.meaning, change.start, change.end)
    for place in places().find(tokens):
        name, region, side = place.meaning
        if region:
            yield Fact("place", f"place {region}", name, place.start, place.end)
        if side in ("left", "right"):
            yield Fact("side", "side", side, place.start, place.end)
    for cue in find_cues(tokens, changes):
        if cue.meaning.kind in HEDGES:
            yield Fact("certainty", "certainty", cue.meaning.kind, cue.start, cue.end)
