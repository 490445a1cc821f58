"""A KenLM n-gram model over a network's pieces: how likely a piece is after the ones before.

Each piece is one word of the model, in which "#" stands for "▁": the piece "▁lung" is the word "#lung". So are the
models made that pyctcdecode uses over pieces. Needs the extra "lm" (kenlm).
"""

import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from dictation.errors import InputError, MissingError
from dictation.extras import install_command
from dictation.speech.ctc.pieces import WORD_START, Pieces
from dictation.weights import sha256_of

ALPHA, BETA = 0.5, 1.5  # the published recipe's: weight of the model, gain of each piece
UNKNOWN_LOG10 = -10.0  # added to the score of a piece that the model does not know
UNKNOWN = -2  # a word that no model knows, among pieces
_END_LETTERS, _LONG_LETTERS = len("</s>"), 6  # unknown words that are longer count the more
MIN_KNOWN_SHARE = 0.5  # of all pieces; under this the model was made for others


class LanguageModel:
    """A language model over `pieces`. States are KenLM's; scores are natural logs, weighted.

    `is_word`: whether a piece is a word of the model; blank, padding and the end of an utterance are none. `penalties`:
    what a piece counts while it is not known to be over.
    """

    def __init__(self, path: Path, model: Any, new_state: Any, pieces: Pieces, alpha: float, beta: float) -> None:
        self._path, self._model, self._new_state = path, model, new_state
        self.alpha, self.beta = alpha, beta
        self._words = [text.replace(WORD_START, "#") for text in pieces.texts]
        self.penalties = [0.0 if word in model else UNKNOWN_LOG10 for word in self._words]
        unheard = pieces.silent | pieces.ends
        self.is_word = [number not in unheard for number in range(len(pieces))]

    @classmethod
    def load(cls, path: Path, pieces: Pieces, alpha: float = ALPHA, beta: float = BETA) -> "LanguageModel":
        """Load a KenLM file, binary or ARPA.

        Raises MissingError where the file or kenlm is missing, and InputError where the file is no KenLM model or one
        over other pieces.
        """
        if not path.is_file():
            raise MissingError(f"{path}: there is no such language model; check the setting or leave it empty.")
        try:
            import kenlm
        except ImportError as error:
            raise MissingError(
                f"The language model {path.name} needs kenlm; run {install_command('lm')} or leave the setting empty."
            ) from error
        quiet = kenlm.Config()
        quiet.show_progress, quiet.arpa_complain = False, kenlm.ARPALoadComplain.NONE
        try:
            model = kenlm.Model(str(path), quiet)
        except (OSError, RuntimeError, ValueError) as error:
            raise InputError(
                f"{path}: this is no KenLM language model; get it again, name another file, or do without."
            ) from error
        loaded = cls(path, model, kenlm.State, pieces, alpha, beta)
        if loaded.known_share < MIN_KNOWN_SHARE:
            raise InputError(
                f"{path}: this language model knows {loaded.known_share:.0%} of the recognizer's pieces, so it was made"
                " for another one; give the file that came with the weights."
            )
        return loaded

    @property
    def order(self) -> int:
        """The n of its n-grams."""
        return int(self._model.order)

    @property
    def known_share(self) -> float:
        """The share of pieces that it knows, 0–1."""
        known = [penalty == 0 for penalty, is_word in zip(self.penalties, self.is_word, strict=True) if is_word]
        return sum(known) / max(1, len(known))

    @cached_property
    def record(self) -> dict[str, Any]:
        """Name, hash and weights, for the record of the engine."""
        return {"lm": self._path.name, "lm_sha256": sha256_of(self._path), "alpha": self.alpha, "beta": self.beta}

    def state_after(self, history: Sequence[int]) -> Any:
        """The state after the pieces of a text; after none, that of its beginning."""
        state = self._new_state()
        self._model.BeginSentenceWrite(state)
        for piece in history:
            if self.is_word[piece]:
                _, state = self.score(state, piece)
        return state

    def score(self, state: Any, piece: int) -> tuple[float, Any]:
        """The score of a piece after a state, and the state after it."""
        after = self._new_state()
        word, penalty = (self._words[piece], self.penalties[piece]) if piece != UNKNOWN else (WORD_START, UNKNOWN_LOG10)
        log10 = self._model.BaseScore(state, word, after) + penalty
        return self.alpha * log10 * _LN10 + self.beta, after

    def broken(self, piece: int) -> float:
        """What an open piece counts once an end or a silent piece has followed it: it is no word any more.

        So does the published recipe, which then takes the way without the end.
        """
        letters = (len(self._words[piece]) if piece >= 0 else 0) + _END_LETTERS
        return UNKNOWN_LOG10 * max(1.0, letters / _LONG_LETTERS)

    def end_score(self, state: Any) -> float:
        """The score of the end of a text after a state."""
        return float(self.alpha * self._model.BaseScore(state, "</s>", self._new_state()) * _LN10)


_LN10 = math.log(10)
