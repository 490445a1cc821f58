"""A long stretch of sound as overlapping windows, and their posteriors as one: frame by frame, in bounded memory.

Frames are numbered from the start of the recording, one every 640 samples, so those of two windows meet exactly. Where
windows overlap their probabilities are averaged with the weights of a Hann window, because a network knows least at
the edge of what it sees; a frame that one window alone sees is as that window gave it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from dictation.audio.segments import Part
from dictation.speech.ctc.cuts import gaps
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.medasr.letters import FRAME_S, FRAME_SAMPLES, MIN_SAMPLES

BLOCK_FRAMES = 500  # 20 s: a block that is decoded is at least so long, where the segment is
LONGEST_BLOCK_FRAMES = 1500  # after a minute without a gap between words it is cut in the best place there is
_LOST_FRAMES = -(-MIN_SAMPLES // FRAME_SAMPLES) - 1  # 3: a window gives so many fewer than it lasts


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
class Block:
    """Fused posteriors, float32, shape (frames, pieces), of frames from `first_frame` on; no word goes on behind it."""

    first_frame: int
    posteriors: np.ndarray


def placed(parts: Iterable[Part], window_s: float, overlap_s: float) -> Iterator[tuple[Place, np.ndarray]]:
    """Yield segments as windows: place and samples, 16 kHz mono float32, at most `window_s` long.

    Each but the first of a segment begins `overlap_s` before the one before it ends, at the least 120 ms, so that no
    frame is missing. The last two share what is left, so that neither is short. Segments begin at multiples of 640
    samples. Two windows are held.
    """
    window, overlap = _grid_samples(window_s), max(_LOST_FRAMES * FRAME_SAMPLES, _grid_samples(overlap_s))
    if overlap >= window:
        raise ValueError(f"windows of {window_s} s cannot overlap by {overlap_s} s")
    shared = overlap // FRAME_SAMPLES - _LOST_FRAMES
    fade = min(shared, (window // FRAME_SAMPLES - _LOST_FRAMES) // 2)
    start, held, rise = 0, np.zeros(0, np.float32), 0
    for part in parts:
        start = start if len(held) else part.start_sample
        held = np.concatenate([held, part.samples])
        while len(held) > 2 * window - overlap or (part.ends and len(held) > window):
            left = len(held) if part.ends else 2 * window
            size = window if left > 2 * window - overlap else _half(left + overlap)
            yield Place(start // FRAME_SAMPLES, rise, fade, ends=False), held[:size]
            start, held, rise = start + size - overlap, held[size - overlap :].copy(), fade
        if part.ends:
            yield Place(start // FRAME_SAMPLES, rise, 0, ends=True), held
            held, rise = held[:0], 0


class Fusion:
    """Takes the posteriors of one recording's windows in order and gives them back fused, cut between words."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._first = 0  # the frame at which everything held starts
        self._settled = np.zeros((0, len(pieces)), np.float32)  # no window to come changes these
        self._sum = self._settled  # weighted sums of the frames behind them
        self._weight = np.zeros(0, np.float32)

    @property
    def held_frames(self) -> int:
        """How many frames wait for more."""
        return len(self._settled) + len(self._sum)

    def add(self, place: Place, posteriors: np.ndarray) -> list[Block]:
        """Take the next window's posteriors, float32, shape (frames, pieces); return the blocks that are complete."""
        if self.held_frames == 0:
            self._first = place.first_frame
        begin = place.first_frame - self._first - len(self._settled)
        self._settle(begin)
        missing = len(posteriors) - len(self._sum)
        if missing > 0:
            self._sum = np.concatenate([self._sum, np.zeros((missing, len(self._pieces)), np.float32)])
            self._weight = np.concatenate([self._weight, np.zeros(missing, np.float32)])
        weights = _weights(len(posteriors), place.rise, place.fall)
        self._sum[: len(posteriors)] += weights[:, None] * posteriors
        self._weight[: len(posteriors)] += weights
        if place.ends:
            return self.flush()
        return list(self._complete())

    def flush(self) -> list[Block]:
        """Return everything that is held, as if the segment ended here."""
        self._settle(len(self._sum))
        blocks = list(self._complete())
        if len(self._settled):
            blocks.append(self._cut(len(self._settled)))
        return blocks

    def _settle(self, frames: int) -> None:
        """Average the first `frames` that still wait for windows."""
        averaged = self._sum[:frames] / self._weight[:frames, None]
        self._settled = np.concatenate([self._settled, averaged])
        self._sum, self._weight = self._sum[frames:].copy(), self._weight[frames:].copy()

    def _complete(self) -> Iterator[Block]:
        """Yield blocks while enough is settled to choose a good place to cut."""
        while len(self._settled) >= 2 * BLOCK_FRAMES:
            inner = [gap for gap in gaps(self._settled, self._pieces)[1:-1] if gap.middle >= BLOCK_FRAMES]
            if inner:
                yield self._cut(max(inner, key=len).middle)
            elif len(self._settled) >= LONGEST_BLOCK_FRAMES:
                yield self._cut(self._quietest())
            else:
                return

    def _quietest(self) -> int:
        """The frame of the later half that is most surely blank: a word without end is cut there."""
        half = len(self._settled) // 2
        return half + int(self._settled[half:, self._pieces.blank].argmax())

    def _cut(self, frame: int) -> Block:
        block = Block(self._first, self._settled[:frame])
        self._settled, self._first = self._settled[frame:].copy(), self._first + frame
        return block


def _weights(frames: int, rise: int, fall: int) -> np.ndarray:
    """A window's weight at each of its frames: 1, with half a Hann window over `rise` and `fall` frames at its ends."""
    weights = np.ones(frames, np.float32)
    weights[:rise] *= _hann(rise)[:frames]
    weights[frames - fall :] *= _hann(fall)[::-1][-frames:]
    return weights


def _hann(frames: int) -> np.ndarray:
    """The rising half of a Hann window; with its mirror image it adds up to 1, and it is nowhere 0."""
    return np.square(np.sin(np.pi / 2 * (np.arange(frames) + 0.5) / max(1, frames))).astype(np.float32)


def _grid_samples(seconds: float) -> int:
    return round(seconds / FRAME_S) * FRAME_SAMPLES


def _half(samples: int) -> int:
    """Half of them, rounded up to whole frames."""
    return -(-samples // (2 * FRAME_SAMPLES)) * FRAME_SAMPLES
