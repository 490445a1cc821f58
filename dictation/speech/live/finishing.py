"""A dictation finished from its journal, as after a crash: the words that the live session would have given."""

from collections.abc import Callable, Sequence
from threading import Event as Flag

from dictation.audio.journal import Journal
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.speech.ear import Ear
from dictation.speech.live.events import Event
from dictation.speech.live.session import LiveSession
from dictation.speech.live.timing import DICTATION, Timing
from dictation.speech.transcript import Transcript


def finish_from(
    journal: Journal,
    ear: Ear,
    *,
    vocabulary: Vocabulary = EMPTY_VOCABULARY,
    timing: Timing = DICTATION,
    cancel: Flag | None = None,
    show: Callable[[Sequence[Event]], None] = lambda events: None,
) -> Transcript:
    """Return the words of all sound in `journal`, heard as fast as the ear can, in bounded memory.

    `show` gets the events of the session, in order. Raises Cancelled when `cancel` is set.
    """
    session = LiveSession(ear, journal, vocabulary=vocabulary, timing=timing, is_live=False)
    show(session.catch_up())
    show(session.finish(cancel=cancel))
    return session.transcript()
