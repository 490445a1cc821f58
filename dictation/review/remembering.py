"""A writer that writes each dictation once: what is given later must not cost a second answer of a model."""

from collections.abc import Sequence
from hashlib import sha256
from threading import Event

import numpy as np

from dictation.exam import Order
from dictation.imaging import Study
from dictation.report import Correction, Report, ReportWriter, Style, Template
from dictation.report.writer import Told
from dictation.speech import Engine
from dictation.wording import Dictation

MOST_REPORTS = 2  # a report, and the sentences of it that went back to the model once


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
