"""A pad for the eye and the ear: which characters were dictated, how surely, and where they are heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dictation.frozen import Frozen
from dictation.speech.transcript import Word
from dictation.wording.pad_pieces import Origin, Piece, Tie

if TYPE_CHECKING:
    from dictation.wording.pad import Pad


class Span(Frozen):
    """Characters [start, end) of the text. `take` is the number of their take, None for what was typed.

    `start_s` and `end_s` are seconds of that take; `confidence` is that of the least sure word, 0 to 1; `corrected` and
    `doubtful` as in `Link`. `title` says in one line what was heard, where that is not what stands there.
    """

    start: int
    end: int
    origin: Origin
    take: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    confidence: float | None = None
    corrected: bool = False
    doubtful: bool = False
    title: str = ""


def spans(pad: Pad) -> tuple[Span, ...]:
    """See `Pad.spans`."""
    found: list[Span] = []
    offset = 0
    for piece in pad.pieces:
        if piece.origin != "dictated" and piece.text.strip():
            found.append(Span(start=offset, end=offset + len(piece.text), origin=piece.origin))
        found += [_span(pad, piece, tie, offset) for tie in piece.ties if tie.words]
        offset += len(piece.text)
    return tuple(found)


def _span(pad: Pad, piece: Piece, tie: Tie, offset: int) -> Span:
    take = pad.take_of(tie.words[0])
    words = [pad.word(number) for number in tie.words if pad.take_of(number) == take]
    starts = [word.start_s for word in words if word.start_s is not None]
    ends = [word.end_s for word in words if word.end_s is not None]
    sure = [word.confidence for word in words if word.confidence is not None]
    return Span.model_construct(  # of values that were checked when they came
        start=offset + tie.span[0],
        end=offset + tie.span[1],
        origin=piece.origin,
        take=take,
        start_s=min(starts, default=None),
        end_s=max(ends, default=None),
        confidence=min(sure, default=None),
        corrected=tie.corrected,
        doubtful=tie.doubtful,
        title=_title(piece.text[slice(*tie.span)], words, tie),
    )


def _title(text: str, words: list[Word], tie: Tie) -> str:
    heard = " ".join(word.text for word in words)
    if tie.doubtful:
        return f"Heard “{heard}”, which is no known word."
    if heard.lower().strip(".,:;?!") == text.lower().strip(".,:;?!") or not any(letter.isalnum() for letter in text):
        return ""
    return f"Heard “{heard}”."
