"""What phrases may change: a text decoded with them is compared with the one without, change by change.

A change stands where it is a phrase that was expected and where the sound allows it. A critical word (side, negation,
"new", number, unit, level) is never lost or won by one. Another known word gives way only where the sound leaves it
open, and no word is added unless it does; what is no word at all gives way sooner. Everything else stays as heard.
"""

import difflib
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from dictation.lexicon.critical import is_critical
from dictation.lexicon.english import is_ordinary
from dictation.lexicon.terms import is_known
from dictation.speech.ctc.evidence import Evidence
from dictation.speech.ctc.greedy import Emitted
from dictation.speech.ctc.phrases import PhraseTrie
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.ctc.said import Said, said

MAX_LOSS = 9.0  # natural log: how much less likely by the sound alone a phrase may be than what is no word
MAX_OPEN_LOSS = math.log(2)  # than a known word, or than no word in its place
SAME_LETTERS = 3  # more than before: the same words, parted otherwise


def turned(
    plain: list[Emitted], biased: list[Emitted], posteriors: np.ndarray, pieces: Pieces, phrases: PhraseTrie
) -> list[Emitted]:
    """Return the pieces of `plain` (decoded without phrases), with those of `biased` where the change stands."""
    if [one.piece for one in plain] == [one.piece for one in biased]:
        return plain
    old, new = said(plain, pieces, len(posteriors)), said(biased, pieces, len(posteriors))
    expected = phrases.said_in([word.text for word in new])
    result: list[Emitted] = []
    kept_to = 0  # of `plain`
    matcher = difflib.SequenceMatcher(None, _cores(old), _cores(new), autojunk=False)
    for i1, i2, j1, j2 in _changes(matcher):
        if expected.isdisjoint(range(j1, j2)) or not _stands(old[i1:i2], new[j1:j2], posteriors, pieces):
            continue
        first = old[i1].first if i1 < len(old) else len(plain)
        stop = old[i2 - 1].stop if i2 > i1 else first
        result += [*plain[kept_to:first], *biased[new[j1].first : new[j2 - 1].stop]]
        kept_to = stop
    return _in_order([*result, *plain[kept_to:]], len(posteriors))


def _in_order(emitted: list[Emitted], frames: int) -> list[Emitted]:
    """The pieces with their frames one after the other: where two ways of decoding meet, they may differ by a frame."""
    found: list[Emitted] = []
    free = 0
    for one in emitted:
        first = min(max(one.first_frame, free), frames - 1)
        last = max(one.last_frame, first)
        found.append(replace(one, first_frame=first, last_frame=last))
        free = last + 1
    return found


def _changes(matcher: difflib.SequenceMatcher[str]) -> Iterator[tuple[int, int, int, int]]:
    """The places [i1, i2) and [j1, j2) of words that differ, word by word where there are as many on both sides."""
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "replace" and i2 - i1 == j2 - j1:
            yield from ((i1 + n, i1 + n + 1, j1 + n, j1 + n + 1) for n in range(i2 - i1))
        elif tag in ("replace", "insert"):
            yield i1, i2, j1, j2


def _stands(old: list[Said], new: list[Said], posteriors: np.ndarray, pieces: Pieces) -> bool:
    """True where the words of `old` may become those of `new`."""
    before, after = _cores(old), _cores(new)
    if list(filter(is_critical, before)) != list(filter(is_critical, after)):
        return False
    start = min(words[0].free_from for words in (old, new) if words)
    stop = max(words[-1].free_to for words in (old, new) if words) + 1
    evidence = Evidence(posteriors[start:stop], pieces)
    loss = evidence.logp(" ".join(before)) - evidence.logp(" ".join(after))
    has_more = len(after) > len(before) and len("".join(after)) > len("".join(before)) + SAME_LETTERS
    is_open_only = has_more or any(map(_is_word, set(before) - set(after)))
    return loss <= (MAX_OPEN_LOSS if is_open_only else MAX_LOSS)


def _is_word(text: str) -> bool:
    return all(is_known(part) or is_ordinary(part) for part in text.split("-"))


def _cores(words: Sequence[Said]) -> list[str]:
    return [word.core.lower() for word in words]
