"""Findings against impression within one text: another side, or denied in one and stated in the other.

Shown only where no card between the columns speaks of the same claims: a slip of the report is shown as that slip.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from dictation.discrepancy.cards import Card
from dictation.discrepancy.columns import Column
from dictation.discrepancy.conflicts import is_narrowed, pair
from dictation.discrepancy.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.discrepancy.pool import Pool
from dictation.discrepancy.quoting import statement_of
from dictation.discrepancy.relation import denial_distance, distance, is_negative
from dictation.findings import Claim


def contradictions(heard: Column, written: Column, told: Iterable[Card]) -> list[Discrepancy]:
    """One card for each contradiction; where the dictation holds the same one, its words are shown as well."""
    told_ids = {claim.id for card in told for claim in card.claims}
    found: dict[tuple[str, str], Discrepancy] = {}
    for column in (written, heard):
        for one, two in _within(column):
            key = (one.finding, two.finding)
            if one.id in told_ids or two.id in told_ids:
                continue
            if key in found:
                if column.name == "heard" and found[key].heard is None:
                    found[key] = found[key].model_copy(update=_sides(column, one, two))
                continue
            found[key] = Discrepancy(
                id=discrepancy_id("contradiction", one.text.lower(), two.text.lower()),
                kind="contradiction",
                severity="major",
                explanation=f"The findings say {statement_of(one)}; the impression says {statement_of(two)}.",
                **_sides(column, one, two),
            )
    return list(found.values())


def _sides(column: Column, one: Claim, two: Claim) -> dict[str, Any]:
    """The impression's words stand for the column; the explanation names the other."""
    side = Side(text=two.text, span=two.span, claim=two)
    if column.name == "written":
        return {"written": side}
    return {"heard": side, "audio_span_s": column.seconds(*two.span)}


def _within(column: Column) -> Iterable[tuple[Claim, Claim]]:
    current = [claim for claim in column.claims if claim.temporality == "current" and claim.certainty == "definite"]
    findings = Pool([claim for claim in current if claim.section == "findings"])
    impression = Pool([claim for claim in current if claim.section == "impression"])
    said: dict[str, list[Claim]] = {}
    for claim in findings.claims:
        said.setdefault(_subject(claim), []).append(claim)
    for two in impression.claims:
        for one in said.get(_subject(two), ()):
            if _contradict(one, two, findings, impression):
                yield one, two
                break


def _subject(claim: Claim) -> str:
    """What only claims on the very same thing share."""
    return claim.finding.removesuffix("_abnormality")


def _contradict(one: Claim, two: Claim, findings: Pool, impression: Pool) -> bool:
    if one.finding != two.finding or is_negative(one) != is_negative(two) or is_negative(one):
        return _denied(one, two, findings, impression)
    if {one.laterality, two.laterality} != {"left", "right"}:
        return False
    return not _has_side(two, findings.claims) and not _has_side(one, impression.claims)


def _has_side(claim: Claim, pool: Sequence[Claim]) -> bool:
    """Whether the pool speaks of the finding on that side, or without a side, anywhere."""
    return any(
        not is_negative(other)
        and distance(other.finding, claim.finding) is not None
        and other.laterality in (claim.laterality, "bilateral", None)
        for other in pool
    )


def _denied(one: Claim, two: Claim, findings: Pool, impression: Pool) -> bool:
    if is_negative(one) == is_negative(two):
        return False
    present, negative, own = (two, one, findings) if is_negative(one) else (one, two, impression)
    if denial_distance(present, negative) != 0 or is_narrowed(one, two) or negative.qualifier:
        return False
    if pair(one, two, findings, impression) is None:
        return False
    return not any(
        not is_negative(other) and distance(other.finding, present.finding) is not None for other in own.claims
    )
