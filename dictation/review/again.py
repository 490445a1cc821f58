"""Sound that the ear could not hear is heard again when somebody asks for it."""

from collections.abc import Sequence
from threading import Thread
from typing import TYPE_CHECKING

from dictation.audio.voice import speech_spans
from dictation.case.draft import Unheard
from dictation.errors import DictationError, UsageError
from dictation.records.sound import sound_path
from dictation.review import hearing
from dictation.review.comparing import settled
from dictation.review.failing import told
from dictation.review.sounds import samples_of
from dictation.review.waking import wake
from dictation.speech.clock import clock
from dictation.speech.ear import Stretch, Urgency
from dictation.speech.live import Event, Final, Notice

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


def hear_again(case: "OpenCase") -> None:
    """Hear what could not be heard; its words go in at the cursor, as text. Raises UsageError where all was heard."""
    is_begun, has_shut = case.sounds.hear_again(), case.sounds.has_shut
    stretches = () if case.files_in_hearing else case.draft.unheard  # or they are being heard
    if not stretches and not is_begun and not has_shut:
        raise UsageError("All sound of this case was heard, or is being heard again.")
    if not case.sounds.is_on:
        case.finishing()
    case.audience.touch("case", "sign")
    if has_shut:
        Thread(target=wake, args=[case], name="wake", daemon=True).start()
    if stretches:
        case.files_in_hearing += 1
        Thread(target=_hear, args=(case, stretches), name="again", daemon=True).start()


def _hear(case: "OpenCase", stretches: Sequence[Unheard]) -> None:
    try:
        for one in stretches:
            hearing.happened(case, one.take, [_event(case, one)], one)
    finally:
        with case.lock:
            case.files_in_hearing -= 1
            case.audience.touch("case", "sign")
            if case.unheard_s == 0:
                settled(case)


def _event(case: "OpenCase", one: Unheard) -> Event:
    try:
        records = case.desk.records
        path = sound_path(records, records.recording(case.id, case.sounds.named(one.take).recording))
        samples, _ = samples_of(path, one.start_s, one.end_s)
        voiced = [(one.start_s + start_s, one.start_s + end_s) for start_s, end_s in speech_spans(samples)]
        stretch = Stretch(samples, one.start_s, tuple(voiced) or ((one.start_s, one.end_s),), case.vocabulary())
        heard = case.desk.engines.ear.hear(stretch, Urgency.FINAL).result()
    except Exception as error:
        why = str(error) if isinstance(error, DictationError) else told(error)
        text = f"{clock(one.start_s, one.end_s)}: this could not be heard again ({why.rstrip('.')}); its sound is kept."
        return Notice(kind="engine", text=text, start_s=one.start_s, end_s=one.end_s)
    return Final(phrase=0, words=heard.words, start_s=one.start_s, end_s=one.end_s, warnings=heard.warnings)
