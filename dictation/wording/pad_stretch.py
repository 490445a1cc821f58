"""Words put in at a place: what is said there without a break is one stretch, written anew as it grows.

Only the last sentences of a stretch are written again with each Final: the wording rules read no more words in a long
dictation than in a short one. A closed sentence changes by a spoken edit alone: where the rules would change it for
another reason (because of what follows it), it stays, and what follows is written without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dictation.speech.transcript import Word
from dictation.wording.pad_pieces import Piece, cut, shared, text_of, words_in
from dictation.wording.pad_seams import seam_at, with_seams
from dictation.wording.pad_sentences import settled
from dictation.wording.pad_window import Stretch, after_closed, shortened, written
from dictation.wording.pad_written import pieces_of
from dictation.wording.writing import Rules
from dictation.wording.written import Dictation, SectionName

if TYPE_CHECKING:
    from dictation.wording.pad import Pad


def dictated(pad: Pad, take: int, words: Sequence[Word], at: int, rules: Rules, *, is_live: bool) -> Pad:
    """See `Pad.dictated`."""
    stretch = pad.stretch
    if stretch is None or stretch.anchor != at:
        pad, stretch = opened(pad, at)
    first = pad.count
    pad = pad.heard_words(take, words, is_live=is_live)
    numbers = tuple(range(first, pad.count))
    return rewritten(pad, stretch, (*stretch.words, *numbers), rules, said=set(numbers))


def opened(pad: Pad, at: int) -> tuple[Pad, Stretch]:
    """Open an empty stretch at a place. The spaces around it become the stretch's own."""
    seam, start, stop = seam_at(pad.pieces, at)
    left, rest = cut(pad.pieces, start)
    _, right = cut(rest, stop - start)
    section, item = going_on(left)
    return (
        pad.changed(pieces=(*left, *right)),
        Stretch(start=start, stop=start, anchor=start, seam=seam, section=section, item=item),
    )


def going_on(pieces: Sequence[Piece]) -> tuple[SectionName | None, int]:
    """The section that goes on after these pieces, and the number of its last item."""
    section: SectionName | None = None
    item = 0
    line = ""
    for piece in pieces:
        if piece.section:
            section, item = piece.section, 0
        first, _, last = (line + piece.text).rpartition("\n")
        for text in (*first.split("\n"), last):
            number, stop, _ = text.lstrip().partition(". ")
            if stop and number.isdecimal() and len(number) <= 2:
                item = int(number)
        line = last
    return section, item


def rewritten(
    pad: Pad, stretch: Stretch, words: tuple[int, ...], rules: Rules, *, said: set[int], is_edit: bool = False
) -> Pad:
    """The pad with the stretch written from `words`, of which `said` are new; `is_edit` where others were taken out."""
    dictation = written(pad, stretch, words, rules)
    kept = _unchanged(stretch, dictation)
    if kept < len(stretch.begins) and not is_edit and not _is_edit(dictation, words, said):
        return rewritten(pad, *_without(pad, stretch, words), rules, said=said)
    left, rest = cut(pad.pieces, stretch.start)
    old, right = cut(rest, stretch.stop - stretch.start)
    seamed = with_seams(
        *pieces_of(dictation, words, left, stretch.section, stretch.item, is_inside=stretch.seam.is_inside),
        left=text_of(left),
        right=text_of(right),
        seam=stretch.seam,
    )
    ids = list(dict.fromkeys(piece.sentence for piece in old if piece.sentence))
    new = []
    for piece in seamed.pieces:
        if piece.is_whole and not piece.section and ids:
            piece = piece.model_copy(update={"sentence": ids.pop(0)})
        new.append(piece)
    pieces, given = settled([*left, *new, *right], pad.given)
    pieces = shared(pieces, pad.pieces)
    own = set(words)
    tied = words_in(new)
    commands = [command for command in pad.commands if own.isdisjoint(command.words)]
    for command in seamed.commands:
        free = tuple(word for word in command.words if word not in tied)
        commands += [command.model_copy(update={"words": free})] if free else []
    retracted = [retraction for retraction in pad.retracted if own.isdisjoint(retraction.words)]
    retracted += [r.model_copy(update={"words": tuple(words[n] for n in r.words)}) for r in dictation.retracted]
    length = sum(len(piece.text) for piece in new)
    after = stretch.model_copy(
        update={
            "stop": stretch.start + length,
            "anchor": stretch.start + length - seamed.trailing,
            "words": words,
            "begins": seamed.begins,
        }
    )
    return pad.changed(
        pieces=pieces,
        given=given,
        commands=tuple(commands),
        retracted=tuple(retracted),
        stretch=shortened(pad.changed(pieces=pieces), after, dictation, rules),
    )


def _unchanged(stretch: Stretch, dictation: Dictation) -> int:
    """How many of the sentences that were closed are written as they were."""
    for number, begin in enumerate(stretch.begins):
        if begin.closed and (number >= len(dictation.sentences) or dictation.sentences[number].text != begin.closed):
            return number
    return len(stretch.begins)


def _is_edit(dictation: Dictation, words: Sequence[int], said: set[int]) -> bool:
    """True where the new words hold a spoken edit: something taken back or put right, or a mark that comes first.

    The cue of what they put right ("correction") may have been said before them, by itself.
    """
    new = {index for index, number in enumerate(words) if number in said}
    edits = [command for command in dictation.commands if command.name in ("retract", "correct")]
    if any(new.intersection(c.words) or (c.name == "correct" and c.words[-1] + 1 in new) for c in edits):
        return True
    first = min(new, default=-1)
    marks = (
        link
        for sentence in dictation.sentences
        for link in sentence.alignment
        if first in link.words and not any(letter.isalnum() for letter in sentence.text[slice(*link.span)])
    )
    return next(marks, None) is not None


def _without(pad: Pad, stretch: Stretch, words: tuple[int, ...]) -> tuple[Stretch, tuple[int, ...]]:
    """The stretch without its closed sentences, which stay as they are."""
    shorter = after_closed(stretch, 0)
    return shorter, words[len(stretch.words) - len(shorter.words) :]
