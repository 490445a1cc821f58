"""How a model is taught. The defaults are the published recipe of MedASR; none of them was tuned here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Settings of one training.

    `batch` utterances are heard together and `accumulation` batches make one step of the optimizer (AdamW without
    decay, gradients cut to a norm of 1). The learning rate rises to `rate` in `warm_up_steps`, or a tenth of all steps
    where these are fewer, and falls to zero. Training ends early after `patience` epochs without a better dev set
    (0: never). Utterances shorter than `min_s` seconds are left out.
    """

    epochs: int = 35
    batch: int = 8
    accumulation: int = 4
    rate: float = 3e-5
    warm_up_steps: int = 300
    patience: int = 5
    min_s: float = 0.6
    seed: int = 42

    def warm_up(self, steps: int) -> int:
        """The steps in which the rate rises, of `steps` in all."""
        return min(self.warm_up_steps, max(1, steps // 10))

    def rate_at(self, step: int, steps: int) -> float:
        """The learning rate of a step, counted from 0, of `steps` in all."""
        warm_up = self.warm_up(steps)
        if step < warm_up:
            return self.rate * (step + 1) / warm_up
        return self.rate * (steps - step) / max(1, steps - warm_up)
