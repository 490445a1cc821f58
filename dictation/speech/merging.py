"""A second hearing of a stretch joined to the words of the first, so that no word is doubled, moved or lost.

What was heard again counts only between words that both hearings have in common, or between pauses: there it provably
is a gap. Where the two cannot be brought together, the first one stays and the caller says what was not made out.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from dictation.speech.spoken import core
from dictation.speech.transcript import Word


@dataclass(frozen=True)
class Merged:
    """The words of both hearings, and those among them that only the second has."""

    words: tuple[Word, ...]
    new: tuple[Word, ...]


def merged(words: Sequence[Word], first: int, last: int, again: Sequence[Word], left: int, right: int) -> Merged | None:
    """Return `words` with what `again` has in place of words [first, last), or None where that cannot be known.

    `again` is the second hearing of the sound of words [left, right), left ≤ first ≤ last ≤ right. Words [left, first)
    and [last, right) were heard again to tell where the gap is: the one next to it must be found again. Where
    there are none, a pause or the edge of the sound parts the gap from its neighbour. A word of [first, last) must be
    found again, too. Words keep their texts and their order; those found again get the seconds of the second hearing.

    >>> said = [Word(text="no"), Word(text="effusion")]
    >>> again = [Word(text="no"), Word(text="left"), Word(text="effusion")]
    >>> [word.text for word in merged(said, 1, 1, again, 0, 2).words]
    ['no', 'left', 'effusion']
    """
    place = _places(words[left:right], again)
    begin, end = 0, len(again)
    if left < first:
        if first - 1 - left not in place:
            return None
        begin = place[first - 1 - left] + 1
    if last < right:
        if last - left not in place:
            return None
        end = place[last - left]
    inside = [place.get(index - left) for index in range(first, last)]
    if any(at is None or not begin <= at < end for at in inside):
        return None
    between = again[begin:end]
    if left == first and _is_said(words[:first], between, at_end=True):
        return None
    if last == right and _is_said(words[last:], between, at_end=False):
        return None
    known = {at: words[first + number] for number, at in enumerate(inside) if at is not None}
    joined = [_timed(known[at], again[at]) if at in known else again[at] for at in range(begin, end)]
    new = tuple(again[at] for at in range(begin, end) if at not in known)
    around = list(words)
    for index, at in place.items():
        around[left + index] = _timed(words[left + index], again[at])
    return Merged((*around[:first], *joined, *around[last:]), new)


def _places(words: Sequence[Word], again: Sequence[Word]) -> dict[int, int]:
    """For each word that both hearings have, in one order: its place in the first → its place in the second."""
    one, other = [core(word.text) for word in words], [core(word.text) for word in again]
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}


def _is_said(words: Sequence[Word], between: Sequence[Word], *, at_end: bool) -> bool:
    """Whether what was heard in a gap is what stands beside it: then it may be the same, heard twice."""
    one, other = [core(word.text) for word in words], [core(word.text) for word in between]
    for count in range(1, min(len(one), len(other)) + 1):
        if (one[-count:] == other[:count]) if at_end else (one[:count] == other[-count:]):
            return True
    return False


def _timed(word: Word, again: Word) -> Word:
    """The word with the seconds at which it was heard the second time."""
    return word.model_copy(update={"start_s": again.start_s, "end_s": again.end_s})
