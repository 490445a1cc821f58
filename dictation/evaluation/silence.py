"""Words heard where nobody spoke: a recognizer's inventions."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from dictation.speech import Word


@dataclass(frozen=True, slots=True)
class Invented:
    """`words` heard in `silence_s` seconds without voice."""

    words: int
    silence_s: float


def words_on_silence(words: Iterable[Word], voice: Iterable[tuple[float, float]], duration_s: float) -> Invented:
    """Count the words whose middle lies outside `voice`, the [start, end) seconds of speech in the recording.

    Words without seconds are not judged.
    """
    spans = _merged(voice, duration_s)
    starts = [start for start, _ in spans]
    middles = [(word.start_s + word.end_s) / 2 for word in words if word.start_s is not None and word.end_s is not None]
    invented = sum(1 for at in middles if (n := bisect_right(starts, at)) == 0 or at >= spans[n - 1][1])
    return Invented(invented, max(0.0, duration_s - sum(end - start for start, end in spans)))


def _merged(voice: Iterable[tuple[float, float]], duration_s: float) -> list[tuple[float, float]]:
    """The spans within the recording, in order, none touching another."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(voice):
        start, end = max(0.0, start), min(end, duration_s)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged
