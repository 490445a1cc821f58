"""Readings and their signs: heart failure for a large heart with edema and effusions, pneumonia for a consolidation.

A reading that one column adds, and a sign that one leaves out beside its reading, are still shown, but weigh little.
"""

from collections.abc import Iterable, Sequence
from functools import cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.relation import distance, is_negative
from dictation.discrepancy.table import Table
from dictation.findings import Claim
from dictation.findings.lexicon import ancestors, cell
from dictation.lexicon import rows

_ANY = frozenset({"mass", "lesion", "nodule", "malignancy"})  # which by themselves are no sign of one disease


@cache
def _readings() -> dict[str, list[tuple[frozenset[str], int]]]:
    """Reading → its groups of signs, and how many of each group make it."""
    found: dict[str, list[tuple[frozenset[str], int]]] = {}
    for row in rows("inferred_findings"):
        found.setdefault(row["finding"], []).append((frozenset(cell(row["signs"])), int(row["least"])))
    return found


@cache
def _signs(reading: str) -> frozenset[str]:
    return frozenset(sign for signs, _ in _readings()[reading] for sign in signs)


def reads(reading: str, sign: str) -> bool:
    """Whether a finding by itself may be read as that reading: a consolidation as pneumonia."""
    return any(least == 1 and not ancestors(sign).isdisjoint(signs) for signs, least in _readings().get(reading, ()))


def are_signs_of(reading: str, signs: Iterable[str]) -> bool:
    """Whether findings by these names are together enough to be read so: a thick wall and fluid as cholecystitis."""
    told = set(signs)
    return any(
        sum(not ancestors(sign).isdisjoint(group - _ANY) for sign in told) >= max(least, 2)
        for group, least in _readings().get(reading, ())
    )


def may_read(reading: str, sign: str) -> bool:
    """Whether a finding, or what is called much like it, is among the signs of that reading."""
    return any(distance(sign, one) is not None for one in _signs(reading)) if reading in _readings() else False


def is_inferred(claim: Claim, column: Column, own: Sequence[Claim], others: Sequence[Claim], table: Table) -> bool:
    """Whether an unsupported claim reads signs that the other column names, or is a sign of a supported reading."""
    if is_negative(claim) or claim.finding_class == "other":  # a size alone is told, or it is lost
        return False
    if claim.finding in _readings() and not (claim.finding in _told("doubted") and claim.certainty == "definite"):
        named = {sign for other in others if _may_belong(claim, other) for sign in ancestors(other.finding)}
        if any(len(named & signs) >= least for signs, least in _readings()[claim.finding]):
            return True
    if any(_defines(claim, other) for other in others):
        return True
    sentence = column.sentence_of(claim)
    return any(
        sentence.start <= other.span[0] < sentence.end
        and _may_belong(claim, other)
        and ancestors(claim.finding) & _signs(other.finding)
        and table.is_supported(other)
        and any(_may_belong(claim, told) for told in others if distance(told.finding, other.finding) is not None)
        for other in own
        if other.finding in _readings() and other.finding not in _told("doubted")
    )


@cache
def _told(how: str) -> frozenset[str]:
    return frozenset(row["finding"] for row in rows("inferred_findings") if row["defines"] == how)


def _defines(claim: Claim, reading: Claim) -> bool:
    """Whether the claim is a sign by which the reading, named in the other column, is defined."""
    return any(
        name in _told("yes") and _may_belong(claim, reading) and ancestors(claim.finding) & _signs(name)
        for name in ancestors(reading.finding)
    )


def _may_belong(claim: Claim, other: Claim) -> bool:
    """Present, and on the same side as far as both name one."""
    return not is_negative(other) and {claim.laterality, other.laterality} != {"left", "right"}
