"""The clinical ear: MedASR (LASR, a Conformer with CTC) in a loop of our own around the network of transformers.

Windows are cut at pauses, batched across recordings by length with masks, and decoded greedily. So a batch gives what
single runs give, every word has its seconds, and memory does not grow with the length of a recording.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Event

from dictation.audio import Window, windows
from dictation.errors import Cancelled, DictationError, ModelError
from dictation.settings import Settings
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.weights import Loaded, check_packages, find, load
from dictation.speech.medasr.window import Heard, heard
from dictation.speech.recognizer import Job, Progress
from dictation.speech.transcript import Engine, Transcript
from dictation.speech.voice_level import FLOOR_DBFS, MAX_GAIN_DB, raised

_MAX_WINDOW_S = 20.0  # what the model was trained on; attention grows with the square
_CPU_BATCH = 4  # more gains nothing on two cores
_GPU_BATCH = 16
_POOL_BATCHES = 4  # windows are collected for this many batches and sorted by length, so that little is padding


@dataclass
class _Open:
    """One recording whose windows are still being heard; `heard` holds them by the window's number."""

    job: Job
    heard: dict[int, Heard] = field(default_factory=dict)
    cut: int = 0  # windows that were cut so far
    furthest_s: float = 0.0
    ended: bool = False
    failure: DictationError | None = None

    @property
    def is_complete(self) -> bool:
        """True once nothing more is to be heard."""
        return self.ended and (self.failure is not None or len(self.heard) == self.cut)


@dataclass(frozen=True)
class _Waiting:
    """A window that waits for its turn."""

    recording: _Open
    number: int
    window: Window


class MedASRRecognizer:
    """A MedASR model as a Recognizer."""

    chosen = ""  # why this engine was taken, where the user left the choice to the program

    def __init__(self, model: Loaded) -> None:
        self._model = model
        self._batch = _CPU_BATCH if model.device == "cpu" else _GPU_BATCH

    @classmethod
    def load(cls, model: str | Path | None, settings: Settings) -> "MedASRRecognizer":
        """Load `model`: a folder, the name of a model on the hub, or None for google/medasr.

        Raises MissingError, with the fix in one sentence, where a package, the model, the network, a token or the
        acceptance of the model's terms is missing.
        """
        check_packages()
        return cls(load(find(model), settings.threads))

    @cached_property
    def engine(self) -> Engine:
        """The record of this engine."""
        checkpoint = self._model.checkpoint
        packages = ("torch", "transformers", "tokenizers", "faster-whisper", "radiology-dictation")
        return Engine(
            name="medasr",
            model=checkpoint.model,
            revision=checkpoint.revision,
            weights_sha256=self._model.sha256,
            precision=f"{self._model.precision} ({self._model.device})",
            settings={
                "decoding": "greedy",
                "confidence": "uncalibrated",
                "window_s": _MAX_WINDOW_S,
                "batch": self._batch,
                "level_floor_dbfs": FLOOR_DBFS,
                "max_gain_db": MAX_GAIN_DB,
            }
            | ({"chosen": self.chosen} if self.chosen else {}),
            versions={name: version(name) for name in packages},
        )

    def transcribe(
        self, jobs: Iterable[Job], cancel: Event | None = None, progress: Progress | None = None
    ) -> Iterator[tuple[str, Transcript | DictationError]]:
        """Yield (job id, transcript or error) in the order of the jobs; windows are batched across recordings.

        `progress` is told the job's id and the seconds of its recording that have been heard. Words carry no
        alternatives: greedy decoding knows none.
        """
        unfinished: deque[_Open] = deque()
        waiting: list[_Waiting] = []
        for job in jobs:
            this = _Open(job)
            unfinished.append(this)
            try:
                for window in windows(job.recording, _MAX_WINDOW_S):
                    waiting.append(_Waiting(this, this.cut, window))
                    this.cut += 1
                    if len(waiting) == self._batch * _POOL_BATCHES:
                        self._hear(waiting, cancel, progress)
                        yield from self._finished(unfinished)
                    if this.failure is not None:
                        break
            except Cancelled:
                raise
            except DictationError as error:
                this.failure = error
            this.ended = True
            yield from self._finished(unfinished)
        self._hear(waiting, cancel, progress)
        yield from self._finished(unfinished)

    def _finished(self, unfinished: deque[_Open]) -> Iterator[tuple[str, Transcript | DictationError]]:
        while unfinished and unfinished[0].is_complete:
            this = unfinished.popleft()
            yield this.job.id, this.failure or self._transcript(this)

    def _transcript(self, this: _Open) -> Transcript:
        recording = this.job.recording
        parts = [this.heard[number] for number in range(this.cut)]
        words = tuple(word for part in parts for word in part.words)
        warnings = [f"{recording.name}: {warning}" for part in parts for warning in part.warnings]
        if not parts:
            warnings.append(f"{recording.name}: no speech was found.")
        elif not words and not warnings:
            warnings.append(f"{recording.name}: a voice was heard but no words could be made out; listen to it.")
        return Transcript(
            recording=recording.id,
            words=words,
            engine=self.engine,
            duration_s=recording.duration_s(),
            warnings=(*recording.warnings, *warnings),
        )

    def _hear(self, waiting: list[_Waiting], cancel: Event | None, progress: Progress | None) -> None:
        """Hear the waiting windows, those of like length together. Empties `waiting`."""
        _stop_if(cancel)
        pool = sorted(
            (one for one in waiting if one.recording.failure is None), key=lambda one: len(one.window.samples)
        )
        waiting.clear()
        for start in range(0, len(pool), self._batch):
            _stop_if(cancel)
            self._hear_together(pool[start : start + self._batch], progress)

    def _hear_together(self, batch: list[_Waiting], progress: Progress | None) -> None:
        """Hear one batch. Where it fails, each of its windows has another try alone, and fails alone."""
        try:
            found = posteriors(self._model, [raised(one.window) for one in batch])
        except ModelError as error:
            if len(batch) == 1:
                name = batch[0].recording.job.recording.name
                batch[0].recording.failure = ModelError(f"{name}: {error}")
                return
            for one in batch:
                self._hear_together([one], progress)
            return
        for one, shares in zip(batch, found, strict=True):
            this = one.recording
            this.heard[one.number] = heard(one.window, shares, self._model.blank, self._model.piece_text)
            this.furthest_s = max(this.furthest_s, one.window.end_s)
            if progress is not None:
                progress(this.job.id, this.furthest_s)


def _stop_if(cancel: Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled("interrupted.")
