"""A long stretch of sound as windows that a network can hold: in which frames each lies, and where two of them meet.

Windows meet in a pause, where there is one: nothing is said there that either could mishear. Where somebody speaks
without a pause they overlap by more, because a network knows least at the edge of what it sees.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.audio.segments import Part
from dictation.speech.medasr.letters import FRAME_S, FRAME_SAMPLES, MIN_SAMPLES

LOST_FRAMES = -(-MIN_SAMPLES // FRAME_SAMPLES) - 1  # 3: a window gives so many fewer than it lasts
PAUSE_OVERLAP_S = 0.8  # of windows that meet in a pause, at the most: the pause itself where it is shorter
_MIN_PAUSE_SAMPLES = (LOST_FRAMES + 2) * FRAME_SAMPLES  # 0.2 s: on the grid of frames, some of it is in both windows


@dataclass(frozen=True)
class Place:
    """Where a window lies. `rise` and `fall`: frames over which its weight grows from and falls to nothing.

    `ends`: the segment ends with it.
    """

    first_frame: int
    rise: int
    fall: int
    ends: bool


@dataclass(frozen=True)
class _Seam:
    """Where two windows meet, in samples of what is held: the first ends at `stop`, the second begins at `start`."""

    start: int
    stop: int
    fade: int


def placed(parts: Iterable[Part], window_s: float, overlap_s: float) -> Iterator[tuple[Place, np.ndarray]]:
    """Yield segments as windows: place and samples, 16 kHz mono float32, at most `window_s` long.

    Two windows meet in the longest pause of the later half of the first, where there is one, else they overlap by
    `overlap_s`, at the least 120 ms, so that no frame is missing; the last two then share what is left, so that neither
    is short. Segments begin at multiples of 640 samples. Two windows are held.
    """
    window, overlap = _grid(window_s), max(LOST_FRAMES * FRAME_SAMPLES, _grid(overlap_s))
    if overlap >= window:
        raise ValueError(f"windows of {window_s} s cannot overlap by {overlap_s} s")
    start, held, rise = 0, np.zeros(0, np.float32), 0
    speech: list[tuple[float, float]] = []
    for part in parts:
        start = start if len(held) else part.start_sample
        held = np.concatenate([held, part.samples])
        speech.extend(part.speech)
        while len(held) > 2 * window - overlap or (part.ends and len(held) > window):
            left = len(held) if part.ends else None
            seam = _in_a_pause(_pauses(speech, start), window, left) or _in_speech(window, overlap, left)
            yield Place(start // FRAME_SAMPLES, rise, seam.fade, ends=False), held[: seam.stop].copy()
            start, held, rise = start + seam.start, held[seam.start :].copy(), seam.fade
            speech = [span for span in speech if span[1] * SAMPLE_RATE > start]
        if part.ends:
            yield Place(start // FRAME_SAMPLES, rise, 0, ends=True), held
            held, rise, speech = held[:0], 0, []


def _pauses(speech: list[tuple[float, float]], start: int) -> list[tuple[int, int]]:
    """The [start, stop) samples between stretches of voice, counted from sample `start` and within the grid."""
    ends = (round(end_s * SAMPLE_RATE) - start for _, end_s in speech[:-1])
    begins = (round(begin_s * SAMPLE_RATE) - start for begin_s, _ in speech[1:])
    grid = FRAME_SAMPLES
    found = ((-(-end // grid) * grid, begin // grid * grid) for end, begin in zip(ends, begins, strict=True))
    return [(end, begin) for end, begin in found if begin - end >= _MIN_PAUSE_SAMPLES]


def _in_a_pause(pauses: list[tuple[int, int]], window: int, left: int | None) -> _Seam | None:
    """Meet in the longest pause of the later half of a window, or of where the rest fits into one more.

    `left`: samples up to the end of the segment, where it is known.
    """
    earliest = window // 2 if left is None or left > 3 * window // 2 else max(window // 4, left - window)
    earliest = -(-earliest // FRAME_SAMPLES) * FRAME_SAMPLES
    latest = window if left is None else min(window, left - window // 4)
    inside = [(max(begin, earliest), min(stop, latest)) for begin, stop in pauses]
    inside = [(begin, stop) for begin, stop in inside if stop - begin >= _MIN_PAUSE_SAMPLES]
    if not inside:
        return None
    begin, stop = max(inside, key=lambda pause: pause[1] - pause[0])
    spare = max(0, (stop - begin - _grid(PAUSE_OVERLAP_S)) // (2 * FRAME_SAMPLES)) * FRAME_SAMPLES
    begin, stop = begin + spare, stop // FRAME_SAMPLES * FRAME_SAMPLES - spare
    return _Seam(begin, stop, (stop - begin) // FRAME_SAMPLES - LOST_FRAMES)


def _in_speech(window: int, overlap: int, left: int | None) -> _Seam:
    """Overlap by `overlap`; two windows that hold all that is left are of one length."""
    is_last = left is not None and left <= 2 * window - overlap
    stop = -(-((left or 0) + overlap) // (2 * FRAME_SAMPLES)) * FRAME_SAMPLES if is_last else window
    shared = overlap // FRAME_SAMPLES - LOST_FRAMES
    return _Seam(stop - overlap, stop, min(shared, (window // FRAME_SAMPLES - LOST_FRAMES) // 2))


def _grid(seconds: float) -> int:
    """Samples of so many seconds, in whole frames."""
    return round(seconds / FRAME_S) * FRAME_SAMPLES
