"""A reader looks at one study, blind; where it fails, nothing is assessed, and whoever shows the reading says so."""

from collections.abc import Iterable
from threading import Event

from dictation.errors import DictationError, MissingError, ModelError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.reading.blind import ANY_FINDING
from dictation.reading.patient import blinded, why_not_earlier
from dictation.reading.reader import ImageReader
from dictation.reading.reading import Opinion, Reading


def look(
    reader: ImageReader,
    study: Study,
    prior: Study | None = None,
    order: Order | None = None,
    cancel: Event | None = None,
) -> tuple[Reading, DictationError | None]:
    """Return the reading of a study, and what kept the reader from making one. Raises Cancelled.

    No reader is given more of the order than it may know, nor a prior that cannot be one of this patient.
    """
    why = why_not_earlier(study, prior, order) if prior is not None else ""
    try:
        reading = reader.read(study, None if why else prior, blinded(order), cancel)
        notes = (f"Change is not assessed: {why}.",) if why else ()
        return reading.model_copy(update={"notes": (*reading.notes, *notes)}), None
    except (ModelError, MissingError) as error:
        reading = unread(reader.engine.name, study, str(error))
        return reading.model_copy(update={"engine": reader.engine}), error


def unread(reader: str, study: Study | None, reason: str) -> Reading:
    """The reading of a reader that could not read. `reason` is a sentence for people."""
    nothing = Opinion(finding=ANY_FINDING, assessed=False, reason=reason)
    return Reading(reader=reader, study=study.id if study is not None else "", opinions=(nothing,))


def warnings_of(readings: Iterable[Reading]) -> list[str]:
    """What a person must know of readings: that a reader assessed nothing and why, and what it had to assume."""
    found = []
    for reading in readings:
        if reading.opinions and not any(opinion.assessed for opinion in reading.opinions):
            found.append(f"The image was not assessed by {reading.reader}: {_ended(reading.opinions[0].reason)}")
        found += [f"{reading.reader}: {note}" for note in reading.notes]
    return found


def _ended(text: str) -> str:
    return text if text.endswith(".") else text + "."
