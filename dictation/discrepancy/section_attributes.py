"""What may differ between a claim of the findings and one of the impression: each attribute with its comparison."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from dictation.discrepancy import severity
from dictation.discrepancy.columns import Column
from dictation.discrepancy.conflicts import directions_differ, grade_step
from dictation.discrepancy.discrepancy import Severity
from dictation.discrepancy.measures import is_share, size_kind, values_of
from dictation.discrepancy.places import are_adjacent, sites_differ
from dictation.discrepancy.sorts import sorts_apart
from dictation.discrepancy.told_levels import apart, none_shared
from dictation.findings import Claim, Measurement
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

What = Literal["side", "level", "place", "size", "share", "degree", "sort", "course", "age"]

_FIGURE = re.compile(r"(\d+)(?:\.(\d+))?")
_AGES = frozenset({"acute", "chronic"})
_ROUNDED, _ALL = 5.0, 100.0  # percent
_GRADES_APART = 2
_MM = {"cm": 10.0, "mm": 1.0}


@dataclass(frozen=True, slots=True)
class Attribute:
    """`differs`: whether two claims state it and cannot mean the same; `states`: whether a claim states it."""

    what: What
    differs: Callable[[Claim, Claim, Column], bool]
    states: Callable[[Claim], bool]
    severity: Callable[[Claim, Claim], Severity]


def differences(one: Claim, two: Claim, column: Column) -> int:
    """In how many attributes two claims differ."""
    return sum(attribute.differs(one, two, column) for attribute in ATTRIBUTES)


def sides_differ(one: Claim, two: Claim, column: Column) -> bool:
    """Whether one lies on the left and the other on the right."""
    return {one.laterality, two.laterality} == {"left", "right"}


def _levels_differ(one: Claim, two: Claim, column: Column) -> bool:
    """Whether the two share no level, and their levels are of a kind: a rib is no vertebra."""
    if not one.level or not two.level:
        return False
    return apart(one.level, two.level) is not None and none_shared(one.level, two.level)


def _places_differ(one: Claim, two: Claim, column: Column) -> bool:
    return sites_differ(one.site, two.site) or bool(directions_differ(one, two))


def _sizes_differ(one: Claim, two: Claim, column: Column) -> bool:
    """Whether each has a size that the other lacks, those of a part set aside that both tell."""
    ours, theirs = _lengths(one), _lengths(two)
    if size_kind(ours, theirs) is None:
        return False
    lost, added = _without(ours, theirs), _without(theirs, ours)
    return any(a.kind == b.kind for a in lost for b in added)


def _without(sizes: Sequence[Measurement], others: Sequence[Measurement]) -> list[Measurement]:
    return [size for size in sizes if not any(_is_rounded(size, other) for other in others)]


def _lengths(claim: Claim) -> list[Measurement]:
    return [size for size in claim.measurements if size.temporality == "current" and size.kind_group == "length"]


def _earlier(claim: Claim) -> list[Measurement]:
    return [size for size in claim.measurements if size.temporality == "historical" and size.kind_group == "length"]


def _is_rounded(one: Measurement, two: Measurement) -> bool:
    """Whether all numbers of the one stand in the other, rounded to the last digit of either."""
    step = max(_step_mm(one), _step_mm(two))
    part, whole = sorted((values_of(one), values_of(two)), key=len)
    return all(any(abs(a - b) <= step / 2 + 1e-6 for b in whole) for a in part)


def _step_mm(size: Measurement) -> float:
    """The step of the last digit: 1 mm of "12 mm", 1 mm of "1.2 cm", 10 mm of "2 cm"."""
    figure = _FIGURE.search(size.raw)
    unit = next((scale for name, scale in _MM.items() if name in size.raw.lower()), 1.0)
    decimals = len(figure.group(2) or "") if figure else 0
    return float(unit / 10**decimals)


def _shares_differ(one: Claim, two: Claim, column: Column) -> bool:
    """Whether their percentages lie farther apart than a radiologist rounds."""
    ours, theirs = (_shares(claim, column) for claim in (one, two))
    return bool(ours and theirs) and not any(
        low <= high_too + _ROUNDED and low_too <= high + _ROUNDED for low, high in ours for low_too, high_too in theirs
    )


def _shares(claim: Claim, column: Column) -> list[tuple[float, float]]:
    """From how many percent to how many: "more than 70 %" is (70, 100)."""
    found = []
    for size in claim.measurements:
        if size.temporality == "current" and is_share(size) and size.span:
            low, high = min(size.values_mm), max(size.values_mm)
            before = tokenise(column.text, column.sentence_at(size.span).start, size.span[0])
            bound = next((match.meaning for match in _bounds().find(before) if match.end == len(before)), "")
            found.append((0.0 if bound == "less" else low, _ALL if bound == "more" else high))
    return found


@cache
def _bounds() -> Phrases[str]:
    """Words before a number that it bounds: "more than"."""
    return Phrases(
        (term, row["word"]) for row in rows("opposites") if row["group"] == "bound" for term in cell(row["terms"])
    )


def _degrees_differ(one: Claim, two: Claim, column: Column) -> bool:
    """Whether two grades lie between them: what one calls small another may call moderate."""
    return bool(one.severity and two.severity) and grade_step(one, two) >= _GRADES_APART


def _sorts_differ(one: Claim, two: Claim, column: Column) -> bool:
    return sorts_apart(one, two) is not None


def _courses_differ(one: Claim, two: Claim, column: Column) -> bool:
    """Whether one grew and the other shrank; "stable" may sum up, and "new" be said of what was seen before."""
    return {one.change, two.change} == {"increased", "decreased"}


def _ages_differ(one: Claim, two: Claim, column: Column) -> bool:
    ours, theirs = (set(claim.qualifier) & _AGES for claim in (one, two))
    return bool(ours and theirs) and not ours & theirs


def _priors_differ(one: Claim, two: Claim, column: Column) -> bool:
    """Whether each has an earlier size, and none of the one is any of the other."""
    ours, theirs = _earlier(one), _earlier(two)
    return (
        bool(ours and theirs)
        and len(_without(ours, theirs)) == len(ours)
        and len(_without(theirs, ours)) == len(theirs)
    )


def _of_place(one: Claim, two: Claim) -> Severity:
    return "minor" if are_adjacent(one.site, two.site) else "major"


def _of_size(one: Claim, two: Claim) -> Severity:
    ours, theirs = _lengths(one), _lengths(two)
    lost, added = _without(ours, theirs), _without(theirs, ours)
    kind = size_kind(lost, added)
    assert kind is not None
    return severity.of_size(lost[0], added[0], kind)


SIDE = Attribute("side", sides_differ, lambda claim: claim.laterality is not None, lambda one, two: "critical")
LEVEL = Attribute("level", _levels_differ, lambda claim: bool(claim.level), lambda one, two: "critical")
PLACE = Attribute("place", _places_differ, lambda claim: bool(claim.site), _of_place)
SIZE = Attribute("size", _sizes_differ, lambda claim: bool(_lengths(claim)), _of_size)
ATTRIBUTES = (
    SIDE,
    LEVEL,
    PLACE,
    SIZE,
    Attribute("size", _priors_differ, lambda claim: bool(_earlier(claim)), lambda one, two: "major"),
    Attribute("share", _shares_differ, lambda claim: any(map(is_share, claim.measurements)), lambda one, two: "major"),
    Attribute("sort", _sorts_differ, lambda claim: bool(claim.qualifier), lambda one, two: "major"),
    Attribute("course", _courses_differ, lambda claim: claim.change is not None, lambda one, two: "major"),
    Attribute("age", _ages_differ, lambda claim: bool(_AGES & set(claim.qualifier)), lambda one, two: "major"),
    Attribute("degree", _degrees_differ, lambda claim: claim.severity is not None, lambda one, two: "major"),
)
