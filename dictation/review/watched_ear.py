"""The ear of a server, watched: how many phrases wait for it, whether it answers, and whether it fails."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from threading import Event, Lock

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.errors import DictationError
from dictation.lexicon import Vocabulary
from dictation.review.event_log import failed_at
from dictation.speech import Engine, Transcript
from dictation.speech.calibration import Confidence
from dictation.speech.ear import Heard, Stretch, Urgency
from dictation.speech.recognizer import Job, LiveRecognizer, Progress

STUCK_S = 60.0  # without any answer while phrases wait
FRESH_S = 600.0  # for which an answer proves that it hears
TRIAL_S = 0.5  # of a quiet room, heard where nothing else proves it
NOISE = 0.0005


class WatchedEar:
    """Another ear, unchanged in what it hears. `failed` is called whenever it fails, from any thread."""

    def __init__(
        self, ear: LiveRecognizer, failed: Callable[[], None], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._ear, self._failed, self._now_s = ear, failed, now_s
        self._asked: dict[int, float] = {}  # phrases that wait for their final words → since when
        self._number = 0
        self._answered_s: float | None = None
        self._last_failed = False
        self._trial: Future[Heard] | None = None
        self._lock = Lock()

    # the ear

    @property
    def engine(self) -> Engine:
        """The record of this engine."""
        return self._ear.engine

    @property
    def confidence(self) -> Confidence:
        """What its words' confidences are worth."""
        return self._ear.confidence

    @confidence.setter
    def confidence(self, confidence: Confidence) -> None:
        self._ear.confidence = confidence

    @property
    def max_stretch_s(self) -> float:
        """The longest stretch that it hears at once."""
        return self._ear.max_stretch_s

    @property
    def waiting_s(self) -> float:
        """How long a final waits for its turn, in seconds."""
        return self._ear.waiting_s

    def heeded(self, vocabulary: Vocabulary) -> Vocabulary:
        """The part of a vocabulary that turns it."""
        return self._ear.heeded(vocabulary)

    def transcribe(
        self, jobs: Iterable[Job], cancel: Event | None = None, progress: Progress | None = None
    ) -> Iterator[tuple[str, Transcript | DictationError]]:
        """Hear recordings."""
        return self._ear.transcribe(jobs, cancel, progress)

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> "Future[Heard]":
        """Hear a stretch."""
        try:
            future = self._ear.hear(stretch, urgency, key)
        except Exception as error:
            self._note(error)
            raise
        with self._lock:
            self._number += 1
            number = self._number
            if urgency is Urgency.FINAL:
                self._asked[number] = self._now_s()
        future.add_done_callback(lambda done: self._answered(number, done))
        return future

    # what is seen of it

    @property
    def waiting(self) -> int:
        """Phrases that wait for their final words, those included that are being heard."""
        return len(self._asked)

    @property
    def stuck_s(self) -> float:
        """Seconds for which phrases have waited without any answer."""
        with self._lock:
            oldest_s = min(self._asked.values(), default=None)
            return 0.0 if oldest_s is None else self._now_s() - max(oldest_s, self._answered_s or 0.0)

    def fault(self, wait_s: float) -> str:
        """Return what is wrong with it, "" for nothing; where its last answer is long ago it is tried, for `wait_s`."""
        if (stuck_s := self.stuck_s) >= STUCK_S:
            return f"no answer for {stuck_s:.0f} s"
        with self._lock:
            is_proven = self._answered_s is not None and self._now_s() - self._answered_s < FRESH_S
            if is_proven and not self._last_failed:
                return ""
            if self._trial is None or self._trial.done():
                self._trial = None
        try:
            if self._trial is None:
                self._trial = self.hear(_quiet(), Urgency.FINAL, self)
            self._trial.result(wait_s)
        except TimeoutError:
            return f"no answer within {wait_s:.0f} s"
        except Exception as error:
            return f"it fails ({type(error).__name__})"
        return ""

    def _answered(self, number: int, done: "Future[Heard]") -> None:
        error = None if done.cancelled() else done.exception()
        with self._lock:
            self._asked.pop(number, None)
            if not done.cancelled() and error is None:
                self._answered_s, self._last_failed = self._now_s(), False
        if error is not None:
            self._note(error)

    def _note(self, error: BaseException) -> None:
        with self._lock:
            self._last_failed = True
        failed_at("engine failed", error.__cause__ or error)
        self._failed()


def _quiet() -> Stretch:
    sound = np.random.default_rng(0).normal(0, NOISE, round(TRIAL_S * SAMPLE_RATE)).astype(np.float32)
    return Stretch(sound, 0.0, ((0.0, TRIAL_S),))
