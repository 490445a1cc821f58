"""What a pad is made of: pieces of text, their ties to heard words, and cutting them without losing either."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, Self

from dictation.frozen import Frozen
from dictation.wording.written import SectionName

Origin = Literal["dictated", "typed", "macro"]


class Tie(Frozen):
    """Characters `span` of a piece's text, and the heard words that they were written from.

    `words` are numbers of the pad (`Pad.word`). `corrected`, `heard` and `doubtful` as in `Link`. `edited`: some of
    the characters that the words were written as are gone, or others were put in between.
    """

    span: tuple[int, int]
    words: tuple[int, ...]
    corrected: bool = False
    heard: str = ""
    doubtful: bool = False
    edited: bool = False


class Piece(Frozen):
    """Characters that came together: part of one sentence, a section's name, or the white space between those.

    `sentence` is the id of the sentence, "" between sentences. `section` is the section that a name names.
    `is_whole`: all that the wording rules wrote for one sentence or name, and nobody changed it since.
    """

    text: str
    origin: Origin = "dictated"
    ties: tuple[Tie, ...] = ()
    sentence: str = ""
    section: SectionName | None = None
    is_whole: bool = False


class Change(Frozen):
    """Characters [start, stop) of the text before gave way to `length` others."""

    start: int
    stop: int
    length: int

    @classmethod
    def between(cls, before: str, after: str) -> Self:
        """The smallest change that makes `after` of `before`."""
        start = _alike(before, after)
        shorter = min(len(before), len(after)) - start
        end = _alike(before[len(before) - shorter :][::-1], after[len(after) - shorter :][::-1])
        return cls(start=start, stop=len(before) - end, length=len(after) - end - start)

    def moved(self, place: int) -> int:
        """Where a place of the text before is now. One inside what gave way is now behind what came for it."""
        if place < self.start or (place == self.start < self.stop):
            return place
        return max(place, self.stop) + self.length - (self.stop - self.start)


def _alike(one: str, other: str) -> int:
    """How many characters the two begin with alike; halving keeps the comparing out of Python."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def text_of(pieces: Iterable[Piece]) -> str:
    """The text of pieces."""
    return "".join(piece.text for piece in pieces)


def cut(pieces: Sequence[Piece], at: int, *, to_left: bool | None = None) -> tuple[list[Piece], list[Piece]]:
    """Return the pieces before and after a place.

    A tie that is cut stays, as an edited one, with its left part or its right part; None: with the longer one.
    """
    offset = 0
    for index, piece in enumerate(pieces):
        if offset >= at:
            return list(pieces[:index]), list(pieces[index:])
        if offset + len(piece.text) > at:
            left, right = _parts(piece, at - offset, to_left)
            return [*pieces[:index], left], [right, *pieces[index + 1 :]]
        offset += len(piece.text)
    return list(pieces), []


def cut_out(pieces: Sequence[Piece], start: int, stop: int) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """Return the pieces before, inside and after [start, stop). A tie of which a part is outside stays with that."""
    offset, to_left = 0, True
    for piece in pieces:
        for tie in piece.ties if offset < start else ():
            first, last = offset + tie.span[0], offset + tie.span[1]
            if first < start < last:
                to_left = start - first >= last - stop
        offset += len(piece.text)
    left, rest = cut(pieces, start, to_left=to_left)
    gone, right = cut(rest, stop - start, to_left=False)
    return left, gone, right


def _parts(piece: Piece, at: int, to_left: bool | None) -> tuple[Piece, Piece]:
    left: list[Tie] = []
    right: list[Tie] = []
    for tie in piece.ties:
        start, stop = tie.span
        if stop <= at:
            left.append(tie)
        elif start >= at:
            right.append(tie.model_copy(update={"span": (start - at, stop - at)}))
        elif at - start >= stop - at if to_left is None else to_left:
            left.append(tie.model_copy(update={"span": (start, at), "edited": True}))
        else:
            right.append(tie.model_copy(update={"span": (0, stop - at), "edited": True}))
    return (
        piece.model_copy(update={"text": piece.text[:at], "ties": tuple(left), "is_whole": False}),
        piece.model_copy(update={"text": piece.text[at:], "ties": tuple(right), "is_whole": False}),
    )


def together(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces without empty ones; neighbours of one origin in one sentence that have no ties become one."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if not piece.text:
            continue
        if last and not (last.ties or piece.ties or last.is_whole or piece.is_whole) and _alike_but_text(last, piece):
            found[-1] = last.model_copy(update={"text": last.text + piece.text})
        else:
            found.append(piece)
    return tuple(found)


def shared(pieces: Sequence[Piece], earlier: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces; each that is equal to an earlier one is that one: what stays the same is held once by all states."""
    kept = {id(piece) for piece in pieces}
    known = {piece: piece for piece in earlier if id(piece) not in kept}
    return tuple(known.get(piece, piece) for piece in pieces) if known else tuple(pieces)


def _alike_but_text(one: Piece, other: Piece) -> bool:
    return (one.origin, one.sentence, one.section) == (other.origin, other.sentence, other.section)


def words_in(pieces: Iterable[Piece]) -> set[int]:
    """The numbers of the words that the pieces are tied to."""
    return {word for piece in pieces for tie in piece.ties for word in tie.words}


def is_mark(text: str) -> bool:
    """True for text without a letter or digit."""
    return not any(letter.isalnum() for letter in text)


def without_words(piece: Piece, words: Collection[int]) -> Piece:
    """The piece with its ties to these words undone."""
    if not any(word in words for tie in piece.ties for word in tie.words):
        return piece
    return piece.model_copy(
        update={
            "ties": tuple(
                tie.model_copy(update={"words": tuple(word for word in tie.words if word not in words)})
                for tie in piece.ties
            )
        }
    )
