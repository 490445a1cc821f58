"""What the work on a case rests on, and what it has so far."""

from dataclasses import dataclass
from pathlib import Path
from threading import Event

from dictation.exam import Order
from dictation.imaging import Study
from dictation.reading import Reading
from dictation.report import Report, Statement
from dictation.wording import Dictation


@dataclass(frozen=True)
class Given:
    """What one comparison rests on, taken at one moment. `recording` may be the microphone's, which can go on."""

    recording: Path | None
    chosen: Path | None  # the recording among the files
    order: Order | None
    study: Study | None
    readings: tuple[Reading, ...]
    written: Report | None

    def goes_on(self, before: "Given") -> bool:
        """Tell whether pieces were only added `before`: nobody's order, image or recording was exchanged."""
        return all(old in (None, new) for old, new in zip(before._who(), self._who(), strict=True))

    def _who(self) -> tuple[object, ...]:
        order = self.order
        patient = (order.patient_id, order.name, order.birth_date, order.accession) if order else None
        return patient, self.study.id if self.study else None, self.chosen


@dataclass
class Unfinished:
    """A case that was heard and whose report a model is writing. `draft` only says where each sentence belongs.

    `cancel` is set when its work is stopped, or has ended without a report.
    """

    given: Given
    dictation: Dictation
    draft: Report
    cancel: Event
    written: tuple[Statement, ...] = ()
