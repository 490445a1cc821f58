"""Critical words and what else may have been said in their place, with probabilities from the posteriors."""

from dataclasses import dataclass

import numpy as np

from dictation.speech.ctc.decoder import Decoded, Decoder
from dictation.speech.transcript import Alternative


@dataclass(frozen=True)
class Doubt:
    """A word of the text and its rivals, likeliest first. `text` is the word as it stands, frames are inclusive."""

    text: str
    first_frame: int
    last_frame: int
    rivals: tuple[Alternative, ...]


def doubts(posteriors: np.ndarray, decoded: Decoded, decoder: Decoder) -> list[Doubt]:
    """Return the words that have rivals, in order."""
    return []
