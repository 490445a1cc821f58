"""The support check, both ways: what was said must stand in the report, and the report may say nothing else.

A claim is supported by any claim of the other column that does not contradict it, wherever it stands. Those that are
left are paired with the nearest thing the other column says (a contradiction), or stand alone (omission, addition).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dictation.discrepancy.columns import Column
from dictation.discrepancy.conflicts import Pair, is_narrowed, pair
from dictation.discrepancy.echoes import Sayings
from dictation.discrepancy.inferred import is_inferred
from dictation.discrepancy.pool import Pool
from dictation.discrepancy.relation import denial_distance, distance, is_graver, is_negative
from dictation.discrepancy.table import Table
from dictation.discrepancy.unitless import is_measured_there
from dictation.findings import Claim
from dictation.findings.lexicon import ancestors, concepts

_DESCRIPTION = "opacity"
_MOST_REPEATS = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """Contradicting pairs, and claims without any counterpart.

    `explained`: ids of those among them that only describe what their sentence then names ("opacity, likely edema"),
    or that name what the other column describes.
    """

    conflicts: tuple[Pair, ...]
    omitted: tuple[Claim, ...]
    added: tuple[Claim, ...]
    explained: frozenset[str] = frozenset()


def check(heard: Column, written: Column) -> Outcome:
    """Support every claim of both columns, then pair what is left."""
    said, wrote = _comparable(heard), _comparable(written)
    table = Table(said, wrote)
    sides = _Side(heard, said, wrote, Sayings(written)), _Side(written, wrote, said, Sayings(heard))
    left = [
        [claim for claim in side.own if side.column.is_body(claim) and not table.is_supported(claim)] for side in sides
    ]
    conflicts = _paired(left[0], left[1], table)
    paired = {claim.id for found in conflicts for claim in (found.heard, found.written)}
    lone: list[list[Claim]] = [[], []]
    for side, claims, alone in zip(sides, left, lone, strict=True):
        told = [side.of(found) for found in conflicts]
        for claim in claims:
            if claim.id in paired or _repeats(claim, told):
                continue
            is_due = side.column.was_to_be_heard(claim)
            found = table.nearest(claim)
            if found and (_is_contradiction(table, found, claim, side.own, side.others) or not is_due):
                conflicts.append(found)
                told.append(side.of(found))
            elif is_due and not _is_said_elsewhere(claim, side, table):
                alone.append(claim)
    both = [(side, claim) for side, claims in zip(sides, lone, strict=True) for claim in claims]
    explained = frozenset(claim.id for side, claim in both if _is_minor(claim, side, table))
    omitted, added = map(tuple, lone)
    return Outcome(tuple(conflicts), omitted, added, explained)


@dataclass(frozen=True, slots=True)
class _Side:
    """One column with its claims, those of the other, and what that one says in words."""

    column: Column
    own: Sequence[Claim]
    others: Sequence[Claim]
    there: Sayings

    def of(self, found: Pair) -> Claim:
        """The claim of a pair that stands in this column."""
        return found.heard if self.column.name == "heard" else found.written


def _paired(heard: Sequence[Claim], written: Sequence[Claim], table: Table) -> list[Pair]:
    """The contradictions of claims that nothing supports, the nearest first, each claim once."""
    ids = {claim.id for claim in written}
    candidates = sorted(
        (
            found
            for one in heard
            for two in table.related(one)
            if two.id in ids and (found := table.between(one, two)) and found.kinds
        ),
        key=lambda found: (not found.is_same, found.cost, found.heard.span, found.written.span),
    )
    taken: set[str] = set()
    conflicts = []
    for found in candidates:
        if taken.isdisjoint((found.heard.id, found.written.id)):
            taken |= {found.heard.id, found.written.id}
            conflicts.append(found)
    return conflicts


def _is_said_elsewhere(claim: Claim, side: _Side, table: Table) -> bool:
    """Whether a claim without counterpart only says in other words what the other column says as well."""
    return (
        _restates(claim, side.own, side.others, table)
        or is_measured_there(claim, side.there.column)
        or side.there.echo(claim, side.column)
    )


def _is_minor(claim: Claim, side: _Side, table: Table) -> bool:
    """Whether a lone claim only describes or names what the other column says by another word."""
    return (
        _is_explained(claim, side.column, side.own, table)
        or is_inferred(claim, side.column, side.own, side.others, table)
        or _is_named_otherwise(claim, table)
        or side.there.reword(claim, side.column)
    )


def _is_named_otherwise(claim: Claim, table: Table) -> bool:
    """Whether the other column calls it by a broader or near word, on the same side, though this one has both words.

    "Bilateral opacities" beside "bilateral airspace disease, opacities on both sides": hardly a second finding.
    """
    if is_negative(claim) or claim.laterality is None:
        return False
    return any(
        not found.kinds
        and found.heard.laterality == found.written.laterality
        and not is_negative(other := found.written if claim is found.heard else found.heard)
        and not is_graver(claim.finding, other.finding)
        for found in table.pairs_of(claim)
    )


def _is_explained(claim: Claim, column: Column, own: Sequence[Claim], table: Table) -> bool:
    """Whether the claim is an opacity whose reading, in the same sentence, stands in the other column as well."""
    if is_negative(claim) or _DESCRIPTION not in ancestors(claim.finding):
        return False
    sentence = column.sentence_of(claim)
    is_choice = " or " in column.text[claim.span[1] : sentence.end].lower()
    return any(
        claim.span[1] <= other.span[0] < sentence.end
        and (is_choice or other.certainty != "definite")
        and _is_reading(other)
        and other.laterality in (None, claim.laterality)
        and table.is_supported(other)
        for other in own
    )


def _is_reading(claim: Claim) -> bool:
    concept = concepts().get(claim.finding)
    is_lung = concept is not None and concept.organ == "lungs" and _DESCRIPTION not in ancestors(claim.finding)
    return is_lung and not is_negative(claim)


def _comparable(column: Column) -> list[Claim]:
    """Claims on the patient's state: advice is compared elsewhere, and view and technique are no findings.

    What a section says in the very same words for the hundredth time says nothing more, and is left out.
    """
    said = Counter[tuple[object, ...]]()
    found = []
    for claim in column.claims:
        if claim.temporality == "recommendation" or (claim.finding_class == "other" and not claim.measurements):
            continue
        content = claim.finding, claim.status, claim.section, claim.text
        said[content] += 1
        if said[content] <= _MOST_REPEATS:
            found.append(claim)
    return found


def _restates(claim: Claim, own: Sequence[Claim], others: Sequence[Claim], table: Table) -> bool:
    """Whether the claim only calls by a broader name what its own column says, and the other column as well."""
    if is_negative(claim) or _is_on_another_side(claim, others):
        return False
    both = Pool(())
    return any(
        other.finding != claim.finding
        and not is_negative(other)
        and claim.finding in ancestors(other.finding)
        and table.is_settled(other)
        and (found := pair(claim, other, both, both)) is not None
        and not found.kinds
        for other in own
    )


def _is_on_another_side(claim: Claim, others: Sequence[Claim]) -> bool:
    """Whether the other column names it on the other side only: "right cyst", where the left one is hemorrhagic."""
    sides = {
        other.laterality
        for other in others
        if other.laterality and not is_negative(other) and distance(claim.finding, other.finding) is not None
    }
    return claim.laterality in ("left", "right") and bool(sides) and not sides & {claim.laterality, "bilateral"}


def _repeats(claim: Claim, told: Sequence[Claim]) -> bool:
    """Whether the claim only says again what a contradiction already shows (a slip in findings and impression)."""
    return any(
        other.finding == claim.finding
        and other.status == claim.status
        and (found := pair(claim, other, both := Pool((claim, other)), both)) is not None
        and not found.kinds
        for other in told
    )


def _is_contradiction(table: Table, found: Pair, claim: Claim, own: Sequence[Claim], others: Sequence[Claim]) -> bool:
    """Whether an unsupported claim contradicts a counterpart that is supported by something else.

    A left effusion beside a right one may be a second effusion or a slip of the side. It is a second one where this
    column speaks of the finding more often than the other. "Lungs are clear" beside a granuloma is no contradiction
    where both columns say the lungs are clear.
    """
    if "negation" in found.kinds:
        present, negative = (found.written, found.heard) if is_negative(found.heard) else (found.heard, found.written)
        other = found.written if claim is found.heard else found.heard
        if table.is_settled(other) and (
            denial_distance(present, negative) != 0 or _count(other, others) <= _count(other, own)
        ):
            return False
        return not is_narrowed(found.heard, found.written)
    return _mentions_of(claim, _first_told(claim, own)) <= _mentions_of(claim, others)


def _count(claim: Claim, pool: Sequence[Claim]) -> int:
    return sum(other.finding == claim.finding and is_negative(other) == is_negative(claim) for other in pool)


def _mentions_of(claim: Claim, pool: Sequence[Claim]) -> int:
    return sum(
        not is_negative(other) and distance(other.finding, claim.finding) is not None
        for other in pool
        if other.temporality != "recommendation"
    )


def _first_told(claim: Claim, own: Sequence[Claim]) -> Sequence[Claim]:
    """The claims beside one of the findings: an impression only tells again what they told."""
    return own if claim.section == "impression" else [other for other in own if other.section != "impression"]
