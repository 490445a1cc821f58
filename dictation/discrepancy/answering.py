"""What a text says to an opinion of an image reader: it agrees, denies it, gives another side, or is silent.

A reader asks for a few broad findings and a report names what they are due to, so much more answers an opinion
(`seen_answers.tsv`) than contradicts one: an absence is contradicted by the very finding, a presence by the denial of
the finding or of something broader, never of a kind of it ("no consolidation" beside an opacity).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from dictation.discrepancy.columns import Column
from dictation.discrepancy.relation import denial_distance, distance, is_negative
from dictation.findings import Claim
from dictation.findings.lexicon import ancestors, cell, place_phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

Says = Literal["agrees", "contrary", "other side", "silent"]


def answer(seen: Claim, column: Column) -> tuple[Claim | None, Says]:
    """Return what a column says to an opinion, and the claim that contradicts it."""
    related = [claim for claim in column.claims if column.is_body(claim) and claim.temporality == "current"]
    if is_negative(seen):
        present = [c for c in related if not is_negative(c) and denial_distance(c, seen) in (0, 2)]
        sure = [c for c in present if c.certainty in ("definite", "probable") and _is_there(c, seen)]
        if sure and len(sure) == len(present):
            return sure[0], "contrary"
        return None, "agrees" if present else "silent"
    told = [c for c in related if not is_negative(c) and _may_be_there(c, seen)]
    same = [c for c in told if seen.finding in ancestors(c.finding) or distance(c.finding, seen.finding) is not None]
    if same:
        return _of_side(seen, same)
    if any(ancestors(c.finding) & _answers().get(seen.finding, frozenset()) for c in told):
        return None, "agrees"
    denied = [c for c in related if is_negative(c) and _denies(c, seen) and _may_be_there(c, seen)]
    if not denied:
        return None, "silent"
    return min(denied, key=lambda c: denial_distance(seen, c) or 0), "contrary"


@lru_cache(maxsize=1)
def _answers() -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for row in rows("seen_answers"):
        table[row["seen"]] = table.get(row["seen"], frozenset()) | frozenset(cell(row["answered_by"]))
    return table


def _denies(negative: Claim, seen: Claim) -> bool:
    is_kind = negative.finding != seen.finding and seen.finding in ancestors(negative.finding)
    return denial_distance(seen, negative) is not None and not is_kind


def _of_side(seen: Claim, same: Sequence[Claim]) -> tuple[Claim | None, Says]:
    sides = {claim.laterality for claim in same}
    if seen.laterality not in ("left", "right", "bilateral") or None in sides:
        return None, "agrees"
    if seen.laterality in sides or "bilateral" in sides or {"left", "right"} <= sides:
        return None, "agrees"
    return same[0], "other side"


def _is_there(claim: Claim, seen: Claim) -> bool:
    """Whether a claim names one of the places that the reader looked at. A reader that names none looked everywhere."""
    return not seen.site or bool(_places(claim) & set(seen.site))


def _may_be_there(claim: Claim, seen: Claim) -> bool:
    """Whether a claim names one of those places, or none at all."""
    return _is_there(claim, seen) or not (_places(claim) or claim.level)


def _places(claim: Claim) -> set[str]:
    """The places of a claim, those within a finding's own name too ("rib fracture")."""
    return {*claim.site, *(match.meaning.id for match in place_phrases().find(tokenise(claim.text)))}
