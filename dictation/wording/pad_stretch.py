"""Words put in at a place: what is said there without a break is one stretch, written anew as it grows.

Only the last sentences of a stretch are written again with each Final, so that a long dictation costs no more a Final
than a short one. A closed sentence changes by a spoken edit alone: where the rules would change it for another reason
(because of what follows it), it stays, and what follows is written without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from dictation.frozen import Frozen
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.speech.transcript import Engine, Transcript, Word
from dictation.wording.orthography import Spelling
from dictation.wording.pad_pieces import Piece, cut, text_of, words_in
from dictation.wording.pad_seams import Seam, seam_at, with_seams
from dictation.wording.pad_sentences import settled
from dictation.wording.pad_written import Begin, pieces_of
from dictation.wording.writing import write
from dictation.wording.written import Dictation, SectionName

if TYPE_CHECKING:
    from dictation.wording.pad import Pad

KEPT_SENTENCES = 6
"""Closed sentences that are written again with the open one: an editing command may reach back to them."""
TAKE_PAUSE_S = 1.0
"""The silence that stands for the time between two takes: more than any rule takes for a pause inside a sentence."""


class Rules(Frozen):
    """How a user's words are written: see `wording.write`."""

    vocabulary: Vocabulary = EMPTY_VOCABULARY
    spelling: Spelling = "american"
    guessed_punctuation: Literal["keep", "drop"] = "keep"


class Stretch(Frozen):
    """Words that went in one after another at one place.

    The characters [start, stop) of the text are the last sentences of the stretch, which are written anew with the
    next words; `words` are all that were said for these. `seam` says what the stretch stands between. `section` and
    `item` are what its words go on in. `anchor` is where the next words go: before `stop`, where a space follows.
    `begins` are the sentences in it, in order.
    """

    start: int
    stop: int
    anchor: int
    words: tuple[int, ...] = ()
    seam: Seam
    section: SectionName | None = None
    item: int = 0
    begins: tuple[Begin, ...] = ()


def dictated(pad: Pad, take: int, words: Sequence[Word], at: int, rules: Rules) -> Pad:
    """See `Pad.dictated`."""
    stretch = pad.stretch
    if stretch is None or stretch.anchor != at:
        pad, stretch = opened(pad, at)
    first = pad.count
    pad = pad.heard_words(take, words)
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
    dictation = _written(pad, stretch, words, rules)
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
    given = pad.given
    new = []
    for piece in seamed.pieces:
        if piece.is_whole and not piece.section and ids:
            piece = piece.model_copy(update={"sentence": ids.pop(0)})
        new.append(piece)
    still = {piece.sentence for piece in (*left, *new, *right)}
    while (
        ids and ids[-1] == f"s{given}" and ids[-1] not in still
    ):  # what was taken back gives its id back, as if it had not been said
        ids.pop()
        given -= 1
    pieces, given = settled([*left, *new, *right], given)
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
        stretch=_shortened(after, KEPT_SENTENCES),
    )


def _written(pad: Pad, stretch: Stretch, words: Sequence[int], rules: Rules) -> Dictation:
    heard = Transcript(recording="", words=_timed(pad, words), engine=Engine(name=""), duration_s=0)
    return write(
        [heard],
        rules.vocabulary,
        spelling=rules.spelling,
        guessed_punctuation=rules.guessed_punctuation,
        section=stretch.section,
        item=stretch.item,
    )


def _timed(pad: Pad, numbers: Sequence[int]) -> tuple[Word, ...]:
    """The words with their seconds; those of a later take as if it had gone on after TAKE_PAUSE_S."""
    words = [pad.word(number) for number in numbers]
    takes = [pad.take_of(number) for number in numbers]
    shift = last_s = 0.0
    found = []
    for index, word in enumerate(words):
        if word.start_s is None or word.end_s is None:
            found.append(word)
            continue
        if index and takes[index] != takes[index - 1]:
            shift = max(0.0, last_s + TAKE_PAUSE_S - word.start_s)
        if shift:
            word = word.model_copy(update={"start_s": word.start_s + shift, "end_s": word.end_s + shift})
        last_s = word.end_s or last_s
        found.append(word)
    return tuple(found)


def _unchanged(stretch: Stretch, dictation: Dictation) -> int:
    """How many of the sentences that were closed are written as they were."""
    for number, begin in enumerate(stretch.begins):
        if begin.closed and (number >= len(dictation.sentences) or dictation.sentences[number].text != begin.closed):
            return number
    return len(stretch.begins)


def _is_edit(dictation: Dictation, words: Sequence[int], said: set[int]) -> bool:
    """True where the new words hold a spoken edit: something taken back or put right, or a mark that comes first."""
    new = {index for index, number in enumerate(words) if number in said}
    if any(new.intersection(c.words) for c in dictation.commands if c.name in ("retract", "correct")):
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
    shorter = _shortened(stretch, 0)
    return shorter, words[len(stretch.words) - len(shorter.words) :]


def _shortened(stretch: Stretch, kept: int) -> Stretch:
    """The stretch from the last `kept` closed sentences on."""
    closed = [number for number, begin in enumerate(stretch.begins) if begin.closed]
    if len(closed) <= kept:
        return stretch
    number = closed[-kept] if kept else closed[-1] + 1
    begin = stretch.begins[number]
    return stretch.model_copy(
        update={
            "start": stretch.start + begin.at,
            "words": stretch.words[begin.word :],
            "section": begin.section,
            "item": begin.item,
            "seam": stretch.seam.model_copy(update={"is_inside": stretch.seam.is_inside and number == 0}),
            "begins": tuple(
                other.model_copy(update={"at": other.at - begin.at, "word": other.word - begin.word})
                for other in stretch.begins[number:]
            ),
        }
    )
