"""Where posteriors can be cut in two without cutting a word: for decoding a long recording block by block."""

from dataclasses import dataclass

import numpy as np

from dictation.speech.ctc.greedy import greedy
from dictation.speech.ctc.pieces import Pieces

_OPENING, _CLOSING = "{[", "}]"
_LONGEST_TOKEN = 40  # letters; a bracket that stays open for longer was never meant to be closed


@dataclass(frozen=True)
class Gap:
    """The frames [first, stop) between two words, where the likeliest piece is silence. There may be none."""

    first: int
    stop: int

    @property
    def middle(self) -> int:
        """The frame to cut before."""
        return (self.first + self.stop) // 2

    def __len__(self) -> int:
        """Frames of silence."""
        return self.stop - self.first


def gaps(posteriors: np.ndarray, pieces: Pieces) -> list[Gap]:
    """Return the gaps between words on the likeliest path, in order, and the silence at both ends.

    `posteriors` has the shape (frames, pieces). A gap inside a token of several words ("{next line}") is none.
    """
    found: list[Gap] = []
    first, token = 0, ""
    for one in greedy(posteriors, pieces.blank):
        if one.piece in pieces.silent or one.piece in pieces.ends:
            continue
        written = pieces.written[one.piece]
        is_inside = token != "" and len(token) < _LONGEST_TOKEN
        if (written.startswith(" ") and not is_inside) or not found:
            found.append(Gap(first, one.first_frame))
        first = one.last_frame + 1
        token = _open_token(token + written)
    return [*found, Gap(first, len(posteriors))]


def last_gap(posteriors: np.ndarray, pieces: Pieces, frame: int) -> int:
    """Return the frame in the last gap between words at or before `frame`; 0 where there is none."""
    return max((gap.middle for gap in gaps(posteriors, pieces) if gap.middle <= frame), default=0)


def _open_token(text: str) -> str:
    """What of a text stands behind its last bracket that is still open; "" where none is."""
    opened = max(text.rfind(mark) for mark in _OPENING)
    closed = max(text.rfind(mark) for mark in _CLOSING)
    return text[opened:] if opened > closed else ""
