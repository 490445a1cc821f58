"""What phrases may change: a text decoded with them is compared with the one without, change by change.

A change stands where it is a phrase that was expected, where the sound allows it, and where no critical word is lost or
won that the sound states: a side, a negation or "new" never changes; a number, a unit, a level or a word into its
opposite ("abnormal", "hypodense") only where the sound leaves it open. Everything else stays as it was heard.
"""

import difflib
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dictation.lexicon.critical import critical_words, is_critical
from dictation.lexicon.rivals import rivals_of
from dictation.speech.ctc.evidence import Evidence
from dictation.speech.ctc.greedy import Emitted
from dictation.speech.ctc.phrases import NEVER_TURNED, PhraseTrie
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.ctc.said import Said, said

MAX_LOSS = 9.0  # natural log: how much less likely by the sound alone the text of a phrase may be
MAX_ADDED_LOSS, MAX_ADDED_LETTERS = math.log(4), 3  # where it is a word more, not the same letters in more words
MAX_CRITICAL_LOSS = math.log(2)  # where it changes a number, a unit or a level


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
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag in ("equal", "delete") or expected.isdisjoint(range(j1, j2)):
            continue
        if not _stands(old[i1:i2], new[j1:j2], posteriors, pieces):
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


def _stands(old: list[Said], new: list[Said], posteriors: np.ndarray, pieces: Pieces) -> bool:
    """True where the words of `old` may become those of `new`."""
    before, after = _cores(old), _cores(new)
    if _critical(before, NEVER_TURNED) != _critical(after, NEVER_TURNED):
        return False
    start = min(words[0].free_from for words in (old, new) if words)
    stop = max(words[-1].free_to for words in (old, new) if words) + 1
    evidence = Evidence(posteriors[start:stop], pieces)
    loss = evidence.logp(" ".join(before)) - evidence.logp(" ".join(after))
    is_opposite = any(new_word in rivals_of(word) for word, new_word in zip(before, after, strict=False))
    if is_opposite or _critical(before) != _critical(after):
        return loss <= MAX_CRITICAL_LOSS
    has_more = len(after) > len(before) and len("".join(after)) > len("".join(before)) + MAX_ADDED_LETTERS
    return loss <= (MAX_ADDED_LOSS if has_more else MAX_LOSS)


def _cores(words: Sequence[Said]) -> list[str]:
    return [word.core.lower() for word in words]


def _critical(words: Sequence[str], classes: frozenset[str] | None = None) -> list[str]:
    """The critical words among some, of some classes or of all."""
    return [word for word in words if is_critical(word) and (classes is None or critical_words().get(word) in classes)]
