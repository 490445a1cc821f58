"""Pieces in order → the words that they spell, each with its frames and the frames around it that it could fill."""

from collections.abc import Sequence
from dataclasses import dataclass

from dictation.speech.ctc.greedy import Emitted
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.spoken import unmarked


@dataclass(frozen=True)
class Said:
    """A word between spaces. Frames are inclusive; [`free_from`, `free_to`] reaches to the words beside it.

    `first` and `stop` bound its pieces in the sequence of all. `first_frame` is that of its first letter; the space
    before it may be a piece of its own, from `space_frame` on. `core` is its text without guessed marks at its end.
    """

    text: str
    first: int
    stop: int
    space_frame: int
    first_frame: int
    last_frame: int
    free_from: int
    free_to: int

    @property
    def core(self) -> str:
        """The text that was spoken."""
        return unmarked(self.text)


def said(emitted: Sequence[Emitted], pieces: Pieces, frames: int) -> list[Said]:
    """Return the words of a sequence of pieces in `frames` frames."""
    if not emitted:
        return []
    starts = [number for number, one in enumerate(emitted) if pieces.written[one.piece].startswith(" ") or number == 0]
    groups = []
    for first, stop in zip(starts, [*starts[1:], len(emitted)], strict=True):
        text = "".join(pieces.written[one.piece] for one in emitted[first:stop]).strip()
        voiced = [one for one in emitted[first:stop] if pieces.written[one.piece].strip()]
        if text:
            space = min(emitted[first].first_frame, voiced[0].first_frame)
            groups.append((text, first, stop, space, voiced[0].first_frame, voiced[-1].last_frame))
    ends = [-1, *(group[5] for group in groups)]
    begins = [*(group[3] for group in groups[1:]), frames]
    return [
        Said(*group, free_from=min(end + 1, group[3]), free_to=max(begin - 1, group[5]))
        for group, end, begin in zip(groups, ends, begins, strict=False)
    ]
