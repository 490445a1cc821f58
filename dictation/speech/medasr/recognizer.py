"""The clinical ear: MedASR (LASR, a Conformer with CTC) in a loop of our own around the network of transformers.

Every sound passes through one queue of turns, so that recordings and live sessions share the network; a batch gives
what single runs give, every word has its seconds, and memory does not grow with the length of a recording.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from dictation.audio import SAMPLE_RATE, Window, windows
from dictation.errors import DictationError
from dictation.settings import Settings
from dictation.speech.context import new_speech, new_words
from dictation.speech.ear import Heard, Stretch, Urgency
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.weights import Loaded, check_packages, find, load
from dictation.speech.medasr.window import heard, unheard
from dictation.speech.recognizer import Job, Progress
from dictation.speech.recordings import Listening, transcribed
from dictation.speech.transcript import Engine, Transcript
from dictation.speech.turns import Turns
from dictation.speech.voice_level import FLOOR_DBFS, MAX_GAIN_DB, raised

_CPU_BATCH = 1  # more gains nothing on a CPU, and a final that comes would have to wait for it
_GPU_BATCH = 16
_BOUND_BATCHES = 4  # of recordings that wait: enough to find windows of like length, few enough to hold in memory
_COST = 0.03  # seconds of work for each second of sound, until it has been measured


@dataclass(frozen=True)
class _Sound:
    """A stretch of sound that is to be heard, and what is made of its posteriors."""

    samples: np.ndarray
    read: Callable[[np.ndarray], Any]


class MedASRRecognizer:
    """A MedASR model as a Recognizer and an Ear."""

    chosen = ""  # why this engine was taken, where the user left the choice to the program

    def __init__(self, model: Loaded, settings: Settings | None = None) -> None:
        self._model = model
        self._settings = settings or Settings()
        self._batch = self._settings.medasr_batch or (_CPU_BATCH if model.device == "cpu" else _GPU_BATCH)
        self._turns: Turns[_Sound, Any] = Turns(
            self._work,
            batch=self._batch,
            bound=_BOUND_BATCHES * self._batch,
            cost_s=lambda sound: _COST * len(sound.samples) / SAMPLE_RATE,
        )

    @classmethod
    def load(cls, model: str | Path | None, settings: Settings) -> "MedASRRecognizer":
        """Load `model`: a folder, the name of a model on the hub, or None for google/medasr.

        Raises MissingError, with the fix in one sentence, where a package, the model, the network, a token or the
        acceptance of the model's terms is missing.
        """
        check_packages()
        return cls(load(find(model), settings.threads), settings)

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
                "window_s": self._settings.medasr_window_s,
                "batch": self._batch,
                "level_floor_dbfs": FLOOR_DBFS,
                "max_gain_db": MAX_GAIN_DB,
            }
            | ({"chosen": self.chosen} if self.chosen else {}),
            versions={name: version(name) for name in packages},
        )

    @property
    def max_stretch_s(self) -> float:
        """The longest stretch that it hears at once, context included, in seconds."""
        return self._settings.medasr_window_s

    @property
    def waiting_s(self) -> float:
        """How long a final that is asked for now is expected to wait for its turn, in seconds."""
        return self._turns.waiting_s

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> Future[Heard]:
        """Ask for the words of a stretch of at most `max_stretch_s`; see `Ear.hear`."""
        window = Window(stretch.start_s, stretch.samples, stretch.speech)
        return self._turns.submit(_Sound(raised(window), lambda shares: self._heard(stretch, shares)), urgency, key)

    def close(self) -> None:
        """Cancel what waits; nothing can be heard afterwards."""
        self._turns.close()

    def transcribe(
        self, jobs: Iterable[Job], cancel: Event | None = None, progress: Progress | None = None
    ) -> Iterator[tuple[str, Transcript | DictationError]]:
        """Yield (job id, transcript or error) in the order of the jobs; windows are batched across recordings.

        `progress` is told the job's id and the seconds of its recording that have been heard.
        """
        return transcribed(
            jobs, lambda job: _Listening(job, self._model, self._turns), lambda: self.engine, cancel, progress
        )

    def _heard(self, stretch: Stretch, shares: np.ndarray) -> Heard:
        found = heard(shares, stretch.start_s, self._model.blank, self._model.piece_text)
        words = new_words(found.words, stretch.start_s + stretch.context_s)
        return Heard(words, found.warnings + unheard(new_speech(stretch), words))

    def _work(self, batch: Sequence[_Sound]) -> list[Any]:
        found = posteriors(self._model, [sound.samples for sound in batch])
        return [sound.read(shares) for sound, shares in zip(batch, found, strict=True)]


class _Listening(Listening[tuple[Window, np.ndarray]]):
    """A recording that is being heard window by window."""

    def __init__(self, job: Job, model: Loaded, turns: Turns[_Sound, Any]) -> None:
        super().__init__(job)
        self._model, self._turns = model, turns
        self._speech: list[tuple[float, float]] = []

    def ask(self, cancel: Event | None) -> Iterator[tuple[Future[tuple[Window, np.ndarray]], float]]:
        """Queue the windows of the recording."""
        for window in windows(self.job.recording, 20.0):
            self._speech.extend(window.speech)
            sound = _Sound(raised(window), lambda shares, window=window: (window, shares))  # type: ignore[misc]
            yield self._turns.submit(sound, Urgency.FILE, cancel=cancel), window.end_s

    def take(self, result: tuple[Window, np.ndarray]) -> None:
        """Read the next window's posteriors."""
        window, shares = result
        found = heard(shares, window.start_s, self._model.blank, self._model.piece_text)
        self.words.extend(found.words)
        self.warnings.extend(found.warnings)

    def end(self) -> None:
        """Say where a voice gave no words."""
        self.warnings.extend(unheard([span for span in self._speech if span[1] <= self.heard_s], self.words))
        if self.failure is not None or self.words or self.warnings:
            return
        said = (
            "a voice was heard but no words could be made out; listen to it."
            if self._speech
            else "no speech was found."
        )
        self.warnings.append(said)
