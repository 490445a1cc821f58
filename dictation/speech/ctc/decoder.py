"""Posteriors → the likeliest pieces under all that a decoder knows: beam, language model, phrases to expect.

The confidence of a word is the probability, by the posteriors alone, that just this word was said in its frames: the
sum over all alignments and all spellings from pieces, whatever language model and phrases made of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dictation.errors import ModelError
from dictation.lexicon import Vocabulary
from dictation.speech.ctc.beam import search
from dictation.speech.ctc.evidence import Evidence
from dictation.speech.ctc.flat import is_flat
from dictation.speech.ctc.greedy import Emitted, greedy
from dictation.speech.ctc.language_model import LanguageModel
from dictation.speech.ctc.phrases import GAIN, GAIN_A_LETTER, MAX_GAIN, PhraseTrie, phrase_trie
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.ctc.said import Said, said
from dictation.speech.ctc.turning import turned

BEAM = 8  # the published recipe's
SUM_TOLERANCE = 0.02  # of a row of posteriors, which may have been half-precision numbers
NEAR_FRAMES = 2  # of silence around a word that still count as its own: letters come early or late


@dataclass(frozen=True)
class Decoder:
    """How to decode: built once for a model, `towards` a vocabulary. `beam` 1 with nothing to turn to is greedy."""

    pieces: Pieces
    beam: int = BEAM
    language_model: LanguageModel | None = None
    phrases: PhraseTrie | None = None

    def towards(self, vocabulary: Vocabulary) -> "Decoder":
        """Return this decoder turned towards the phrases of a vocabulary. Quick where it was asked for lately."""
        return replace(self, phrases=phrase_trie(vocabulary, self.pieces))

    @property
    def record(self) -> dict[str, Any]:
        """What is needed, beside the vocabulary, to decode the same way again: for the record of the engine."""
        model = self.language_model.record if self.language_model is not None else {}
        boost = {"boost": [GAIN, GAIN_A_LETTER, MAX_GAIN]}
        return {"decoding": "greedy" if self.beam == 1 and not model else "beam", "beam": self.beam} | model | boost


@dataclass(frozen=True)
class Decoded:
    """What a stretch of posteriors gave, in order.

    `pieces`: the text; the `probability` of each is the confidence of its word, 0–1. `words`: the same as words.
    `acoustic`: the likeliest piece of each frame, whatever is expected of the text. `is_flat`: the posteriors say next
    to nothing, and the text is that of `acoustic`.
    """

    pieces: list[Emitted]
    words: list[Said] = field(default_factory=list)
    acoustic: list[Emitted] = field(default_factory=list)
    is_flat: bool = False

    @property
    def history(self) -> list[int]:
        """The pieces of the text, for decoding what follows it."""
        return [one.piece for one in self.pieces]


def decode(posteriors: np.ndarray, decoder: Decoder, history: Sequence[int] = (), is_end: bool = True) -> Decoded:
    """Decode `posteriors`, shape (frames, pieces), rows summing to 1; frames may be none.

    For the language model, `history` holds the last pieces of the text before, and `is_end` is False where the text
    goes on after the frames. Flat posteriors are decoded greedily.

    Raises ModelError where the rows are no distributions over the decoder's pieces.
    """
    _check(posteriors, decoder.pieces)
    acoustic = greedy(posteriors, decoder.pieces.blank)
    best = acoustic
    pieces, model = decoder.pieces, decoder.language_model
    flat = is_flat(posteriors)
    if (decoder.beam > 1 or model is not None) and not flat:
        best = search(posteriors, pieces, decoder.beam, model, None, history, is_end)[0].pieces
    if decoder.phrases is not None and not flat:
        beam = max(BEAM, decoder.beam)
        biased = search(posteriors, pieces, beam, model, decoder.phrases, history, is_end)[0].pieces
        best = turned(best, biased, posteriors, pieces, decoder.phrases)
    words = said(best, decoder.pieces, len(posteriors))
    return Decoded(_sure(best, words, posteriors, decoder.pieces), words, acoustic, flat)


def _check(posteriors: np.ndarray, pieces: Pieces) -> None:
    if posteriors.ndim != 2 or posteriors.shape[1] != len(pieces):
        raise ModelError(
            f"The recognizer gave posteriors of shape {posteriors.shape} for {len(pieces)} pieces; its files do not fit"
            " together, get them again."
        )
    sums = posteriors.sum(axis=1, dtype=np.float64)
    if not (np.abs(sums - 1) <= SUM_TOLERANCE).all() or (posteriors < 0).any():
        raise ModelError("The recognizer gave posteriors that are no probabilities; its weights may be damaged.")


def _sure(emitted: list[Emitted], words: list[Said], posteriors: np.ndarray, pieces: Pieces) -> list[Emitted]:
    """The pieces with the confidence of their word."""
    found = list(emitted)
    for word in words:
        start = max(word.free_from, word.space_frame - NEAR_FRAMES)
        stop = min(word.free_to, word.last_frame + NEAR_FRAMES) + 1
        confidence = min(1.0, math.exp(Evidence(posteriors[start:stop], pieces).logp(word.core)))
        for number in range(word.first, word.stop):
            found[number] = replace(emitted[number], probability=confidence)
    return found
