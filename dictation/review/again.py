"""Sound that the ear could not hear is heard again when somebody asks for it."""

from collections.abc import Sequence
from threading import Thread
from typing import TYPE_CHECKING

from dictation.audio.voice import speech_spans
from dictation.case.draft import LeftOut, Unheard
from dictation.errors import DictationError, UsageError
from dictation.records.sound import sound_path
from dictation.review import hearing
from dictation.review.comparing import settled
from dictation.review.failing import told
from dictation.review.missing import BEFORE_S, softer, words_of_stretch
from dictation.review.sounds import samples_of
from dictation.review.waking import wake
from dictation.speech.clock import clock
from dictation.speech.ear import Stretch, Urgency
from dictation.speech.live import Event, Final, Notice

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


_BEHIND_S = 0.35  # heard behind a softer voice, which was cut where its sound ends


def hear_softer(case: "OpenCase") -> None:
    """Hear what was left out as a softer voice as the user's own. Raises UsageError where nothing was."""
    stretches = () if case.files_in_hearing else softer(case.draft.left_out)  # or they are being heard
    if not stretches:
        raise UsageError("No softer voice was left out of this case, or it is being heard.")
    if not case.sounds.is_on:
        case.finishing()
    _begin(case, stretches)


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
        _begin(case, stretches)


def _begin(case: "OpenCase", stretches: Sequence[Unheard | LeftOut]) -> None:
    case.files_in_hearing += 1
    case.audience.touch("case", "sign")
    Thread(target=_hear, args=(case, stretches), name="again", daemon=True).start()


def _hear(case: "OpenCase", stretches: Sequence[Unheard | LeftOut]) -> None:
    try:
        for one in stretches:
            hearing.happened(case, one.take, [_event(case, one)], one)
    finally:
        with case.lock:
            case.files_in_hearing -= 1
            case.audience.touch("case", "sign")
            if case.unheard_s == 0:
                settled(case)


def _event(case: "OpenCase", one: Unheard | LeftOut) -> Event:
    try:
        records = case.desk.records
        path = sound_path(records, records.recording(case.id, case.sounds.named(one.take).recording))
        first_s, last_s = one.start_s, one.end_s
        if isinstance(one, LeftOut):
            first_s, last_s = max(0.0, first_s - BEFORE_S), last_s + _BEHIND_S
        samples, _ = samples_of(path, first_s, last_s)
        if not len(samples):
            raise UsageError(one.why if isinstance(one, Unheard) and one.why else "there is no sound")
        voiced = [(first_s + start_s, first_s + end_s) for start_s, end_s in speech_spans(samples)]
        stretch = Stretch(samples, first_s, tuple(voiced) or ((one.start_s, one.end_s),), case.vocabulary())
        heard = case.desk.engines.ear.hear(stretch, Urgency.FINAL).result()
    except Exception as error:
        why = str(error) if isinstance(error, DictationError) else told(error)
        text = f"{clock(one.start_s, one.end_s)}: this could not be heard again ({why.rstrip('.')}); its sound is kept."
        return Notice(kind="engine", text=text, start_s=one.start_s, end_s=one.end_s)
    words = heard.words
    if isinstance(one, LeftOut):
        words = words_of_stretch(one, words, hearing.words_so_far(case, one.take))
    return Final(phrase=0, words=words, start_s=one.start_s, end_s=one.end_s, warnings=heard.warnings)
