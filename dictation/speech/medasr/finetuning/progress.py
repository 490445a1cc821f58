"""Where a training stands: everything that is needed to go on after a kill as if nothing had happened."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dictation.errors import DictationError, InputError
from dictation.private import private_file
from dictation.speech.medasr.finetuning.scoring import Score

STATE, _BEST = "state.pt", "best.pt"


@dataclass
class Progress:
    """Steps done, and what the dev set said after each epoch; epoch 0 is the model as it came.

    `losses` are those of the epoch that is under way, `trained` the mean of each epoch that is done. `best` is the
    epoch whose weights are kept. `first` are the scores of the model as it came, by split.
    """

    step: int = 0
    losses: list[float] = field(default_factory=list)
    trained: list[float] = field(default_factory=list)
    dev: list[Score] = field(default_factory=list)
    best: int = 0
    first: dict[str, Score] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """What the folder keeps of a training. `weights` and `optimizer` are state dicts, `made_of` what it depends on."""

    progress: Progress
    weights: Any
    optimizer: Any
    made_of: dict[str, str]


class Folder:
    """The working folder of one training. Each file in it is whole: it is written beside its place, then renamed.

    The weights may hold what patients' recordings taught them, so the files are for their owner alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def is_begun(self) -> bool:
        """True where a training can be taken up."""
        return (self._folder / STATE).is_file()

    def save(self, kept: Kept) -> None:
        """Keep where the training stands."""
        parts = {"weights": kept.weights, "optimizer": kept.optimizer, "made_of": kept.made_of}
        self._write(STATE, {"progress": asdict(kept.progress), **parts})

    def load(self) -> Kept:
        """Return what `save` kept. Raises InputError where it is damaged."""
        state = self._read(STATE)
        kept = state["progress"]
        scores = {name: Score(**score) for name, score in kept["first"].items()}
        progress = replace(Progress(**kept), dev=[Score(**score) for score in kept["dev"]], first=scores)
        return Kept(progress, state["weights"], state["optimizer"], state["made_of"])

    def save_best(self, weights: Any) -> None:
        """Keep the weights of the best epoch so far."""
        self._write(_BEST, weights)

    def best(self) -> Any:
        """Return the weights of the best epoch."""
        return self._read(_BEST)

    def _write(self, name: str, value: Any) -> None:
        import torch

        part = self._folder / f"{name}.part"
        with disk(self._folder):
            try:
                private_file(part)
                with part.open("wb") as file:
                    torch.save(value, file)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(self._folder / name)
            finally:
                part.unlink(missing_ok=True)

    def _read(self, name: str) -> Any:
        import torch

        path = self._folder / name
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # pickle, zip and torch have exceptions of their own without a common base
            raise InputError(
                f"{path}: the kept state is damaged; delete the folder {self._folder} and start anew."
            ) from error


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """Turn what goes wrong while writing below `folder` into one sentence. What was whole there before stays whole."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # torch hides the cause in a RuntimeError
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, OSError):
            cause = cause.__cause__ or cause.__context__
        if cause is None:
            raise
        why = "the disk is full; free some space" if cause.errno == errno.ENOSPC else f"{cause.strerror}; check it"
        raise DictationError(f"{folder}: could not be written, {why} and run again with --resume.") from error
