"""A recognizer that hears each recording once, and a writer that writes each dictation once.

A reading or a report that is given later must not cost a second transcription, nor a second answer of a model.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from threading import Event

import numpy as np

from dictation.errors import DictationError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.lexicon import Vocabulary
from dictation.report import Correction, Report, ReportWriter, Style, Template
from dictation.report.writer import Told
from dictation.speech import Engine, Transcript
from dictation.speech.recognizer import Job, Progress, Recognizer
from dictation.wording import Dictation

MOST_REPORTS = 2  # a report, and the sentences of it that went back to the model once


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


class RememberingWriter:
    """Wraps any writer and keeps what it wrote last, by all that it was given. Errors are not remembered."""

    def __init__(self, writer: ReportWriter) -> None:
        self._writer = writer
        self._known: list[tuple[object, Report]] = []
        self._digested: tuple[Study | None, tuple[bytes, ...]] | None = None

    @property
    def engine(self) -> Engine:
        """The record of the wrapped engine."""
        return self._writer.engine

    @property
    def rewords(self) -> bool:
        """As the wrapped writer."""
        return self._writer.rewords

    def prepare(self, study: Study | None, order: Order | None = None, cancel: Event | None = None) -> None:
        """Prepare as the wrapped writer does."""
        self._writer.prepare(study, order, cancel)

    def write(
        self,
        dictation: Dictation,
        *,
        order: Order | None = None,
        study: Study | None = None,
        template: Template | None = None,
        style: Style = "keep",
        corrections: Sequence[Correction] = (),
        cancel: Event | None = None,
        told: Told | None = None,
    ) -> Report:
        """Write as the wrapped writer does; a report that is remembered is not told again."""
        given = (dictation, order, study and study.facts, self._digests_of(study), template, style, tuple(corrections))
        for known, report in self._known:
            if known == given and not (cancel is not None and cancel.is_set()):
                return report
        report = self._writer.write(
            dictation, order=order, study=study, template=template, style=style, corrections=corrections,
            cancel=cancel, told=told,
        )  # fmt: skip
        self._known = [(given, report), *self._known][:MOST_REPORTS]
        return report

    def _digests_of(self, study: Study | None) -> tuple[bytes, ...]:
        """Return the SHA-256 of each image, found once for a study: those of a series are gigabytes."""
        if self._digested is None or self._digested[0] is not study:
            images = study.images if study is not None else ()
            self._digested = study, tuple(sha256(np.ascontiguousarray(image.pixels).data).digest() for image in images)
        return self._digested[1]
