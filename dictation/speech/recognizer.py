"""The one thing that every ear can do: turn recordings into transcripts."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from dictation.audio import Recording
from dictation.errors import DictationError
from dictation.lexicon import Vocabulary
from dictation.speech.calibration import Confidence
from dictation.speech.ear import Ear
from dictation.speech.transcript import Engine, Transcript

Progress = Callable[[str, float], None]  # told a job's id and the seconds of its recording that have been heard


@dataclass(frozen=True)
class Job:
    """One recording to transcribe. `vocabulary` holds the user's own phrases, for biasing."""

    id: str
    recording: Recording
    vocabulary: Vocabulary


class Recognizer(Protocol):
    """An engine that hears. A new engine is one file that satisfies this and one line in the registry."""

    @property
    def engine(self) -> Engine:
        """The record of this engine, known before anything is heard."""
        ...

    def heeded(self, vocabulary: Vocabulary) -> Vocabulary:
        """Return the part of a vocabulary that turns it: two with the same part give the same words."""
        ...

    def transcribe(
        self, jobs: Iterable[Job], cancel: Event | None = None, progress: Progress | None = None
    ) -> Iterator[tuple[str, Transcript | DictationError]]:
        """Yield (job id, transcript or the reason why there is none), one for each job, as they finish.

        One bad recording yields its error and the rest goes on. When `cancel` is set, raises Cancelled.
        """
        ...


class LiveRecognizer(Recognizer, Ear, Protocol):
    """A recognizer that hears stretches of live sound, too, as every engine of the registry does.

    `confidence` is what its words' confidences are worth.
    """

    confidence: Confidence
