"""The sound of an open case becomes its text: takes begin, and what is heard of them is taken up."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dictation.case.draft import Draft, LeftOut, Take, Unheard
from dictation.errors import DictationError, UsageError
from dictation.review import saying
from dictation.review.event_log import note
from dictation.review.failing import told
from dictation.review.listening import Begun
from dictation.review.missing import doubtful, heard_as_own, is_lost, lost, not_twice, with_left_out, with_notice
from dictation.review.own_sound import obeys
from dictation.review.page import Page
from dictation.speech.clock import clock
from dictation.speech.live import Event, Final, Notice, Partial
from dictation.speech.transcript import Word

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


def begin(case: "OpenCase", page: Page, take: str) -> Begun:
    """A new capture of a page begins, or one that began before is known again. What is signed takes no more sound."""
    with case.lock:
        if is_signed(case, take):
            return case.sounds.closed(take)
        other = case.desk.records.recording_of(take)
        if other is not None and other.case != case.id:
            raise UsageError("This sound belongs to another case; begin a new dictation.")
        begun = case.sounds.begin(take)
        if not case.has_take(take):
            case.text.begin(begun.recording, case.desk.engines.ear.engine)
            by = case.desk.known(page.user).by
            kept = Take(id=take, recording=begun.recording, file=begun.file, by=by, page=page.id)
            case.keep({"takes": (*case.draft.takes, kept)})
            note_recordings(case)
        return begun


def note_recordings(case: "OpenCase") -> None:
    """The records know the recordings of the draft, also where a server was killed before it could tell them."""
    if not case.draft.takes:
        return
    known = {one.take for one in case.desk.records.recordings(case.id)}
    for take in case.draft.takes:
        if take.id not in known:
            case.desk.records.add_recording(case.id, take.id, take.recording, take.file, datetime.now(UTC), take.by)


def is_signed(case: "OpenCase", take: str) -> bool:
    """Whether a take belongs to a version, which is frozen with its sound."""
    signed = {recording for version in case.versions for recording in version.recordings}
    return any(one.id == take and one.recording in signed for one in case.draft.takes)


def happened(case: "OpenCase", take: str, events: Sequence[Event], again: Unheard | LeftOut | None = None) -> None:
    """Take up what was heard, in order. What fails is told, and all that follows is still taken up.

    With `again`, these are its words: none is a command, or fills a field: it was said to a text that was another one.
    Where that is not missing any more, as a softer voice that was given back meanwhile, they are not taken up.
    """
    with case.lock:
        for event in events:
            if not case.audience.is_ours:  # the server that has the case hears it
                return
            if again is not None and again not in (*case.draft.unheard, *case.draft.left_out):
                return
            try:
                _take_in(case, take, event, again)
            except Exception as error:  # as a full disk: the sound is kept, and all that comes must still be heard
                text = str(error) if isinstance(error, DictationError) else told(error)
                case.audience.notice(text, about="hearing")
                case.audience.touch("pad", "sign", "case")


def _take_in(case: "OpenCase", take: str, event: Event, again: Unheard | LeftOut | None) -> None:
    if isinstance(event, Notice):
        is_error = (
            event.kind not in ("delay", "voice") and not event.is_over
        )  # what was left out of another voice stays in sight by itself
        case.audience.notice(event.text, error=is_error, about=event.kind)
        if event.kind in ("voice", "own"):
            case.keep({"left_out": with_notice(case.draft.left_out, take, event)})
            case.audience.touch("case", "sign")
        if event.kind == "engine":
            case.audience.touch("case", "sign")
            if event.end_s is not None:
                case.desk.counts.add("phrases_unheard")
                seconds = round(event.end_s - event.start_s, 3)
                note("sound unheard", case=case.id, seconds=seconds)
            if event.end_s is not None and again is None:
                missed = Unheard(take=take, start_s=event.start_s, end_s=event.end_s)
                case.keep({"takes": _heard_to(case.draft, take, event.end_s), "unheard": (*case.draft.unheard, missed)})
    elif isinstance(event, Partial):
        case.text.show(case.sounds.named(take).recording, event)
        case.audience.touch("partial")
    else:
        _final(case, take, event, again)


def _final(case: "OpenCase", take: str, event: Final, again: Unheard | LeftOut | None) -> None:
    if again is not None and not event.words:  # nothing was heard this time either
        _still_unheard(case, again)
        return
    recording = case.sounds.named(take).recording
    words = not_twice(case.draft.left_out, take, event.words, words_so_far(case, take))
    is_whole = len(words) == len(event.words)  # of an utterance of which a part was heard before, none is a command
    case.text.provisional = None
    before = case.draft, case.text.copy(), case.composed
    unheard = (*(one for one in case.draft.unheard if one != again), *lost(take, event))
    case.draft = case.draft.model_copy(
        update={
            "takes": case.draft.takes if again else _heard_to(case.draft, take, event.end_s),
            "unheard": tuple(dict.fromkeys(unheard)),
            "left_out": with_left_out(heard_as_own(case.draft.left_out, again), doubtful(take, event)),
        }
    )  # before its words: what is saved with some of them must not be heard again
    try:
        new = event if is_whole else event.model_copy(update={"words": words})
        saying.heard(case, recording, new, obeys=again is None and is_whole and obeys(case, take))
    except BaseException:
        case.draft, case.text, case.composed = before
        if again is None:  # it is kept with what comes next
            missed = Unheard(take=take, start_s=event.start_s, end_s=event.end_s)
            takes = _heard_to(case.draft, take, event.end_s)  # it is not heard again by itself
            case.draft = case.draft.model_copy(update={"takes": takes, "unheard": (*case.draft.unheard, missed)})
        raise
    case.text_changed()
    _warn(case, event)
    if again is None and event.words:
        case.desk.lag.told(take, max(word.end_s or 0.0 for word in event.words) or event.end_s)


def words_so_far(case: "OpenCase", take: str) -> tuple[Word, ...]:
    """Return all words that were heard of a take, in the order in which they came."""
    recording = case.sounds.named(take).recording
    return next((one.words for one in case.text.pad.transcripts if one.recording == recording), ())


def _warn(case: "OpenCase", event: Final) -> None:
    """Tell what the ear warns of; what was lost is in the draft by now."""
    for warning in event.warnings:
        case.audience.notice(warning, error=is_lost(event, warning), about="engine")
    case.audience.touch("case", "sign")


def _still_unheard(case: "OpenCase", again: Unheard | LeftOut) -> None:
    where, is_known = clock(again.start_s, again.end_s), isinstance(again, Unheard)
    how = "again" if is_known else "of the softer voice"
    case.audience.notice(f"{where}: no words could be made out {how}; its sound is kept, so listen to it.")


def _heard_to(draft: Draft, take: str, end_s: float) -> tuple[Take, ...]:
    return tuple(
        one.model_copy(update={"heard_s": max(one.heard_s, end_s)}) if one.id == take else one for one in draft.takes
    )
