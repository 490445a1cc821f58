"""Whether confidences mean what they say: of the words heard with 0.9, nine of ten should be right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dictation.speech.reliability import TABLE_BINS, Bin
from dictation.speech.reliability import bins as equal_bins


@dataclass(frozen=True, slots=True)
class Reliability:
    """The reliability curve as bins of about equally many words, and the expected calibration error, 0–1.

    Without any word that has a confidence there are no bins, and the error is None.
    """

    bins: tuple[Bin, ...]
    ece: float | None


def reliability(
    confidences: Sequence[float | None], hits: Sequence[bool | None], bins: int = TABLE_BINS
) -> Reliability:
    """Lay confidences beside whether each word was right. Words without confidence, or not judged, are left out."""
    judged = [(sure, hit) for sure, hit in zip(confidences, hits, strict=True) if sure is not None and hit is not None]
    if not judged:
        return Reliability((), None)
    table = equal_bins(
        np.array([sure for sure, _ in judged], dtype=float),
        np.array([hit for _, hit in judged], dtype=bool),
        max(1, len(judged) // bins),
    )
    return Reliability(tuple(table), sum(row.words * abs(row.confidence - row.right) for row in table) / len(judged))
