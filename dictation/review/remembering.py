"""A recognizer that hears each recording once: a report given later must not cost a second transcription."""

from collections.abc import Iterable, Iterator
from threading import Event

from dictation.errors import DictationError
from dictation.lexicon import Vocabulary
from dictation.speech import Engine, Transcript
from dictation.speech.recognizer import Job, Progress, Recognizer


class Remembering:
    """Wraps any recognizer and keeps its last transcript, by recording and heeded words. Errors are not remembered."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._known: tuple[str, Vocabulary, Transcript] | None = None

    @property
    def engine(self) -> Engine:
        """The record of the wrapped engine."""
        return self._recognizer.engine

    def heeded(self, vocabulary: Vocabulary) -> Vocabulary:
        """What the wrapped recognizer heeds."""
        return self._recognizer.heeded(vocabulary)

    def transcribe(
        self, jobs: Iterable[Job], cancel: Event | None = None, progress: Progress | None = None
    ) -> Iterator[tuple[str, Transcript | DictationError]]:
        """Yield as the wrapped recognizer does."""
        for job in jobs:
            heeded = self.heeded(job.vocabulary)
            if self._known and self._known[:2] == (job.recording.id, heeded):
                yield job.id, self._known[2]
                continue
            for id, heard in self._recognizer.transcribe([job], cancel, progress):
                if isinstance(heard, Transcript):
                    self._known = (job.recording.id, heeded, heard)
                yield id, heard
