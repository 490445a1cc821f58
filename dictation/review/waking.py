"""Which server hears a case: where it becomes this one's, all sound without words is heard; where not, none is.

Servers may share their records. The page that has the case there decides; words that this server heard and could not
keep are forgotten, as the other one hears the same sound.
"""

import time
from threading import Thread
from typing import TYPE_CHECKING

from dictation.case.signing import is_final
from dictation.review.beside import load_images
from dictation.review.comparing import go_on, settled
from dictation.review.dictating import Dictating
from dictation.review.hearing import note_recordings

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase

AGAIN_S = 1.0  # between two tries for a capture that another program writes


def gained(case: "OpenCase") -> None:
    """A page of this server has the case: take up what another one made of it, and hear what has no words yet."""
    if case.audience.is_kept:
        stored = case.desk.records.load(case.id)
        if stored.revision != case.revision:
            case.sounds.let_go()
            images = case.draft.images
            case.is_sent = bool(stored.sent_at)
            case.resent = stored.resent
            case.restart(dict(stored.draft), stored.versions, stored.state)
            case.text, case.revision = Dictating.of(stored.draft), stored.revision
            note_recordings(case)
            if case.draft.images != images:
                case.study, case.is_loading = None, True  # nothing is compared without them
                Thread(target=load_images, args=[case], name="images", daemon=True).start()
    case.sounds.is_ours = True
    Thread(target=wake, args=[case], name="wake", daemon=True).start()


def lost(case: "OpenCase") -> None:
    """Another server has the case."""
    case.revision, case.waking = -1, None
    case.sounds.let_go()
    case.audience.notice("This case was taken over at another computer; what is said or typed here is not taken.")


def wake(case: "OpenCase") -> None:
    """Hear what an earlier run or another server left; what cannot be heard is told, and tried for until it can."""
    token = case.waking = object()
    told: set[str] = set()
    go_on(case)
    while True:
        faults = case.sounds.wake(case.is_signed)
        with case.lock:  # a page may be here already, or still come
            if case.waking is not token:
                return
            if tuple(faults) != case.faults:
                case.faults = tuple(faults)
                case.audience.touch("case", "sign")
            for sentence in dict.fromkeys(faults):
                if sentence not in told:
                    case.audience.notice(sentence)
            told.update(faults)
            if case.unheard_s == 0:
                settled(case)
        if not case.sounds.is_shut_out:
            break
        time.sleep(AGAIN_S)
    if is_final(case.versions) and not case.draft.addendum:
        case.archive()
