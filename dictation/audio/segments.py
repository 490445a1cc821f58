"""The speech of a recording as segments without a long pause, each streamed in parts that follow each other.

Unlike windows, a segment has no greatest length: someone may speak for an hour. Memory holds one block of sound and one
pause, whatever the recording.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from dictation.audio.marks import DICTATED, FRAME_S, Hearing, Marked, marked, runs
from dictation.audio.resample import SAMPLE_RATE
from dictation.audio.silero import FRAME_SAMPLES


@dataclass(frozen=True)
class Part:
    """The next stretch of a segment.

    `samples` is 16 kHz mono float32, shape (n,), n may be 0. It begins at sample `start_sample` of the recording, where
    the part before ended. `speech` holds the [start, end) of each stretch of voice in it, in seconds of the recording.
    `ends`: the segment ends with it.
    """

    start_sample: int
    samples: np.ndarray
    speech: tuple[tuple[float, float], ...]
    ends: bool


def segments(
    blocks: Iterable[np.ndarray], grid_samples: int = 1, max_pause_s: float = 3.0, hearing: Hearing = DICTATED
) -> Iterator[Part]:
    """Yield the speech in 16 kHz mono float32 blocks as parts of segments, in order.

    A segment begins at a multiple of `grid_samples`, at most that far before its first voice, and ends where the voice
    pauses for `max_pause_s` or longer; longer pauses are in no segment, shorter ones inside. Silence gives none.
    Raises MissingError where faster-whisper is not installed.
    """
    cutter = _Cutter(grid_samples, max(1, round(max_pause_s / FRAME_S)))
    for part in marked(blocks, hearing):
        yield from cutter.feed(part)
    yield from cutter.finish()


class _Cutter:
    """Holds the sound and the marks that are not yet known to belong to a segment or not."""

    def __init__(self, grid_samples: int, max_pause: int) -> None:
        self._grid, self._max_pause = grid_samples, max_pause
        self._samples, self._start = np.zeros(0, np.float32), 0  # sound not yet given, and where it starts
        self._speech, self._first = np.zeros(0, bool), 0  # marks of frames not yet given, and their first frame
        self._is_inside = False

    def feed(self, part: Marked) -> Iterator[Part]:
        """Yield what is known once the next stretch of marked sound is."""
        self._samples = np.concatenate([self._samples, part.samples])
        self._speech = np.concatenate([self._speech, part.speech])
        while self._is_inside or self._begun():
            spans = runs(self._speech)
            stops = [0, *(stop for _, stop in spans)]
            starts = [*(start for start, _ in spans), len(self._speech)]
            pauses = (n for n in range(len(stops)) if starts[n] - stops[n] >= self._max_pause)
            pause = next(pauses, None)
            if pause is None:
                if spans:
                    yield self._given(spans, ends=False)
                return
            yield self._given(spans[:pause], ends=True)
            self._is_inside = False

    def finish(self) -> Iterator[Part]:
        """Yield the end of a segment that is still open."""
        if self._is_inside:
            yield self._given([], ends=True)

    def _begun(self) -> bool:
        """Go to where the next segment begins; False where no voice is left."""
        self._is_inside = bool(self._speech.any())
        silent = int(self._speech.argmax()) if self._is_inside else len(self._speech)
        self._first += silent
        self._speech = self._speech[silent:].copy()
        voice = self._first * FRAME_SAMPLES
        start = voice // self._grid * self._grid if self._is_inside else voice - self._grid
        self._drop(max(self._start, start))
        return self._is_inside

    def _given(self, spans: list[tuple[int, int]], ends: bool) -> Part:
        stop = spans[-1][1] if spans else 0
        start, last = self._start, self._start + len(self._samples)  # the last frame of a recording may be short
        end = min((self._first + stop) * FRAME_SAMPLES, last) if spans else start
        offset = self._first * FRAME_SAMPLES
        speech = tuple(
            ((offset + begin * FRAME_SAMPLES) / SAMPLE_RATE, min(offset + until * FRAME_SAMPLES, last) / SAMPLE_RATE)
            for begin, until in spans
        )
        part = Part(start, self._samples[: end - start].copy(), speech, ends)
        self._drop(end)
        self._speech, self._first = self._speech[stop:].copy(), self._first + stop
        return part

    def _drop(self, before: int) -> None:
        self._samples = self._samples[before - self._start :].copy()
        self._start = before
