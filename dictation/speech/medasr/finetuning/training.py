"""The training itself: steps of CTC with AdamW, the dev set after each epoch, the best weights kept.

Every step draws its dropout from a seed of its own and its utterances from the seed of its epoch. So a training that
was interrupted at any moment and taken up again gives the weights of one that was not.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

from dictation.audio import SAMPLE_RATE
from dictation.errors import Cancelled, ModelError
from dictation.speech.medasr.finetuning.batches import groups
from dictation.speech.medasr.finetuning.progress import Folder, Kept, Progress
from dictation.speech.medasr.finetuning.recipe import Recipe
from dictation.speech.medasr.finetuning.scoring import Score, score
from dictation.speech.medasr.finetuning.utterances import SoundStore, Utterance
from dictation.speech.medasr.weights import Loaded

_MAX_NORM = 1.0  # of the gradients
_SAVE_S = 300.0  # at most so much work is lost by a kill


@dataclass(frozen=True)
class Told:
    """What a person is told on the way: `loss` of the last step, `dev` after an epoch, seconds left if none is last."""

    step: int
    steps: int
    epoch: int
    loss: float
    dev: Score | None
    left_s: float


class Training:
    """One training of a loaded model in fp32, which it changes. `made_of` is what a resumed run must share."""

    def __init__(
        self,
        model: Loaded,
        splits: dict[str, list[Utterance]],
        sounds: SoundStore,
        folder: Folder,
        recipe: Recipe,
        made_of: dict[str, str],
        *,
        save_s: float = _SAVE_S,
    ) -> None:
        import torch

        self._model, self._splits, self._sounds, self._folder, self._recipe = model, splits, sounds, folder, recipe
        self._made_of, self._save_s = made_of, save_s
        self._is_half = model.device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        self._network: Any = model.network
        self._optimizer: Any = torch.optim.AdamW(self._network.parameters(), lr=recipe.rate, weight_decay=0.0)
        self._lengths = [one.samples for one in splits["train"]]
        self._steps_per_epoch = len(groups(self._lengths, recipe.batch, recipe.accumulation, recipe.seed, 0))
        self._steps = self._steps_per_epoch * recipe.epochs
        self.progress = Progress()

    @property
    def precision(self) -> str:
        """In what the network is trained, and where."""
        return f"{'bfloat16 over float32 weights' if self._is_half else 'float32'} ({self._model.device})"

    def resume(self, kept: Kept) -> None:
        """Take up what the folder kept."""
        self.progress = kept.progress
        self._network.load_state_dict(kept.weights)
        self._optimizer.load_state_dict(kept.optimizer)

    def run(self, told: Callable[[Told], None], cancel: Event | None = None) -> None:
        """Train to the end, then put the best weights into the network.

        Raises Cancelled, everything kept, soon after `cancel` is set; ModelError where memory runs out.
        """
        if not self.progress.first:
            self.progress.first = {name: self._score(self._splits[name]) for name in ("dev", "test")}
        began, begun_at, saved = time.monotonic(), self.progress.step, time.monotonic()
        while True:
            epoch, group = divmod(self.progress.step, self._steps_per_epoch)
            if group == 0 and len(self.progress.dev) <= epoch:
                self._finish_epoch(epoch)
                saved = time.monotonic()
                told(self._told(epoch, self.progress.dev[-1], began, begun_at))
            if self._is_done(epoch, group):
                break
            self._step(epoch, group, cancel)
            told(self._told(epoch + 1, None, began, begun_at))
            if time.monotonic() - saved >= self._save_s:
                self._save()
                saved = time.monotonic()
        self._network.load_state_dict(self._folder.best())
        self._network.eval()

    def scores(self) -> dict[str, Score]:
        """The scores of dev and test with the weights that the network has now."""
        return {name: self._score(self._splits[name]) for name in ("dev", "test")}

    def _is_done(self, epoch: int, group: int) -> bool:
        """True after the last epoch, and where the dev set has not got better for some epochs after the warm-up."""
        if epoch == self._recipe.epochs:
            return True
        warm_epochs = self._recipe.warm_up(self._steps) / self._steps_per_epoch
        stale = epoch - max(self.progress.best, warm_epochs)
        return bool(group == 0 and self._splits["dev"] and 0 < self._recipe.patience <= stale)

    def _finish_epoch(self, epoch: int) -> None:
        """Ask the dev set, keep the weights where they are the best so far, and where the training stands."""
        this = self.progress
        if epoch:
            this.trained.append(sum(this.losses) / len(this.losses))
            this.losses = []
        this.dev.append(this.first["dev"] if epoch == 0 else self._score(self._splits["dev"]))
        best, now = this.dev[this.best], this.dev[-1]
        is_better = (now.errors, now.loss) < (best.errors, best.loss) or not self._splits["dev"]
        if epoch == 0 or is_better:
            this.best = epoch
            self._folder.save_best(self._network.state_dict())
        self._save()

    def _step(self, epoch: int, group: int, cancel: Event | None) -> None:
        """One step of the optimizer. Where it is cancelled midway, nothing of it remains."""
        import torch

        recipe, this = self._recipe, self.progress
        torch.manual_seed(recipe.seed * 1_000_003 + this.step)
        rate = recipe.rate_at(this.step, self._steps)
        for parameters in self._optimizer.param_groups:
            parameters["lr"] = rate
        batches = groups(self._lengths, recipe.batch, recipe.accumulation, recipe.seed, epoch)[group]
        normalisation = {name: buffer.clone() for name, buffer in self._network.named_buffers()}
        self._network.train()
        total = 0.0
        for batch in batches:
            if cancel is not None and cancel.is_set():
                for name, buffer in self._network.named_buffers():
                    buffer.copy_(normalisation[name])
                self._optimizer.zero_grad()
                self._save()
                raise Cancelled("interrupted; what was learned is kept, run again with --resume to go on.")
            total += self._backward([self._splits["train"][index] for index in batch], 1 / len(batches))
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), _MAX_NORM)
        self._optimizer.step()
        self._optimizer.zero_grad()
        this.step += 1
        this.losses.append(total)

    def _backward(self, utterances: Sequence[Utterance], share: float) -> float:
        """Add the gradients of one batch, its loss weighted by `share`; return that loss."""
        import torch

        model = self._model
        sounds = [self._sounds.samples(one) for one in utterances]
        inputs = model.features(
            sounds, sampling_rate=SAMPLE_RATE, padding="longest", return_attention_mask=True, return_tensors="pt"
        ).to(model.device)
        longest = max(len(one.labels) for one in utterances)
        labels = torch.tensor([[*one.labels, *[model.blank] * (longest - len(one.labels))] for one in utterances])
        try:
            with torch.autocast(model.device, torch.bfloat16, enabled=self._is_half):
                loss = self._network(**inputs, labels=labels.to(model.device)).loss * share
            loss.backward()
        except RuntimeError as error:
            if "memory" not in str(error).lower():
                raise
            raise ModelError(
                f"The memory of the {model.device} is full; run again with a smaller --batch and a larger "
                "--accumulation in another --out folder."
            ) from error
        if not torch.isfinite(loss):
            raise ModelError("The loss is no number any more; train with a smaller --rate in another --out folder.")
        return float(loss.item())

    def _score(self, utterances: Sequence[Utterance]) -> Score:
        self._network.eval()
        return score(self._model, utterances, self._sounds, self._recipe.batch)

    def _save(self) -> None:
        states = self._network.state_dict(), self._optimizer.state_dict()
        self._folder.save(Kept(self.progress, *states, self._made_of))

    def _told(self, epoch: int, dev: Score | None, began: float, begun_at: int) -> Told:
        this = self.progress
        each_s = (time.monotonic() - began) / max(1, this.step - begun_at)
        loss = this.losses[-1] if this.losses else this.trained[-1] if this.trained else float("nan")
        return Told(this.step, self._steps, epoch, loss, dev, each_s * (self._steps - this.step))
