"""What every writer of reports can do."""

from threading import Event
from typing import Protocol

from dictation.exam import ExamFacts, Order
from dictation.report.report import Report
from dictation.report.template import Template
from dictation.speech import Engine
from dictation.wording import Dictation


class ReportWriter(Protocol):
    """An engine that writes. A new engine is one file that satisfies this and one line in the registry."""

    @property
    def engine(self) -> Engine:
        """The record of this engine, known before anything is written."""
        ...

    def write(
        self,
        dictation: Dictation,
        *,
        order: Order | None = None,
        facts: ExamFacts | None = None,
        template: Template | None = None,
        cancel: Event | None = None,
    ) -> Report:
        """Write the report of a dictation. A `template` given here is one that the radiologist chose.

        When `cancel` is set, raises Cancelled; an engine without a valid answer raises ModelError.
        """
        ...
