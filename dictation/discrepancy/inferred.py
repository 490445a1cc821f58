"""Readings and their signs: heart failure for a large heart with edema and effusions, pneumonia for a consolidation.

A reading that one column adds, and a sign that one leaves out beside its reading, are still shown, but weigh little.
"""

from collections.abc import Sequence
from functools import cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.relation import distance, is_negative
from dictation.discrepancy.table import Table
from dictation.findings import Claim
from dictation.findings.lexicon import ancestors, cell
from dictation.lexicon import rows


@cache
def _readings() -> dict[str, tuple[frozenset[str], int]]:
    """Reading → its signs, and how many of them make it."""
    return {row["finding"]: (frozenset(cell(row["signs"])), int(row["least"])) for row in rows("inferred_findings")}


def is_inferred(claim: Claim, column: Column, own: Sequence[Claim], others: Sequence[Claim], table: Table) -> bool:
    """Whether an unsupported claim reads signs that the other column names, or is a sign of a supported reading."""
    if is_negative(claim) or claim.finding_class == "other":  # a size alone is told, or it is lost
        return False
    if claim.finding in _readings() and not (claim.finding in _told("doubted") and claim.certainty == "definite"):
        signs, least = _readings()[claim.finding]
        named = {sign for other in others if _may_belong(claim, other) for sign in ancestors(other.finding) & signs}
        if len(named) >= least:
            return True
    if any(_defines(claim, other) for other in others):
        return True
    sentence = column.sentence_of(claim)
    return any(
        sentence.start <= other.span[0] < sentence.end
        and _may_belong(claim, other)
        and ancestors(claim.finding) & _readings()[other.finding][0]
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
        name in _told("yes") and _may_belong(claim, reading) and ancestors(claim.finding) & _readings()[name][0]
        for name in ancestors(reading.finding)
    )


def _may_belong(claim: Claim, other: Claim) -> bool:
    """Present, and on the same side as far as both name one."""
    return not is_negative(other) and {claim.laterality, other.laterality} != {"left", "right"}
