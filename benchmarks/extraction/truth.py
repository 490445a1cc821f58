"""What the human codes say of a report: families of findings, each with its sides, zones and grades.

A code is a head with qualifiers, such as `Opacity/lung/base/right`. `codes.tsv` names the families that a head with
certain qualifiers stands for; `families.tsv` names the families. Codes hold nothing on what is absent or doubtful.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from benchmarks.extraction.tables import HERE, alternatives, rows

NORMAL = frozenset({"normal", "no indexing"})  # codes that name no finding
SIDES = {"left": {"left"}, "right": {"right"}, "bilateral": {"left", "right"}}
ZONES = {"upper lobe": "upper", "apex": "upper", "middle lobe": "middle", "lingula": "middle", "lower lobe": "lower",
         "base": "lower", "hilum": "hilar"}  # fmt: skip
GRADES = {"borderline": "mild", "mild": "mild", "small": "mild", "moderate": "moderate", "severe": "severe",
          "large": "severe"}  # fmt: skip


@dataclass
class Attributes:
    """All that is said of one family in one report; an empty set: nothing is said."""

    sides: set[str] = field(default_factory=set)
    zones: set[str] = field(default_factory=set)
    grades: set[str] = field(default_factory=set)

    def add(self, other: "Attributes") -> None:
        """Take in what another mention says."""
        self.sides |= other.sides
        self.zones |= other.zones
        self.grades |= other.grades


@dataclass(frozen=True)
class Family:
    """One family. `has_side`: whether a coded side is the side of a place (a curve's direction is not)."""

    id: str
    has_side: bool
    has_zone: bool


@dataclass(frozen=True)
class _Code:
    family: str
    needs: tuple[frozenset[str], ...]  # of each group one qualifier
    lacks: frozenset[str]


@cache
def families() -> dict[str, Family]:
    """All families by id, in the order of the table."""
    table = rows(HERE / "families.tsv")
    return {row["family"]: Family(row["family"], row["side"] == "yes", row["zone"] == "yes") for row in table}


@cache
def _codes() -> dict[str, list[_Code]]:
    found: dict[str, list[_Code]] = {}
    for row in rows(HERE / "codes.tsv"):
        if row["family"] not in families():
            raise ValueError(f"codes.tsv: {row['family']} is not in families.tsv")
        needs = tuple(frozenset(alternatives(group)) for group in row["needs"].split("&") if group.strip())
        code = _Code(row["family"], needs, frozenset(alternatives(row["lacks"])))
        found.setdefault(row["head"].casefold(), []).append(code)
    return found


def parts(code: str) -> tuple[str, frozenset[str]]:
    """Head and qualifiers of one code, in lower case."""
    head, *qualifiers = [part.strip().casefold() for part in code.split("/")]
    return head, frozenset(qualifiers)


def families_of(code: str) -> list[str]:
    """The families that one code stands for; none for a head that is not mapped."""
    head, qualifiers = parts(code)
    return [
        rule.family
        for rule in _codes().get(head, ())
        if all(group & qualifiers for group in rule.needs) and not rule.lacks & qualifiers
    ]


def attributes_of(code: str) -> Attributes:
    """Side, zone and grade of one code."""
    _, qualifiers = parts(code)
    found = Attributes()
    for qualifier in qualifiers:
        found.sides |= SIDES.get(qualifier, set())
        found.zones |= {ZONES[qualifier]} if qualifier in ZONES else set()
        found.grades |= {GRADES[qualifier]} if qualifier in GRADES else set()
    return found


def coded(codes: Iterable[str]) -> dict[str, Attributes]:
    """The families that the codes of one report state, with what they say of each."""
    found: dict[str, Attributes] = {}
    for code in codes:
        for family in families_of(code):
            found.setdefault(family, Attributes()).add(attributes_of(code))
    return found


@dataclass(frozen=True)
class Coverage:
    """How many codes that name a finding are mapped to a family, all and those with a side."""

    codes: int
    mapped: int
    sided: int
    sided_mapped: int


def coverage(reports: Iterable[Iterable[str]]) -> Coverage:
    """Counted over every code of every report; `normal` names no finding and is left out."""
    every = [code for codes in reports for code in codes if parts(code)[0] not in NORMAL]
    sided = [code for code in every if attributes_of(code).sides]
    return Coverage(len(every), sum(map(_is_mapped, every)), len(sided), sum(map(_is_mapped, sided)))


def _is_mapped(code: str) -> bool:
    return bool(families_of(code))
