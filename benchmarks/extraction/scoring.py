"""Counts of one engine against the codes: presence by family and report, and how sides, zones and grades agree.

Presence: hits, false alarms and misses over report x family. An attribute is compared where the codes state it and the
engine found the family: `exact`, `partial` (some in common), `none` (the engine says nothing), `flipped` (nothing in
common: the other side, another zone, another grade).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.extraction.truth import Attributes, families

OUTCOMES = ("exact", "partial", "none", "flipped")
ATTRIBUTES = ("side", "zone", "severity")


@dataclass(frozen=True)
class Counts:
    """`presence`: reports x families x (hit, false alarm, miss). `agreement`: reports x ATTRIBUTES x OUTCOMES."""

    presence: np.ndarray[Any, np.dtype[np.int64]]
    agreement: np.ndarray[Any, np.dtype[np.int64]]

    def of(self, chosen: Sequence[bool]) -> "Counts":
        """Those of some reports."""
        kept = np.asarray(chosen, dtype=bool)
        return Counts(self.presence[kept], self.agreement[kept])


def count(truths: Sequence[dict[str, Attributes]], takens: Sequence[dict[str, Attributes]]) -> Counts:
    """Counts of all reports; `truths` and `takens` in the same order."""
    names = list(families())
    presence = np.zeros((len(truths), len(names), 3), dtype=np.int64)
    agreement = np.zeros((len(truths), len(ATTRIBUTES), len(OUTCOMES)), dtype=np.int64)
    for row, (truth, taken) in enumerate(zip(truths, takens, strict=True)):
        for column, name in enumerate(names):
            presence[row, column] = (
                name in truth and name in taken,
                name not in truth and name in taken,
                name in truth and name not in taken,
            )
            if name in truth and name in taken:
                for kind, outcome in agreements(name, truth[name], taken[name]).items():
                    agreement[row, ATTRIBUTES.index(kind), OUTCOMES.index(outcome)] += 1
    return Counts(presence, agreement)


def agreements(family: str, truth: Attributes, taken: Attributes) -> dict[str, str]:
    """The outcome of every attribute that the codes state of a family that was found."""
    pairs = {"severity": (truth.grades, taken.grades)}
    if families()[family].has_side:
        pairs["side"] = (truth.sides, taken.sides)
    if families()[family].has_zone:
        pairs["zone"] = (truth.zones, taken.zones)
    return {kind: _outcome(coded, said) for kind, (coded, said) in pairs.items() if coded}


def _outcome(coded: set[str], said: set[str]) -> str:
    if not said:
        return "none"
    if coded == said:
        return "exact"
    return "partial" if coded & said else "flipped"
