"""The part of a stretch that is written anew with each Final: its last sentences, or the end of a very long one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dictation.frozen import Frozen
from dictation.speech.transcript import Word
from dictation.wording.pad_pieces import cut, words_in
from dictation.wording.pad_seams import Seam
from dictation.wording.pad_written import Begin, small
from dictation.wording.writing import Rules, written_alone
from dictation.wording.written import Dictation, SectionName

if TYPE_CHECKING:
    from dictation.wording.pad import Pad

KEPT_SENTENCES = 6
"""Closed sentences that are written again with the open one: an editing command may reach back to them."""
TAKE_PAUSE_S = 1.0
"""The silence that stands for the time between two takes: more than any rule takes for a pause inside a sentence."""


MOST_WORDS = 160
"""Words that are written again, at most: then fewer sentences are kept, and an open one is cut."""
KEPT_WORDS = 60
"""Words of a cut sentence that are still written again: more than any rule looks back."""


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


def written(pad: Pad, stretch: Stretch, words: Sequence[int], rules: Rules) -> Dictation:
    """The written form of words of the stretch."""
    live = frozenset(index for index, number in enumerate(words) if pad.is_live(number))
    return written_alone(_timed(pad, words), rules, section=stretch.section, item=stretch.item, live=live)


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


def shortened(pad: Pad, stretch: Stretch, dictation: Dictation, rules: Rules) -> Stretch:
    """The stretch with so much of it that the next words can be written; `dictation` is how all of it is written."""
    return _owned(pad, _shortened(pad, stretch, dictation, rules))


def _owned(pad: Pad, stretch: Stretch) -> Stretch:
    """The stretch without words that stand before it: a mark of which nothing is written is tied to what was before."""
    before = words_in(cut(pad.pieces, stretch.start)[0])
    if before.isdisjoint(stretch.words):
        return stretch
    begins = tuple(
        begin.model_copy(update={"word": sum(word not in before for word in stretch.words[: begin.word])})
        for begin in stretch.begins
    )
    words = tuple(word for word in stretch.words if word not in before)
    return stretch.model_copy(update={"words": words, "begins": begins})


def _shortened(pad: Pad, stretch: Stretch, dictation: Dictation, rules: Rules) -> Stretch:
    for kept in (KEPT_SENTENCES, 2, 0):
        shorter = after_closed(stretch, kept)
        if len(shorter.words) <= MOST_WORDS:
            return shorter
    shorter = _without_taken_back(shorter)
    if len(shorter.words) <= MOST_WORDS:
        return shorter
    return _cut(pad, stretch, shorter, dictation, rules)


def _cut(pad: Pad, stretch: Stretch, open_part: Stretch, dictation: Dictation, rules: Rules) -> Stretch:
    """The stretch from the middle of its open sentence on, where its end is written alike without its beginning."""
    if not dictation.sentences:
        return open_part
    sentence = dictation.sentences[-1]
    item = open_part.item if open_part.section == sentence.section else 0
    going_on = open_part.model_copy(update={"section": sentence.section, "item": item})
    last = len(stretch.words) - KEPT_WORDS
    for link in reversed(sentence.alignment):
        first = min(link.words, default=last + 1)
        if first > last or not link.span[0] or sentence.text[link.span[0] - 1] != " ":
            continue
        if first < last - KEPT_WORDS:
            break
        words = stretch.words[first:]
        rest = written(pad, going_on, words, rules)
        ending = " " + sentence.text[link.span[0] :]
        start = stretch.anchor - len(ending)
        is_alike = len(rest.sentences) == 1 and ending == " " + small(rest.sentences[0], rest)
        if is_alike and not rest.commands and not rest.retracted and pad.text[start : stretch.anchor] == ending:
            begin = Begin(at=0, word=0, section=sentence.section, item=item, closed="")
            end = begin.model_copy(update={"at": len(ending), "word": len(words)})
            seam = stretch.seam.model_copy(update={"is_inside": True})
            return going_on.model_copy(update={"start": start, "words": words, "seam": seam, "begins": (begin, end)})
    return open_part


def _without_taken_back(stretch: Stretch) -> Stretch:
    """The stretch without the words before its first sentence, of which nothing is written any more."""
    first = stretch.begins[0].word
    begins = tuple(begin.model_copy(update={"word": begin.word - first}) for begin in stretch.begins)
    return stretch.model_copy(update={"words": stretch.words[first:], "begins": begins})


def after_closed(stretch: Stretch, kept: int) -> Stretch:
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
