"""How likely each sentence of two texts is wrong, held against all of the other text.

`evidence` gives a row of numbers for each sentence; boosted trees weigh them, which `benchmarks.pairs.fit_suspicion`
grew on pairs by fresh authors, each sentence of which has its label, and on planted errors. No rule takes part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dictation.discrepancy.columns import Column
from dictation.discrepancy.judge.features import kept_share
from dictation.discrepancy.suspicion.analysis import analysed
from dictation.discrepancy.suspicion.evidence import NAMES, evidence, seen_alike
from dictation.discrepancy.suspicion.evidence import Column as Analysed

TREES = Path(__file__).with_name("trees.npz")
MOST_WORDS = 1500  # of a text that is read so: each fact is held against each of the other text
COPIED = 0.92  # of the dictated words: a report that keeps so many is a copy, for which the rules were made
Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Characters [start, end) of a sentence, and the probability, 0–1, that it is wrong or told wrongly."""

    start: int
    end: int
    probability: float


Suspicions = dict[str, tuple[Suspicion, ...]]  # by the name of a column


def may_be_read(heard: Column, written: Column) -> bool:
    """Whether both texts can be read so within a moment, and the report is no copy."""
    most = max(len(heard.text.split()), len(written.text.split()))
    return most <= MOST_WORDS and kept_share(heard, written) < COPIED


def suspicions(heard: Column, written: Column) -> Suspicions:
    """Each sentence of both columns. Raises MissingError where the sentence judge is damaged or cannot be run."""
    one, two = (Analysed(analysed(c.text, c.sentences), c.name == "written") for c in (heard, written))
    alike = seen_alike(one.analysis, two.analysis)
    rows = evidence(one, two, alike), evidence(two, one, alike.T)
    return {
        column.name: tuple(
            Suspicion(sentence.start, sentence.end, float(likely))
            for sentence, likely in zip(text.analysis.sentences, weighed(of), strict=True)
        )
        for column, text, of in zip((heard, written), (one, two), rows, strict=True)
    }


def highest(found: Sequence[Suspicion], start: int, end: int) -> float | None:
    """The highest of the sentences that have a character of [start, end); None where none has."""
    return max((one.probability for one in found if one.start < end and start < one.end), default=None)


def weighed(rows: Array) -> Array:
    """The probability of each row of `evidence`, (rows,): the mean of the forests."""
    trees = _trees()
    roots = trees["roots"]
    at = np.broadcast_to(roots.reshape(1, -1), (len(rows), roots.size)).copy()
    of_row = np.arange(len(rows))[:, None]
    while True:
        value = rows[of_row, trees["feature"][at]]
        below = np.where(value <= trees["threshold"][at], trees["left"][at], trees["right"][at])
        if np.array_equal(below, at):
            break
        at = below
    sums = trees["value"][at].reshape(len(rows), *roots.shape).sum(axis=2) + trees["base"]
    found: Array = (1 / (1 + np.exp(-sums))).mean(axis=1)
    return found


@cache
def _trees() -> dict[str, npt.NDArray[np.generic]]:
    with np.load(TREES) as file:
        found = {name: file[name] for name in file.files}
    if tuple(found.pop("names").tolist()) != NAMES:
        raise ValueError(
            f"{TREES}: weighs other numbers than `evidence` gives; run benchmarks.pairs.fit_suspicion --write"
        )
    return found
