"""Recordings through the queue of an engine: windows asked ahead, taken in order, transcripts in the order of the jobs.

A recording that fails part of the way keeps what was heard before, and says so; the others go on.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from threading import Event
from typing import Generic, TypeVar

from dictation.errors import Cancelled, DictationError
from dictation.speech.recognizer import Job, Progress
from dictation.speech.transcript import Engine, Transcript, Word

_POLL_S = 0.1  # how soon a job that waits notices that it was cancelled

Result = TypeVar("Result")


class Listening(ABC, Generic[Result]):
    """One recording that is being heard: its words so far, warnings, and the second up to which it was heard."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.words: list[Word] = []
        self.warnings: list[str] = []
        self.heard_s = 0.0
        self.failure: DictationError | None = None
        self._asked: deque[tuple[Future[Result], float]] = deque()
        self._is_read = False

    @abstractmethod
    def ask(self, cancel: Event | None) -> Iterator[tuple[Future[Result], float]]:
        """Queue the recording's windows one after the other; yield each one's future and the second at its end."""

    @abstractmethod
    def take(self, result: Result) -> None:
        """Take in the result of the next window: add to `words` and `warnings`."""

    def end(self) -> None:
        """Called once nothing more will be taken."""

    def read(self, cancel: Event | None) -> Iterator[None]:
        """Queue every window, and pause after each. What fails on the way is kept as `failure`."""
        try:
            for asked in self.ask(cancel):
                self._asked.append(asked)
                yield
                if self.failure is not None:
                    break
        except Cancelled:
            raise
        except DictationError as error:
            self.failure = self.failure or error
        self._is_read = True

    def take_ready(self, progress: Progress | None, wait_s: float = 0.0) -> bool:
        """Take what is ready, waiting `wait_s` for each window; True once nothing more is to come."""
        while self._asked:
            future, end_s = self._asked[0]
            try:
                self.take(future.result(wait_s))
            except TimeoutError:
                return False
            except CancelledError as error:  # the engine was closed
                raise Cancelled("interrupted.") from error
            except Cancelled:
                raise
            except DictationError as error:
                self._fail(error)
                break
            self._asked.popleft()
            self.heard_s = end_s
            if progress is not None:
                progress(self.job.id, self.heard_s)
        return self._is_read

    def drop(self) -> None:
        """Take the windows that wait out of the queue."""
        while self._asked:
            self._asked.popleft()[0].cancel()

    def _fail(self, error: DictationError) -> None:
        """Keep the reason why nothing more will be heard."""
        self.failure = self.failure or type(error)(f"{self.job.recording.name}: {error}")
        self.drop()

    def transcript(self, engine: Engine) -> Transcript:
        """What was heard. Raises what the recording failed with where there is nothing to keep."""
        try:
            self.end()
        except DictationError as error:
            self._fail(error)
        recording = self.job.recording
        warnings = [*recording.warnings, *(f"{recording.name}: {warning}" for warning in self.warnings)]
        broken = ""
        if self.failure is not None:
            if not self.words:
                raise self.failure
            broken = f"{self.failure} Only what was heard before is here."
            warnings.append(broken)
        return Transcript(
            recording=recording.id,
            words=tuple(self.words),
            engine=engine,
            duration_s=recording.duration_s() if self.failure is None else self.heard_s,
            warnings=tuple(warnings),
            broken=broken,
        )


def transcribed(
    jobs: Iterable[Job],
    listen: Callable[[Job], Listening[Result]],
    engine: Callable[[], Engine],
    cancel: Event | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[str, Transcript | DictationError]]:
    """Yield (job id, transcript or error) in the order of the jobs; see `Recognizer.transcribe`.

    Windows of later recordings are queued while those of earlier ones are still heard, as many as the queue takes.
    """
    unfinished: deque[Listening[Result]] = deque()
    try:
        for job in jobs:
            unfinished.append(this := listen(job))
            for _ in this.read(cancel):
                _stop_if(cancel)
                yield from _finished(unfinished, engine, progress)
            yield from _finished(unfinished, engine, progress)
        while unfinished:
            _stop_if(cancel)
            yield from _finished(unfinished, engine, progress, _POLL_S)
        _stop_if(cancel)
    finally:  # also where nobody wants the rest
        for this in unfinished:
            this.drop()


def _finished(
    unfinished: deque[Listening[Result]], engine: Callable[[], Engine], progress: Progress | None, wait_s: float = 0.0
) -> Iterator[tuple[str, Transcript | DictationError]]:
    while unfinished and unfinished[0].take_ready(progress, wait_s):
        this = unfinished.popleft()
        try:
            yield this.job.id, this.transcript(engine())
        except DictationError as error:
            yield this.job.id, error
    for this in list(unfinished)[1:]:
        this.take_ready(progress)


def _stop_if(cancel: Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled("interrupted.")
