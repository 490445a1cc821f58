"""Findings against impression: the same finding with another side, level, place, size, share or degree.

An impression may leave out, round and sum up. So a difference counts only where the findings have nothing else that the
impression may mean, and the impression nothing else for what stands in the findings.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from dictation.discrepancy import severity
from dictation.discrepancy.columns import Column
from dictation.discrepancy.conflicts import directions_differ, grade_step
from dictation.discrepancy.discrepancy import Severity
from dictation.discrepancy.inferred import may_read, reads
from dictation.discrepancy.measures import is_share, size_kind, values_of
from dictation.discrepancy.places import LOBES, are_adjacent, sites_differ
from dictation.discrepancy.relation import distance, is_negative
from dictation.discrepancy.told_levels import apart, none_shared, told_levels
from dictation.findings import Claim, Measurement
from dictation.findings.lexicon import cell, organ_parts
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

What = Literal["side", "level", "place", "size", "share", "degree"]
Apart = tuple[What, Claim, Claim, Severity]  # what differs; the claim of the findings; that of the impression

_FIGURE = re.compile(r"(\d+)(?:\.(\d+))?")
_ROUNDED, _ALL = 5.0, 100.0  # percent
_GRADES_APART = 2
_MM = {"cm": 10.0, "mm": 1.0}
_SAME_ONE = re.compile(r"\b(?:the|this|that|its?)\b(?:\s+[\w-]+){0,3}\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Attribute:
    """`differs`: whether two claims state it and cannot mean the same; `states`: whether a claim states it."""

    what: What
    differs: Callable[[Claim, Claim, Column], bool]
    states: Callable[[Claim], bool]
    severity: Callable[[Claim, Claim], Severity]


def sections_apart(column: Column, told_ids: Collection[str]) -> Iterator[Apart]:
    """Each claim of the impression that differs from the findings in one attribute, but for `told_ids`."""
    current = [claim for claim in column.claims if claim.temporality == "current" and not is_negative(claim)]
    findings = [claim for claim in current if claim.section == "findings"]
    impression = [claim for claim in current if claim.section == "impression"]
    for two in impression:
        if two.id in told_ids:
            continue
        free = [one for one in findings if one.id not in told_ids]
        for attribute in _ATTRIBUTES:
            ranks = {one.id: rank for one in free if (rank := _unlikeness(attribute, one, two)) is not None}
            alike = sorted((one for one in free if one.id in ranks), key=lambda one: ranks[one.id])
            found = next((one for one in alike if _is_apart(attribute, one, two, findings, impression, column)), None)
            if found is not None:
                yield attribute.what, found, two, attribute.severity(found, two)
                break


def _unlikeness(attribute: _Attribute, one: Claim, two: Claim) -> int | None:
    """0 for the same name, 1 for a near one, 2 for a sign of what the impression reads; None for another thing."""
    far = distance(one.finding, two.finding)
    if far is not None:
        return far if far == 0 or attribute.what != "degree" else None
    return 2 if _may_be_read(two, one) and _is_shared(attribute, one, two) else None


def _may_be_read(reading: Claim, sign: Claim) -> bool:
    """Whether the impression may read that sign so; a mere opacity as a pneumonia where both lie in a lobe."""
    if reads(reading.finding, sign.finding):
        return True
    return may_read(reading.finding, sign.finding) and all(set(claim.site) & LOBES for claim in (reading, sign))


def _is_shared(attribute: _Attribute, sign: Claim, reading: Claim) -> bool:
    """Whether a reading has this attribute of its sign: the part of the organ, but no other place, and not its size.

    Only where the sign is nothing but the size of an organ is that the size of the reading: the diameter of the aorta
    is that of its aneurysm.
    """
    if attribute.what == "size":
        return sign.finding_class == "other"
    if attribute.what in ("share", "degree"):
        return False
    if attribute.what == "place":
        return any(set(sign.site) & parts and set(reading.site) & parts for parts in (*organ_parts(), LOBES))
    return True


def _is_apart(
    attribute: _Attribute,
    one: Claim,
    two: Claim,
    findings: Sequence[Claim],
    impression: Sequence[Claim],
    column: Column,
) -> bool:
    if not attribute.differs(one, two, column):
        return False
    if attribute.what != "side" and any(
        other is not attribute and other.differs(one, two, column) for other in _ATTRIBUTES
    ):
        return False  # in two things another: rather another one
    is_reading = distance(one.finding, two.finding) is None
    return not any(
        _has(attribute, claim, pool, column, is_reading) for claim, pool in ((two, findings), (one, impression))
    )


def _has(attribute: _Attribute, claim: Claim, pool: Sequence[Claim], column: Column, is_reading: bool) -> bool:
    """Whether the pool speaks of the finding with the same attribute, or of one that may have it."""
    return any(
        _may_be_meant(attribute, claim, other, is_reading)
        and not attribute.differs(claim, other, column)
        and not _is_elsewhere(attribute, claim, other, column)
        and (
            attribute.states(other)
            or attribute.what == "side"
            or _may_have_it(attribute, claim, other, pool, column, is_reading)
        )
        for other in pool
    )


def _may_have_it(
    attribute: _Attribute, claim: Claim, other: Claim, pool: Sequence[Claim], column: Column, is_reading: bool
) -> bool:
    """Whether a claim that is silent on the attribute may have it: one by the same name, and not told of elsewhere."""
    is_named = is_reading or distance(claim.finding, other.finding) is not None
    return is_named and not _is_same_one(attribute, other, pool, column)


def _is_elsewhere(attribute: _Attribute, claim: Claim, other: Claim, column: Column) -> bool:
    """Whether another size, share or degree is that of one on the other side, or at another level or place."""
    places = (_SIDE, _LEVEL, _PLACE)
    return attribute not in places and any(place.differs(claim, other, column) for place in places)


def _may_be_meant(attribute: _Attribute, claim: Claim, other: Claim, is_reading: bool) -> bool:
    """Whether the two may be the same finding, by whatever names; a size may be that of anything."""
    names = claim.finding, other.finding
    if distance(*names) is not None:
        return True
    if attribute.what in ("size", "share"):
        return other.finding_class == "other" and attribute.states(other)
    if attribute.what == "degree":
        return False
    if attribute.what == "side" and not is_reading:
        return False  # a side turned round is not hidden by another finding that is on that side
    return may_read(*names) or may_read(*reversed(names))


def _is_same_one(attribute: _Attribute, claim: Claim, pool: Sequence[Claim], column: Column) -> bool:
    """Whether a silent claim is of a finding told elsewhere in its section: "the nodule is spiculated"."""
    start, end = claim.parts.get("finding", claim.span)
    sentence = column.sentence_of(claim)
    if not column.text[start:end].lower().endswith("s") and _SAME_ONE.search(column.text, sentence.start, start):
        return True
    is_one = not column.text[start:end].lower().endswith("s") and not _seconds().find(
        tokenise(column.text, sentence.start, sentence.end)
    )
    return any(
        attribute.states(other)
        and distance(other.finding, claim.finding) is not None
        and (sentence.start <= other.span[0] < claim.span[0] or (is_one and _agree(claim, other, column)))
        for other in pool
    )


def _agree(one: Claim, two: Claim, column: Column) -> bool:
    """Whether two claims of one section may be the same finding, named twice."""
    return not any(attribute.differs(one, two, column) for attribute in _ATTRIBUTES)


@cache
def _seconds() -> Phrases[bool]:
    """Words that say that there are more than one: "another", "second"."""
    return Phrases(
        (term, True) for row in rows("own_contradictions") if row["role"] == "second" for term in cell(row["terms"])
    )


def _sides_differ(one: Claim, two: Claim, column: Column) -> bool:
    return {one.laterality, two.laterality} == {"left", "right"}


def _levels_differ(one: Claim, two: Claim, column: Column) -> bool:
    """Whether the two share no level, and their levels are of a kind: a rib is no vertebra."""
    if not one.level or not two.level:
        return False
    first, second = (told_levels(claim, column).told for claim in (one, two))
    return apart(first, second) is not None and none_shared(first, second)


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


def _of_place(one: Claim, two: Claim) -> Severity:
    return "minor" if are_adjacent(one.site, two.site) else "major"


def _of_size(one: Claim, two: Claim) -> Severity:
    ours, theirs = _lengths(one), _lengths(two)
    lost, added = _without(ours, theirs), _without(theirs, ours)
    kind = size_kind(lost, added)
    assert kind is not None
    return severity.of_size(lost[0], added[0], kind)


_SIDE = _Attribute("side", _sides_differ, lambda claim: claim.laterality is not None, lambda one, two: "critical")
_LEVEL = _Attribute("level", _levels_differ, lambda claim: bool(claim.level), lambda one, two: "critical")
_PLACE = _Attribute("place", _places_differ, lambda claim: bool(claim.site), _of_place)
_ATTRIBUTES = (
    _SIDE,
    _LEVEL,
    _PLACE,
    _Attribute("size", _sizes_differ, lambda claim: bool(_lengths(claim)), _of_size),
    _Attribute("share", _shares_differ, lambda claim: any(map(is_share, claim.measurements)), lambda one, two: "major"),
    _Attribute("degree", _degrees_differ, lambda claim: claim.severity is not None, lambda one, two: "major"),
)
