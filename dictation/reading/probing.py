"""One question, asked in several ways: how probable each option is as the first thing the model says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from dictation.models.protocol import NotAssessed, Prefix, VisionLanguageModel

# A model of 4-bit weights or bf16 scores can be no surer than this; without a limit one way of asking outvoted all.
_LEAST_SHARE = 0.001


@dataclass(frozen=True)
class Answer:
    """What all ways of asking say together. `shares`: one per option, together 1.

    `spread` 0–1: the largest difference that the way of asking makes to any option.
    """

    shares: tuple[float, ...]
    spread: float

    @property
    def best(self) -> int:
        """The place of the most probable option, the first of equal ones."""
        return self.shares.index(max(self.shares))


def ask(
    model: VisionLanguageModel,
    prefix: Prefix,
    prompts: Sequence[str],
    options: Sequence[str],
    cancel: Event | None = None,
) -> Answer | NotAssessed:
    """Ask all `prompts` after the same `prefix`. NotAssessed as soon as one of them gets no answer.

    The mean is taken of the log-probabilities, and made to sum to 1 again: for yes and no this is the mean of the
    log-odds. A wording shifts log-odds by about a constant, which averages out there, while a mean of probabilities
    keeps most of the shift of the one wording that is far from 0 and 1; and calibration is fitted to log-odds.
    """
    asked = []
    for prompt in prompts:
        shares = model.choose(prefix, prompt, options, cancel)
        if isinstance(shares, NotAssessed):
            return shares
        asked.append(shares)
    logs = [sum(math.log(max(one, _LEAST_SHARE)) for one in column) / len(asked) for column in zip(*asked, strict=True)]
    weights = [math.exp(log - max(logs)) for log in logs]
    spread = max(max(column) - min(column) for column in zip(*asked, strict=True))
    return Answer(tuple(weight / sum(weights) for weight in weights), spread)


def log_odds(share: float) -> float:
    """Return the log-odds of a share 0–1, within those that an answer can have."""
    share = min(max(share, _LEAST_SHARE), 1 - _LEAST_SHARE)
    return math.log(share / (1 - share))
