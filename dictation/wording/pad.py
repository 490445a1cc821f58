"""The one editable text of a dictation: dictated, typed and macro pieces, each tied to the words that it came from.

A pad never changes: every edit gives another one, so that undo is going back, and a draft can be saved at any moment.
"""

from typing import Literal

from dictation.frozen import Frozen
from dictation.speech.transcript import Transcript
from dictation.wording.written import Command, Retraction

Origin = Literal["dictated", "typed", "macro"]


class Tie(Frozen):
    """Characters [start, end) of a piece's text, and the words of one take that they were written from.

    `words` index the words of the pad's transcript number `take`; `corrected`, `heard` and `doubtful` as in `Link`.
    """

    span: tuple[int, int]
    take: int
    words: tuple[int, ...]
    corrected: bool = False
    heard: str = ""
    doubtful: bool = False


class Piece(Frozen):
    """Characters that came together. Typed and macro pieces have no ties."""

    text: str
    origin: Origin = "dictated"
    ties: tuple[Tie, ...] = ()


class Pad(Frozen):
    """The pieces in order of the text, and the words so far of each take, in the order in which the takes began."""

    pieces: tuple[Piece, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    commands: tuple[Command, ...] = ()
    retracted: tuple[Retraction, ...] = ()

    @property
    def text(self) -> str:
        """The whole text, as it is edited."""
        return "".join(piece.text for piece in self.pieces)
