"""Confidences and whether each word was right → a map from one to the other, and how far off it is.

The map is isotonic: neighbouring confidences are pooled until the share of right words only rises (pool adjacent
violators), then read by straight lines between the pools. It is judged on recordings that it was not fitted to,
which takes at least FOLDS of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

FOLDS = 5
TABLE_BINS = 10
POOL_WORDS = 20  # fewer words say little about a share
PRIOR_WORDS = 2.0  # each pool is drawn towards the overall share as if by two more words: none is ever 0 % or 100 %

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Bin:
    """Words of alike confidence [lowest, highest]: their mean confidence, and the share of them that were right."""

    lowest: float
    highest: float
    words: int
    confidence: float
    right: float


def bins(confidences: np.ndarray, right: np.ndarray, least: int) -> list[Bin]:
    """Return bins of at least `least` words in rising order; words of equal confidence stay together.

    `confidences` is float, shape (words,), 0–1; `right` bool of the same shape.
    """
    order = np.argsort(confidences, kind="stable")
    confidences, right = confidences[order], right[order]
    edges = [0]
    for stop in [*(np.flatnonzero(np.diff(confidences)) + 1), len(confidences)]:
        if stop - edges[-1] >= least:
            edges.append(int(stop))
    if edges[-1] != len(confidences):  # what is left joins the last
        edges = [*(edges[:-1] or [0]), len(confidences)] if len(edges) > 1 else [0, len(confidences)]
    return [
        Bin(
            lowest=float(confidences[start]),
            highest=float(confidences[stop - 1]),
            words=stop - start,
            confidence=float(confidences[start:stop].mean()),
            right=float(right[start:stop].mean()),
        )
        for start, stop in pairwise(edges)
        if stop > start
    ]


def fitted(confidences: np.ndarray, right: np.ndarray) -> Points:
    """Return pairs (confidence, probability of being right); both rise, the second weakly.

    Raises ValueError where there are no words.
    """
    pools = bins(confidences, right, POOL_WORDS)
    if not pools:
        raise ValueError("no words to fit to")
    overall = float(right.mean())
    blocks: list[tuple[float, float, list[float]]] = []  # words, right words, mean confidence of each pool
    for pool in pools:
        words, correct, places = float(pool.words), pool.right * pool.words, [pool.confidence]
        while blocks and blocks[-1][1] * words >= correct * blocks[-1][0]:
            earlier = blocks.pop()
            words, correct, places = words + earlier[0], correct + earlier[1], earlier[2] + places
        blocks.append((words, correct, places))
    points: list[tuple[float, float]] = []
    largest = 0.0
    for words, correct, places in blocks:
        largest = max(largest, (correct + PRIOR_WORDS * overall) / (words + PRIOR_WORDS))
        points += [(place, largest) for place in dict.fromkeys((places[0], places[-1]))]
    return tuple(points)


def read(points: Points, confidences: np.ndarray) -> np.ndarray:
    """Return the probabilities that `points` give for confidences, shape (words,)."""
    places, shares = zip(*points, strict=True)
    return np.asarray(np.interp(confidences, places, shares))


def unseen(confidences: np.ndarray, right: np.ndarray, recordings: Sequence[int]) -> np.ndarray:
    """Return for each word the probability that a map gives it which was fitted to other recordings.

    `recordings` numbers the recording of each word. Raises ValueError for fewer than FOLDS recordings: parts of one
    recording share its voice and its room, so none of them is unseen.
    """
    numbers = np.asarray(recordings)
    known = np.unique(numbers)
    if len(known) < FOLDS:
        raise ValueError(f"{len(known)} recordings; at least {FOLDS} are needed")
    folds = np.searchsorted(known, numbers) % FOLDS
    found = np.empty(len(confidences))
    for fold in np.unique(folds):
        inside = folds == fold
        found[inside] = read(fitted(confidences[~inside], right[~inside]), confidences[inside])
    return found


def calibration_error(confidences: np.ndarray, right: np.ndarray) -> float:
    """Return the expected calibration error, 0–1: how far confidence and share of right words lie apart on average.

    Over bins of about a tenth of the words each.
    """
    table = bins(confidences, right, max(1, len(confidences) // TABLE_BINS))
    return sum(row.words * abs(row.confidence - row.right) for row in table) / max(1, len(confidences))
