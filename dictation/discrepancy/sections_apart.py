"""Findings against impression: the same finding with another side, level, place, size, sort, course or the like.

An impression may leave out, round and sum up. So a difference counts only where the findings have nothing else that the
impression may mean, and the impression nothing else for what stands in the findings.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Severity
from dictation.discrepancy.inferred import may_read, reads
from dictation.discrepancy.places import LOBES
from dictation.discrepancy.relation import distance, is_negative
from dictation.discrepancy.section_attributes import ATTRIBUTES, LEVEL, PLACE, SIDE, Attribute, What, differences
from dictation.discrepancy.told_levels import levels_of_row
from dictation.discrepancy.unnamed_levels import unnamed
from dictation.findings import Claim
from dictation.findings.lexicon import cell, organ_parts, word_phrases
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

Apart = tuple[What, Claim, Claim, Severity]  # what differs; the claim of the findings; that of the impression
_OF_ITS_NAME = ("degree", "sort", "course", "age")  # compared between claims of the same name alone
_PLURAL = re.compile(r"(?<![sui])s\Z", re.IGNORECASE)  # but "mass", "thrombus", "stenosis"
_BULGE = "disc_bulge"
_SAME_ONE = re.compile(r"\b(?:the|this|that|its?)\b(?:\s+[\w-]+){0,3}\s*$", re.IGNORECASE)


def sections_apart(column: Column, told_ids: Collection[str]) -> Iterator[Apart]:
    """Each claim of the impression that differs from the findings in one attribute, but for `told_ids`.

    One that tells several levels or parts of an organ is held against the findings level by level, part by part.
    """
    stated = [claim for claim in column.claims if not is_negative(claim)]
    current = [claim for claim in stated if claim.temporality == "current"]
    by_id = {claim.id: claim for claim in current}
    single = [one for claim in current for one in _singles(claim, column)]
    findings = [claim for claim in single if claim.section in ("findings", None)]  # a body may have no heading
    impression = [claim for claim in single if claim.section == "impression"]
    aims = _aims(stated, column)
    said = [claim for claim in impression if claim.id not in aims]  # "biopsy of the left mass" is no finding
    free = [one for one in findings if one.id not in told_ids]
    told = set(told_ids)
    for two in impression:
        if two.id in told:
            continue
        may_be = [
            ((differences(one, two, column), rank), at, one)
            for at, attribute in enumerate(ATTRIBUTES)
            for one in free
            if (rank := _unlikeness(attribute, one, two)) is not None and attribute.differs(one, two, column)
        ]
        for _, at, one in sorted(may_be, key=lambda each: each[:2]):  # the likest first; of two, by the first attribute
            if _is_apart(ATTRIBUTES[at], one, two, findings, said, column):
                told.add(two.id)
                yield ATTRIBUTES[at].what, by_id[one.id], by_id[two.id], ATTRIBUTES[at].severity(one, two)
                break
    for what, one, two in unnamed(findings, impression, column):
        if two.id not in told:
            told.add(two.id)
            yield what, by_id[one.id], by_id[two.id], "critical"
    yield from _procedures_apart(stated, column, told_ids)


def _singles(claim: Claim, column: Column) -> Iterator[Claim]:
    """The claim once for each level and each part of an organ that it tells, so that one wrong one of a list is seen.

    A level that the label of its row tells is its own.
    """
    levels: list[tuple[str, ...]] = [(level,) for level in sorted(levels_of_row(claim, column))]
    several = next((parts for parts in (*organ_parts(), LOBES) if len(parts.intersection(claim.site)) > 1), frozenset())
    chosen = [part for part in claim.site if part in several]
    sites = [tuple(site for site in claim.site if site == one or site not in several) for one in chosen]
    parts = {name: span for name, span in claim.parts.items() if name != "level"}
    for level in levels or [()]:
        for site in sites or [claim.site]:
            yield claim.model_copy(update={"level": level, "site": site, "parts": parts})


def _aims(stated: Sequence[Claim], column: Column) -> set[str]:
    """What the impression names only as that which a recommended procedure is to reach."""
    recommended = [
        claim
        for claim in stated
        if claim.finding_class == "procedure" and claim.section == "impression" and _is_recommended(claim, column)
    ]
    return {
        one.id for claim in recommended for one in stated if claim.span[0] < one.span[0] < column.sentence_of(claim).end
    }


def _procedures_apart(stated: Sequence[Claim], column: Column, told_ids: Collection[str]) -> Iterator[Apart]:
    """A procedure that the impression recommends on one side, where all that was found lies on the other.

    Its side is its own, or that of what is named behind it: "core biopsy of the right breast mass".
    """
    found = [claim for claim in stated if claim.finding_class == "finding" and claim.temporality == "current"]
    found = [claim for claim in found if claim.laterality in ("left", "right")]
    for two in stated:
        if two.finding_class != "procedure" or two.section != "impression" or not _is_recommended(two, column):
            continue
        sentence = column.sentence_of(two)
        aims = [one for one in stated if two.span[0] < one.span[0] < sentence.end]
        aim = two if two.laterality else next((one for one in aims if one.laterality), two)
        others = [one for one in found if not sentence.start <= one.span[0] < sentence.end]
        is_of_kind = aim is two or any(distance(one.finding, aim.finding) is not None for one in others)
        is_apart = aim.laterality in ("left", "right") and all(one.laterality != aim.laterality for one in others)
        if others and is_apart and is_of_kind and not {two.id, aim.id} & set(told_ids):
            yield "side", others[-1], aim, "critical"


def _is_recommended(claim: Claim, column: Column) -> bool:
    """Whether something is recommended of it: "core biopsy of the right breast mass is recommended"."""
    sentence = column.sentence_of(claim)
    words = tokenise(column.text, sentence.start, sentence.end)
    return claim.temporality == "recommendation" or any(
        match.meaning == "strong" for match in word_phrases("follow_up", "role").find(words)
    )


def _unlikeness(attribute: Attribute, one: Claim, two: Claim) -> int | None:
    """0 for the same name, 1 for a near one, 2 for a sign of what the impression reads; None for another thing."""
    far = distance(one.finding, two.finding)
    if far is not None:
        return far if far == 0 or attribute.what not in _OF_ITS_NAME else None
    return 2 if _may_be_read(two, one) and _is_shared(attribute, one, two) else None


def _may_be_read(reading: Claim, sign: Claim) -> bool:
    """Whether the impression may read that sign so; a mere opacity as a pneumonia where both lie in a lobe."""
    if reads(reading.finding, sign.finding):
        return True
    return may_read(reading.finding, sign.finding) and all(set(claim.site) & LOBES for claim in (reading, sign))


def _is_shared(attribute: Attribute, sign: Claim, reading: Claim) -> bool:
    """Whether a reading has this attribute of its sign: the part of the organ, but no other place, and not its size.

    Only where the sign is nothing but the size of an organ is that the size of the reading: the diameter of the aorta
    is that of its aneurysm.
    """
    if attribute.what == "size":
        return sign.finding_class == "other"
    if attribute.what in ("share", *_OF_ITS_NAME):
        return False
    if attribute.what == "place":
        return any(set(sign.site) & parts and set(reading.site) & parts for parts in (*organ_parts(), LOBES))
    return True


def _is_apart(
    attribute: Attribute,
    one: Claim,
    two: Claim,
    findings: Sequence[Claim],
    impression: Sequence[Claim],
    column: Column,
) -> bool:
    if not attribute.differs(one, two, column):
        return False
    if attribute.what != "side" and any(
        other is not attribute and other.differs(one, two, column) for other in ATTRIBUTES
    ):
        return False  # in two things another: rather another one
    if attribute.what == "side" and "chronic" in set(one.qualifier) ^ set(two.qualifier):
        return False  # an old infarct on one side, an acute one on the other
    is_reading = distance(one.finding, two.finding) is None
    return not any(
        _has(attribute, claim, pool, column, is_reading, partner)
        for claim, partner, pool in ((two, one, findings), (one, two, impression))
    )


def _is_another(claim: Claim, other: Claim, partner: Claim, column: Column) -> bool:
    """Whether a third claim differs in something from two that agree in it, or is as old as they are not."""
    if "chronic" in set(claim.qualifier) ^ set(other.qualifier) and "chronic" not in set(claim.qualifier) ^ set(
        partner.qualifier
    ):
        return True
    if other.finding == _BULGE != claim.finding == partner.finding:
        return True  # a row of its own in most spines
    return any(
        part.differs(claim, other, column) and part.states(partner) and not part.differs(claim, partner, column)
        for part in ATTRIBUTES
    )


def _has(
    attribute: Attribute, claim: Claim, pool: Sequence[Claim], column: Column, is_reading: bool, partner: Claim
) -> bool:
    """Whether the pool speaks of the finding with the same attribute, or of one that may have it.

    One that differs from it in what it shares with its `partner` in the other section is another one.
    """
    return any(
        _may_be_meant(attribute, claim, other, is_reading)
        and not attribute.differs(claim, other, column)
        and not _is_elsewhere(attribute, claim, other, column)
        and (
            attribute.states(other)
            or (attribute.what == "side" and not _is_same_one(attribute, other, pool, column))
            or _may_have_it(attribute, claim, other, pool, column, is_reading)
        )
        and not _is_another(claim, other, partner, column)
        for other in pool
    )


def _may_have_it(
    attribute: Attribute, claim: Claim, other: Claim, pool: Sequence[Claim], column: Column, is_reading: bool
) -> bool:
    """Whether a claim that is silent on the attribute may have it: one by the same name, and not told of elsewhere."""
    is_named = is_reading or distance(claim.finding, other.finding) is not None
    return is_named and not _is_same_one(attribute, other, pool, column)


def _is_elsewhere(attribute: Attribute, claim: Claim, other: Claim, column: Column) -> bool:
    """Whether another size, share or degree is that of one on the other side, or at another level or place."""
    places = (SIDE, LEVEL, PLACE)
    return attribute not in places and any(place.differs(claim, other, column) for place in places)


def _may_be_meant(attribute: Attribute, claim: Claim, other: Claim, is_reading: bool) -> bool:
    """Whether the two may be the same finding, by whatever names; a size may be that of anything."""
    names = claim.finding, other.finding
    if distance(*names) is not None:
        return True
    if attribute.what in ("size", "share"):
        return other.finding_class == "other" and attribute.states(other)
    if attribute.what in _OF_ITS_NAME:
        return False
    if attribute.what == "side" and not is_reading:
        return False  # a side turned round is not hidden by another finding that is on that side
    return may_read(*names) or may_read(*reversed(names))


def _is_same_one(attribute: Attribute, claim: Claim, pool: Sequence[Claim], column: Column) -> bool:
    """Whether a silent claim is of a finding told elsewhere in its section: "the nodule is spiculated"."""
    start, end = claim.parts.get("finding", claim.span)
    sentence = column.sentence_of(claim)
    is_plural = bool(_PLURAL.search(column.text, start, end))
    if not is_plural and _SAME_ONE.search(column.text, sentence.start, start):
        return True
    is_one = not is_plural and not _seconds().find(tokenise(column.text, sentence.start, sentence.end))
    return any(
        attribute.states(other)
        and distance(other.finding, claim.finding) is not None
        and (sentence.start <= other.span[0] < claim.span[0] or (is_one and _agree(claim, other, column)))
        for other in pool
    )


def _agree(one: Claim, two: Claim, column: Column) -> bool:
    """Whether two claims of one section may be the same finding, named twice."""
    return not any(attribute.differs(one, two, column) for attribute in ATTRIBUTES)


@cache
def _seconds() -> Phrases[bool]:
    """Words that say that there are more than one: "another", "second"."""
    return Phrases(
        (term, True) for row in rows("own_contradictions") if row["role"] == "second" for term in cell(row["terms"])
    )
