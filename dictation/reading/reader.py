"""What every reader of images can do."""

from threading import Event
from typing import Protocol

from dictation.exam import Order
from dictation.imaging import Study
from dictation.reading.reading import Reading
from dictation.speech import Engine


class ImageReader(Protocol):
    """An engine that reads the images of a study blind. A new reader is one file that satisfies this."""

    @property
    def engine(self) -> Engine:
        """The record of this reader, known before anything is read."""
        ...

    def read(
        self, study: Study, prior: Study | None = None, order: Order | None = None, cancel: Event | None = None
    ) -> Reading:
        """Return what the reader holds of `study`; what it cannot judge is an opinion that is not assessed.

        `prior` is an earlier study of the same patient, for change. Of `order` only modality, body part, procedure, age
        and sex may be used: never the indication, never who the patient is, never an earlier report. Raises ModelError
        where the engine gives no usable answer, MissingError where something it needs is not there, Cancelled soon
        after `cancel` is set.
        """
        ...
