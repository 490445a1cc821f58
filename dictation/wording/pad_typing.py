"""Typing in a pad: what stays of the ties, and which words lose their last character."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dictation.errors import InputError
from dictation.unseen import seen
from dictation.wording.pad_pieces import Change, Origin, Piece, cut_out, is_mark, without_words, words_in
from dictation.wording.pad_sentences import settled
from dictation.wording.written import Retraction

if TYPE_CHECKING:
    from dictation.wording.pad import Pad


def replaced(pad: Pad, start: int, stop: int, text: str, origin: Origin = "typed") -> tuple[Pad, Change]:
    """See `Pad.replaced`."""
    if not 0 <= start <= stop <= len(pad.text):
        raise InputError("The place of this change is outside the text; reload the page to see the text as it is.")
    text = seen(text)
    change = Change(start=start, stop=stop, length=len(text))
    if start == stop and not text:
        return pad, change
    return put(pad, start, stop, (Piece(text=text, origin=origin),), "typed over"), change


def put(pad: Pad, start: int, stop: int, new: Sequence[Piece], command: str) -> Pad:
    """The pad with characters [start, stop) given up for pieces; words that lose all theirs are retracted."""
    left, gone, right = cut_out(pad.pieces, start, stop)
    kept, lost = freed([*left, *right], gone)
    pieces, given = settled([*kept[: len(left)], *new, *kept[len(left) :]], pad.given)
    retracted = (*pad.retracted, *retractions(pad, lost, command))
    return pad.changed(pieces=pieces, given=given, stretch=None, retracted=retracted)


def freed(kept: Sequence[Piece], gone: Sequence[Piece]) -> tuple[list[Piece], set[int]]:
    """The kept pieces without the words that are lost with what is gone, and these words.

    A word ("effusion.") may be tied to letters and to a mark: it is lost with its last letter, and the mark let go.
    """
    candidates = words_in(gone)
    held = {
        word
        for piece in kept
        for tie in piece.ties
        if not is_mark(piece.text[slice(*tie.span)])
        for word in candidates.intersection(tie.words)
    }
    lettered = {
        word for piece in gone for tie in piece.ties if not is_mark(piece.text[slice(*tie.span)]) for word in tie.words
    }
    still = words_in(kept)
    lost = {word for word in candidates - held if word in lettered or word not in still}
    if not lost & still:
        return list(kept), lost
    return [without_words(piece, lost) for piece in kept], lost


def retractions(pad: Pad, lost: set[int], command: str) -> list[Retraction]:
    """One retraction for each run of lost words that stood together."""
    numbers = sorted(lost)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [Retraction(text=pad.heard(run), words=tuple(run), command=command) for run in runs]
