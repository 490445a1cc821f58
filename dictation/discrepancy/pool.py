"""All that one column says, by finding: what a claim that is silent on a side or grade may be measured against."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dictation.discrepancy.directions import Direction, directions_of
from dictation.discrepancy.relation import distance
from dictation.findings import Claim


@dataclass(slots=True)
class Stated:
    """Everything that a column's claims on one finding, of one status, state of its attributes."""

    sides: set[str] = field(default_factory=set)
    dominant: set[str] = field(default_factory=set)
    grades: set[str] = field(default_factory=set)
    levels: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    directions: set[Direction] = field(default_factory=set)


class Pool:
    """The claims of one column."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self.claims = tuple(claims)
        self._stated: dict[tuple[str, str], Stated] = {}

    def stated_of(self, claim: Claim) -> Stated:
        """What the column says of the claim's finding, in all claims of the same status."""
        key = claim.finding, claim.status
        if key not in self._stated:
            self._stated[key] = _stated([other for other in self.claims if (other.finding, other.status) == key])
        return self._stated[key]

    def sides_of(self, claim: Claim) -> set[str]:
        """The sides on which the column states the finding, or a kind of it, as present, in other claims than this."""
        return {
            str(other.laterality)
            for other in self.claims
            if other.status == "present"
            and other.laterality in ("left", "right", "bilateral")
            and other is not claim
            and distance(other.finding, claim.finding) is not None
        }


def _stated(claims: Sequence[Claim]) -> Stated:
    stated = Stated()
    for claim in claims:
        stated.sides |= {claim.laterality} - {None, "midline"}  # type: ignore[arg-type]
        stated.dominant |= dominant_sides(claim)
        stated.grades |= {claim.severity} - {None}  # type: ignore[arg-type]
        stated.levels.update(claim.level)
        stated.changes |= {claim.change} - {None}  # type: ignore[arg-type]
        stated.places.update(claim.site)
        stated.directions |= directions_of(claim.text)
    return stated


def dominant_sides(claim: Claim) -> set[str]:
    """The side that the claim calls the worse one: "left greater than right"."""
    return {word for word in claim.qualifier if word.endswith("_dominant")}
