"""What a user corrected twice alike is learned, once it has proven itself on what that user dictated before.

Each candidate is tried on the user's last cases: what was heard there is written again with it, and, where it turns the
recognizer, their kept sound is heard again. It is used only where it puts words right and none wrong, and the page says
what was learned from what. What is used is tried on each new case, too: what its author corrected back is used no more.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

from dictation.audio import Recording
from dictation.case.corrected import corrected_text, corrections_of
from dictation.case.expecting import expected
from dictation.case.trial import Earlier, trial
from dictation.errors import DictationError
from dictation.lexicon import Misheard, Phrase, Vocabulary
from dictation.lexicon.learned import Entry, Learned, vocabulary_of
from dictation.records.recordings import KeptRecording
from dictation.records.sound import sound_path
from dictation.review import failing
from dictation.speech import Transcript
from dictation.speech.recognizer import Job
from dictation.wording.pad_corrections import TIMES, Correction, learnable, new_words

if TYPE_CHECKING:
    from dictation.review.desk import Desk
    from dictation.review.open_case import OpenCase

MOST_CASES = 60  # that something is tried on, the newest
MOST_SOUND_S = 60.0  # of them, heard again for one candidate; those first in which it was corrected
ByCase = Mapping[str, tuple[Correction, ...]]


def learn_from(case: "OpenCase") -> None:
    """Note what is corrected in a case as it is now, and learn what was corrected twice; returns at once."""
    by_case = case.own.corrected.note(case.id, corrections_of(case.draft, case.text.pad))
    entries = candidates(by_case, case.own.vocabulary, case.own.learned.entries)
    is_used = any(one.state == "active" for one in case.own.learned.entries)
    if (entries or is_used) and case.own.may_learn.acquire(blocking=False):
        Thread(target=_learn, args=(case, by_case, entries), name="learn", daemon=True).start()


def candidates(by_case: ByCase, own: Vocabulary, known: Sequence[Entry]) -> list[Entry]:
    """What was corrected twice and is not known yet, or was refused and corrected more often since."""
    corrections = [one for many in by_case.values() for one in many]
    times = {one.id: one.corrected for one in known}
    settled = {one.id for one in known if one.state != "refused"}
    found = (_sourced(one, by_case) for one in learnable(corrections, own))
    return [one for one in found if one.id not in settled and one.corrected > times.get(one.id, TIMES - 1)]


def _sourced(learned: Phrase | Misheard, by_case: ByCase) -> Entry:
    """An entry with the cases in which it was corrected."""
    entry = Entry.of(learned)
    counts = {id: sum(_is_of(one, entry) for one in many) for id, many in by_case.items()}
    cases = tuple(id for id, count in counts.items() if count)
    return entry.model_copy(update={"corrected": sum(counts.values()), "cases": cases})


def _is_of(correction: Correction, entry: Entry) -> bool:
    if entry.kind == "phrase":
        return entry.meant in new_words(correction)
    if (correction.heard, correction.typed.lower()) != (entry.heard, entry.meant.lower()):
        return False
    return entry.before in ("", correction.before) and entry.after in ("", correction.after)


def _learn(case: "OpenCase", by_case: ByCase, entries: Sequence[Entry]) -> None:
    own, desk = case.own, case.desk
    try:
        tried: list[Entry] = []
        if entries:
            earlier = {id: one for id in list(by_case)[-MOST_CASES:] if (one := _earlier(desk, case, id)) is not None}
            tried = [_tried(desk, case, entry, earlier) for entry in entries]
        wrong = _wrong_here(desk, case)
        if tried or wrong:
            own.learned.put([*tried, *wrong])
        if told := [*(one for one in tried if one.state == "active"), *wrong]:
            case.audience.tell({"kind": "learned", "entries": [shown(one) for one in told]})
    except Exception as error:  # nobody waits for it, and no word of it may go to a log
        case.audience.notice(str(error) if isinstance(error, DictationError) else failing.told(error))
    finally:
        own.may_learn.release()


def _wrong_here(desk: "Desk", case: "OpenCase") -> list[Entry]:
    """What is used and made a word of this case wrong, as its author corrected it back; used no more."""
    if (here := _earlier(desk, case, case.id)) is None:
        return []
    said = f"{here.text} {' '.join(one.spoken for one in here.heard)}".lower()
    used = [one for one in case.own.learned.entries if one.state == "active"]
    may_be = [one for one in used if one.meant.lower() in said or (one.heard and one.heard in said)]
    tried = (_tried(desk, case, one, {case.id: here}) for one in may_be)
    return [one for one in tried if one.state == "refused"]


def learned_shown(learned: Learned) -> list[dict[str, object]]:
    """What is used of what was learned, the newest first."""
    return [shown(one) for one in reversed(learned.entries) if one.state == "active"]


def shown(entry: Entry) -> dict[str, object]:
    """An entry as the page lists it."""
    return {
        "id": entry.id, "says": entry.says, "state": entry.state, "corrected": entry.corrected,
        "cases": len(entry.cases), **entry.trial.model_dump(mode="json"),
    }  # fmt: skip


def _tried(desk: "Desk", case: "OpenCase", entry: Entry, earlier: dict[str, Earlier]) -> Entry:
    """The entry with what became of its trial.

    One that is used already is tried on texts alone, without all that gives the same words: each would hide the other.
    """
    is_used = entry.state == "active" and entry.at is not None
    known = case.own.learned.entries
    without = [one for one in known if one.id != entry.id and not (is_used and one.meant == entry.meant)]
    before = desk.beside(case.own.vocabulary, vocabulary_of(without))
    after = desk.beside(case.own.vocabulary, vocabulary_of([*without, entry.model_copy(update={"state": "active"})]))
    first = [earlier[id] for id in entry.cases if id in earlier]
    rest = [earlier[id] for id in reversed(earlier) if id not in entry.cases]
    sound_s = 0.0 if is_used or entry.kind == "misheard" else MOST_SOUND_S
    found = trial([*first, *rest], before, after, sound_s)
    holds = not found.wrong if is_used else found.helps
    update = {"trial": found, "state": "active" if holds else "refused", "at": entry.at or datetime.now(UTC)}
    return entry.model_copy(update=update)


def _earlier(desk: "Desk", case: "OpenCase", id: str) -> Earlier | None:
    """A case of the user as something can be tried on it; None where nothing was dictated, or it is gone."""
    try:
        draft = case.draft if id == case.id else desk.records.load(id).draft
        recordings = desk.records.recordings(id)
    except DictationError:
        return None
    if not any(one.words for one in draft.pad.transcripts):
        return None
    heard = tuple(one for one in draft.pad.transcripts if one.words)
    kept = [one for one in recordings if not one.purged_at and one.recording in {each.recording for each in heard}]
    order = draft.orders[0] if draft.orders else None
    return Earlier(
        heard,
        corrected_text(draft, draft.pad),
        sum(one.duration_s for one in heard),
        partial(_heard_again, desk, kept, lambda words: expected(words, order)) if len(kept) == len(heard) else None,
    )


def _heard_again(
    desk: "Desk", kept: Sequence[KeptRecording], turned: Callable[[Vocabulary], Vocabulary], vocabulary: Vocabulary
) -> tuple[Transcript, ...]:
    """The sound of a case, heard with other words. Raises DictationError where it cannot be heard."""
    words = turned(vocabulary)
    jobs = [Job(one.recording, Recording(sound_path(desk.records, one)), words) for one in kept]
    found: dict[str, Transcript] = {}
    for id, heard in desk.engines.ear.transcribe(jobs, Event()):
        if isinstance(heard, DictationError):
            raise heard
        found[id] = heard
    return tuple(found[one.recording] for one in kept)
