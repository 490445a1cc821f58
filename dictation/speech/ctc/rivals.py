"""Critical words and what else may have been said in their place, with probabilities from the posteriors.

A word is looked at where the sound leaves it open, or where language model or phrases changed what the sound says. Its
rivals are what a beam search hears in its frames, and the words that the lexicon knows to be mistaken for it. Each
stands between the words beside it, and CTC's forward sum says how likely that was said; the shares of all add up to 1.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile

import numpy as np
from rapidfuzz import process

from dictation.lexicon.critical import critical_words, is_critical
from dictation.lexicon.rivals import lost_words, rivals_of
from dictation.lexicon.terms import is_known
from dictation.speech.ctc.beam import search
from dictation.speech.ctc.decoder import Decoded, Decoder
from dictation.speech.ctc.evidence import Evidence
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.ctc.said import Said, said
from dictation.speech.spoken import GUESSED_MARKS
from dictation.speech.transcript import Alternative

SURE = 0.98  # a word of this confidence has no rivals worth a look
MIN_RIVAL = 0.01
MAX_RIVALS = 3
LOCAL_BEAM = 4
FAINT = 1e-3  # a text that needs a piece that is nowhere likelier falls below MIN_RIVAL
NEAREST = 3  # critical words that are tried in place of a word that is none


@dataclass(frozen=True)
class Doubt:
    """A word of the text and its rivals, likeliest first. `text` is the word as it stands, frames are inclusive.

    A rival has small letters and no marks; "" says that nothing was said, two words that one was lost.
    """

    text: str
    first_frame: int
    last_frame: int
    rivals: tuple[Alternative, ...]


def doubts(posteriors: np.ndarray, decoded: Decoded, decoder: Decoder) -> list[Doubt]:
    """Return the words that have rivals, in order. `posteriors` are those that were decoded.

    Words of flat posteriors have none: any text is as likely there as any other.
    """
    if decoded.is_flat:
        return []
    acoustic = said(decoded.acoustic, decoder.pieces, len(posteriors))
    ends = [one.last_frame for one in acoustic]
    found = []
    for number, word in enumerate(decoded.words):
        reading = _reading(acoustic[bisect_left(ends, word.free_from) :], word)
        is_changed = reading is not None and _bare(reading) != _bare(word.core.lower())
        if not is_changed and decoded.pieces[word.first].probability >= SURE and not _gap(posteriors, word, decoder):
            continue
        texts = _candidates(posteriors, word, reading if is_changed else None, decoder.pieces)
        if len(texts) > 1:
            shares = _shares(posteriors, decoded.words, number, texts, decoder.pieces)
            rivals = _ranked(texts, shares, reading if is_changed else None)
            if rivals:
                found.append(Doubt(word.text, word.first_frame, word.last_frame, rivals))
    return found


def _bare(text: str) -> str:
    """The text without the brackets of tokens."""
    return text.translate({ord(mark): None for mark in "{}[]"}).strip()


def _gap(posteriors: np.ndarray, word: Said, decoder: Decoder) -> bool:
    """True where the frames before a word are not surely silent: a short word may have been lost there."""
    before = posteriors[word.free_from : word.space_frame]
    return len(before) > 0 and math.exp(Evidence(before, decoder.pieces).logp("")) < SURE


def _reading(acoustic: list[Said], word: Said) -> str | None:
    """What the sound alone says in the frames of a word; None where it says nothing that begins and ends there.

    `acoustic` are the words that the sound says, from the first one on that ends in these frames or after them.
    """
    inside = list(takewhile(lambda one: one.first_frame <= word.free_to, acoustic))
    if any(one.first_frame < word.free_from or one.last_frame > word.free_to for one in inside):
        return None
    return " ".join(one.core for one in inside).lower()


def _candidates(posteriors: np.ndarray, word: Said, reading: str | None, pieces: Pieces) -> list[str]:
    """The texts that may stand in the place of a word, its own first."""
    core = word.core.lower()
    heard = list(_heard(posteriors[word.free_from : word.free_to + 1], pieces))
    texts = dict.fromkeys([core, *heard, *rivals_of(core)])
    if reading is not None:
        texts[reading] = None
    if word.space_frame > word.free_from:
        texts |= dict.fromkeys(f"{lost} {core}" for lost in lost_words())
    if not is_known(core) and not is_critical(core):
        texts |= dict.fromkeys(name for name, _, _ in process.extract(core, critical_words().keys(), limit=NEAREST))
    is_looked_at = _matters(core) or reading is not None
    rest = [
        text
        for text in texts
        if text != core and not _is_echo(text) and (is_looked_at or any(map(is_critical, text.split())))
    ]
    return [core, *rest]


def _is_echo(text: str) -> bool:
    """True for two opposites in a row, as "left right": CTC's frames know nothing of each other.

    Where one frame holds a share of the one and the next a share of the other, both in a row seem likely though only
    one of them was said. "No new" is none: both may well have been said.
    """
    words = text.split()
    return any(
        second in rivals_of(first) and critical_words().get(first) not in (None, "negation", "newness")
        for first, second in pairwise(words)
    )


def _heard(posteriors: np.ndarray, pieces: Pieces) -> Iterator[str]:
    """What a beam search makes of some frames: whole words that are known, or silence."""
    for hypothesis in search(posteriors, pieces, LOCAL_BEAM):
        written = "".join(pieces.written[one.piece] for one in hypothesis.pieces).lower()
        words = [word.rstrip(GUESSED_MARKS) for word in written.split()]
        if (not written or written.startswith(" ")) and all(is_known(word) or is_critical(word) for word in words):
            yield " ".join(words)


def _matters(word: str) -> bool:
    return is_critical(word) or bool(rivals_of(word))


def _shares(posteriors: np.ndarray, words: list[Said], number: int, texts: list[str], pieces: Pieces) -> list[float]:
    """How likely each text is in place of a word, between its neighbours; all together are 1."""
    before, after = words[max(0, number - 1) : number], words[number + 1 : number + 2]
    start = before[0].space_frame if before else words[number].free_from
    stop = (after[0].last_frame if after else words[number].free_to) + 1
    sides = [" ".join(one.core for one in side) for side in (before, after)]
    evidence = Evidence(posteriors[start:stop], pieces, faint=FAINT)
    logs = np.array([evidence.logp(" ".join(f"{sides[0]} {text} {sides[1]}".split())) for text in texts])
    if not np.isfinite(logs[0]):
        return []
    shares = np.exp(logs - logs.max())
    return [float(share) for share in shares / shares.sum()]


def _ranked(texts: list[str], shares: list[float], reading: str | None) -> tuple[Alternative, ...]:
    """The rivals that are worth keeping; what the sound alone says is one of them wherever it is likely at all."""
    ranked = sorted(zip(shares[1:], texts[1:], strict=False), reverse=True)
    kept = [(share, text) for share, text in ranked if share >= MIN_RIVAL]
    kept.sort(key=lambda one: one[1] != reading)
    best = sorted(kept[:MAX_RIVALS], reverse=True)
    return tuple(Alternative(text=text, probability=round(share, 4), source="recognizer") for share, text in best)
