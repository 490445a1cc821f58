"""The posteriors of windows that overlap as those of one long stretch: frame by frame, in bounded memory.

Frames are numbered from the start of the recording, one every 640 samples, so those of two windows meet exactly. Where
windows overlap their probabilities are averaged with the weights of a Hann window, because a network knows least at
the edge of what it sees; a frame that one window alone sees is as that window gave it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dictation.speech.ctc.cuts import gaps
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.medasr.places import Place

BLOCK_FRAMES = 500  # 20 s: a block that is decoded is at least so long, where the segment is
LONGEST_BLOCK_FRAMES = 1500  # after a minute without a gap between words it is cut in the best place there is


@dataclass(frozen=True)
class Block:
    """Fused posteriors, float32, shape (frames, pieces), of frames from `first_frame` on; no word goes on behind it.

    `ends`: the segment ends with it.
    """

    first_frame: int
    posteriors: np.ndarray
    ends: bool


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
            blocks.append(self._cut(len(self._settled), ends=True))
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

    def _cut(self, frame: int, ends: bool = False) -> Block:
        block = Block(self._first, self._settled[:frame], ends)
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
