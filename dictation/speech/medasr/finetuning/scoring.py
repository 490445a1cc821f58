"""How well a model writes: word error rate of greedy text against what should have been written.

Texts are compared in small letters without marks, as in MedASR's own quick start: "54-year-old" is three words, and a
command counts as its words ("{period}" is "period").
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from dictation.speech.ctc.greedy import greedy
from dictation.speech.medasr.finetuning.utterances import SoundStore, Utterance
from dictation.speech.medasr.letters import END_PIECE, spelled
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.weights import Loaded

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True)
class Score:
    """Word errors (substituted, left out, put in) over the words that should be there; loss: mean CTC loss a label."""

    errors: int
    words: int
    utterances: int
    loss: float

    @property
    def wer(self) -> float:
        """Word error rate, 0 where all is right; it can exceed 1."""
        return self.errors / max(1, self.words)

    def __str__(self) -> str:
        """The rate in percent."""
        return f"{100 * self.wer:.1f} %"


def normalised(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return _WORD.findall(text.lower().replace(END_PIECE, " "))


def errors(said: str, heard: str) -> int:
    """How many words differ between two texts."""
    return int(Levenshtein.distance(normalised(said), normalised(heard)))


def score(model: Loaded, utterances: Sequence[Utterance], sounds: SoundStore, batch: int) -> Score:
    """Hear every utterance whole and greedily, in batches of like length. The network must be in eval mode."""
    wrong, loss = 0, 0.0
    ordered = sorted(utterances, key=lambda utterance: utterance.samples)
    for first in range(0, len(ordered), batch):
        part = ordered[first : first + batch]
        found = posteriors(model, [sounds.samples(utterance) for utterance in part])
        for utterance, shares in zip(part, found, strict=True):
            wrong += errors(utterance.text, text_of(model, shares))
            loss += ctc_loss(shares, utterance.labels, model.blank) / len(utterance.labels)
    words = sum(len(normalised(utterance.text)) for utterance in utterances)
    return Score(wrong, words, len(ordered), loss / max(1, len(ordered)))


def text_of(model: Loaded, shares: np.ndarray) -> str:
    """The greedy text of posteriors, shape (frames, vocabulary), tokens as the model writes them."""
    letters = spelled(greedy(shares, model.blank), model.piece_text, 0.0)
    return " ".join("".join(letter.text for letter in letters).split())


def ctc_loss(shares: np.ndarray, labels: Iterable[int], blank: int) -> float:
    """Minus the log probability of the labels under posteriors, shape (frames, vocabulary)."""
    import torch

    target = torch.tensor([list(labels)])
    log_shares = torch.from_numpy(np.log(np.maximum(shares, 1e-30, dtype=np.float64)))[:, None]
    lengths = torch.tensor([len(shares)]), torch.tensor([target.shape[1]])
    return float(torch.nn.functional.ctc_loss(log_shares, target, *lengths, blank=blank, reduction="sum"))
