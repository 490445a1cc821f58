"""Greedy CTC decoding: posteriors per frame → the pieces that were emitted, with their frames and probabilities."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Emitted:
    """One piece of the vocabulary. It was the likeliest in every frame of [first_frame, last_frame].

    `probability`, 0–1, is its highest posterior in those frames.
    """

    piece: int
    first_frame: int
    last_frame: int
    probability: float


def greedy(posteriors: np.ndarray, blank: int) -> list[Emitted]:
    """Return the likeliest piece of each frame, runs of one piece taken once and blanks left out, in order.

    `posteriors` has the shape (frames, pieces), each row summing to 1; `blank` is the column of the blank.
    """
    if len(posteriors) == 0:
        return []
    best = posteriors.argmax(axis=1)
    edges = np.flatnonzero(np.diff(best)) + 1
    starts = np.concatenate([[0], edges])
    stops = np.concatenate([edges, [len(best)]])
    return [
        Emitted(
            piece=int(best[start]),
            first_frame=int(start),
            last_frame=int(stop) - 1,
            probability=float(posteriors[start:stop, best[start]].max()),
        )
        for start, stop in zip(starts, stops, strict=True)
        if best[start] != blank
    ]
