"""How likely each sentence of two texts is wrong, held against all of the other text, and what is wrong where it is.

`evidence` gives a row of numbers for each sentence; boosted trees weigh them, which `benchmarks.pairs.fit_suspicion`
grew on pairs by fresh authors, each sentence of which has its label, and on planted errors. No rule takes part.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Kind
from dictation.discrepancy.kept import kept_share
from dictation.discrepancy.suspicion.analysis import analysed
from dictation.discrepancy.suspicion.evidence import NAMES, evidence, seen_alike
from dictation.discrepancy.suspicion.evidence import Column as Analysed

SENTENCES = Path(__file__).with_name("trees.npz")
OF_KINDS = Path(__file__).with_name("kind_trees.npz")
SUSPECTED: tuple[Kind, ...] = (
    "addition", "certainty", "change", "laterality", "level", "measurement", "negation", "omission", "prior", "scoring",
    "severity", "site",
)  # fmt: skip
"""What may be wrong of a sentence, in the order of `OF_KINDS`."""
FEWEST_WORDS = 20  # of a text: nobody wrote shorter ones for the trees to be grown on
MOST_WORDS = 1500  # of a text that is read so: each fact is held against each of the other text
COPIED = 0.92  # of the dictated words: a report that keeps so many is a copy, for which the rules were made
Array = npt.NDArray[np.float32]


class Suspicions(NamedTuple):
    """Of the sentences of the heard and of the written text the `evidence`, how likely each is wrong, 0–1, and what.

    `kinds`, (sentences, len(SUSPECTED)): how likely each kind of error is in a sentence that is wrong.
    """

    rows: tuple[Array, Array]
    likely: tuple[Array, Array]
    kinds: tuple[Array, Array]

    def of(self, column: Column) -> tuple[Array, Array]:
        """How likely each sentence of this column is wrong, and the kinds."""
        at = 0 if column.name == "heard" else 1
        return self.likely[at], self.kinds[at]


def may_be_read(heard: Column, written: Column) -> bool:
    """Whether both texts have enough words and can be read so within a moment, and the report is no copy."""
    lengths = [len(column.text.split()) for column in (heard, written)]
    return min(lengths) >= FEWEST_WORDS and max(lengths) <= MOST_WORDS and kept_share(heard.text, written.text) < COPIED


def suspicions(heard: Column, written: Column) -> Suspicions:
    """Each sentence of both columns. Raises MissingError where the sentence judge is damaged or cannot be run."""
    one, two = rows_of(heard, written)
    return Suspicions(
        (one, two),
        (weighed(one, SENTENCES, NAMES), weighed(two, SENTENCES, NAMES)),
        (kinds_of(one, OF_KINDS, NAMES), kinds_of(two, OF_KINDS, NAMES)),
    )


def rows_of(heard: Column, written: Column) -> tuple[Array, Array]:
    """The `evidence` of each sentence of both columns, (sentences, len(NAMES)). Raises as `suspicions` does."""
    one, two = (Analysed(analysed(c.text, c.sentences), c.name == "written") for c in (heard, written))
    alike = seen_alike(one.analysis, two.analysis)
    return evidence(one, two, alike), evidence(two, one, alike.T)


def weighed(rows: Array, file: Path, names: tuple[str, ...]) -> Array:
    """The probability of each row, (rows,), whose numbers have these names: the mean of the forests of the file."""
    found: Array = (1 / (1 + np.exp(-_sums(rows, file, names)[:, :, 0]))).mean(axis=1)
    return found


def kinds_of(rows: Array, file: Path, names: tuple[str, ...]) -> Array:
    """The probability of each outcome that the forests of the file tell apart, (rows, outcomes)."""
    powers = np.exp(_sums(rows, file, names))
    found: Array = (powers / powers.sum(axis=2, keepdims=True)).mean(axis=1)
    return found


def _sums(rows: Array, file: Path, names: tuple[str, ...]) -> Array:
    """What the trees of each forest and outcome add up to, (rows, forests, outcomes)."""
    trees = _trees(file, names)
    roots = trees["roots"]
    at = np.broadcast_to(roots.reshape(1, -1), (len(rows), roots.size)).copy()
    of_row = np.arange(len(rows))[:, None]
    while True:
        value = rows[of_row, trees["feature"][at]]
        below = np.where(value <= trees["threshold"][at], trees["left"][at], trees["right"][at])
        if np.array_equal(below, at):
            break
        at = below
    found: Array = trees["value"][at].reshape(len(rows), *roots.shape).sum(axis=3) + trees["base"]
    return found


@cache
def _trees(path: Path, names: tuple[str, ...]) -> dict[str, npt.NDArray[np.generic]]:
    """The nodes of the trees of a file; `roots` is (forests, outcomes, trees), `base` (forests, outcomes)."""
    with np.load(path) as file:
        found = {name: file[name] for name in file.files}
    if tuple(found.pop("names").tolist()) != names:
        raise ValueError(f"{path}: weighs other numbers than are given; run benchmarks.pairs.fit_suspicion --write")
    return found
