"""What an engine's claims mean to the benchmark: one table an engine turns its names into families, sides and zones.

In: the claims of one report as the engine wrote them (dictionaries). Out: the families that it takes as present.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks.extraction.tables import HERE, alternatives, rows
from benchmarks.extraction.truth import Attributes, families

Policy = Literal["present", "absent"]  # how a finding that is only possible counts
_ASSERTION = ("status", "certainty", "temporality")
_STRENGTH = ("absent", "possible", "present")


@dataclass(frozen=True)
class _Meaning:
    families: tuple[str, ...]
    needed: tuple[tuple[str, frozenset[str]], ...]
    barred: tuple[tuple[str, frozenset[str]], ...]

    def holds(self, claim: dict[str, Any]) -> bool:
        return all(names & _said(claim, field) for field, names in self.needed) and not any(
            names & _said(claim, field) for field, names in self.barred
        )


class Mapping:
    """The table of one engine, applied to its claims."""

    def __init__(self, path: Path) -> None:
        """ValueError where the table names a family, or an assertion, that does not exist."""
        self._findings: dict[str, list[_Meaning]] = {}
        self._values: dict[tuple[str, str], tuple[str, ...]] = {}
        for row in rows(path):
            meant = alternatives(row["to"])
            if row["field"] == "finding":
                if unknown := set(meant) - set(families()):
                    raise ValueError(f"{path.name}: {sorted(unknown)} is in no row of families.tsv")
                self._findings.setdefault(row["name"], []).append(_Meaning(meant, *_conditions(row["when"])))
            else:
                self._values[row["field"], row["name"]] = meant

    def unmapped(self, claims: Iterable[dict[str, Any]]) -> set[str]:
        """Names of findings that the table lacks."""
        return {claim["finding"] for claim in claims} - set(self._findings)

    def taken(self, claims: Iterable[dict[str, Any]], possible: Policy) -> dict[str, Attributes]:
        """The families that these claims take as present, with all that they say of each."""
        wanted = _STRENGTH.index("possible" if possible == "present" else "present")
        found: dict[str, Attributes] = {}
        for claim in claims:
            if self._strength(claim) >= wanted:
                for family in self._families(claim):
                    found.setdefault(family, Attributes()).add(self._attributes(claim))
        return found

    def _families(self, claim: dict[str, Any]) -> list[str]:
        meanings = self._findings.get(claim["finding"], [])
        return [family for meaning in meanings if meaning.holds(claim) for family in meaning.families]

    def _strength(self, claim: dict[str, Any]) -> int:
        """The least of what status, certainty and time say; a field that is missing says nothing."""
        said = [self._meant(field, name) for field in _ASSERTION for name in _said(claim, field)]
        return min((_STRENGTH.index(name) for names in said for name in names), default=_STRENGTH.index("present"))

    def _meant(self, field: str, name: str) -> tuple[str, ...]:
        try:
            return self._values[field, name]
        except KeyError:
            raise ValueError(f"The table of this engine has no row for {field} {name!r}; add one.") from None

    def _attributes(self, claim: dict[str, Any]) -> Attributes:
        return Attributes(*(self._named(claim, field) for field in ("laterality", "site", "severity")))

    def _named(self, claim: dict[str, Any], field: str) -> set[str]:
        return {name for said in _said(claim, field) for name in self._values.get((field, said), ())}


def table_of(engine: str) -> Path:
    """The table of an engine by its name."""
    return HERE / "engines" / f"{engine}.tsv"


def _said(claim: dict[str, Any], field: str) -> set[str]:
    value = claim.get(field)
    if value is None:
        return set()
    return {value} if isinstance(value, str) else set(value)


def _conditions(when: str) -> tuple[tuple[tuple[str, frozenset[str]], ...], ...]:
    needed: list[tuple[str, frozenset[str]]] = []
    barred: list[tuple[str, frozenset[str]]] = []
    for condition in filter(None, (part.strip() for part in when.split(";"))):
        field, _, names = condition.partition("=")
        group = barred if field.endswith("!") else needed
        group.append((field.rstrip("!").strip(), frozenset(alternatives(names))))
    return tuple(needed), tuple(barred)
