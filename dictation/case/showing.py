"""What a writer is shown of a study: what a blind reader is shown of a frontal chest radiograph, of others nothing.

A writer that sees an image can write what it sees there. It is held to the words that were said all the same, so that
the image may only help it to put them in order; it is shown none where the reader could not judge it.
"""

from dictation.errors import InputError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.models.protocol import Content
from dictation.reading.gate import RADIOGRAPH, VIEW_NOT_STATED, NotRead, admitted
from dictation.reading.showing import shown


def seen_by_writer(study: Study, order: Order | None) -> tuple[Content, ...]:
    """Return the image, as the reader is shown it, so that it is encoded once for both; () for every other study.

    That it is frontal must be stated, and nothing may say that it is turned.
    """
    exam = admitted(study, order)
    if isinstance(exam, NotRead) or exam.modality != RADIOGRAPH or exam.no_side or VIEW_NOT_STATED in exam.notes:
        return ()
    try:
        return shown(exam, study, "")
    except InputError:  # its pixels may name the patient
        return ()
