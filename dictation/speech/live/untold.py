"""What a session that goes on after a crash tells anew, and what was told before it."""

from collections.abc import Iterable, Sequence

from dictation.speech.context import middle_s
from dictation.speech.live.events import Event, Final, Partial
from dictation.speech.transcript import Word


def untold(events: Iterable[Event], told_s: float) -> list[Event]:
    """Return what lies behind second `told_s` of the dictation, in order.

    A hearing that reaches over it gives the words that lie mostly behind it.
    """
    found: list[Event] = []
    for event in events:
        if isinstance(event, Partial):
            words = _behind(event.words, told_s)
            stable = max(0, event.stable - len(event.words) + len(words))
            found.append(event.model_copy(update={"words": words, "stable": stable}))
        elif (event.start_s if event.end_s is None else event.end_s) <= told_s:
            continue
        elif isinstance(event, Final) and event.start_s < told_s:
            found.append(event.model_copy(update={"words": _behind(event.words, told_s), "start_s": told_s}))
        else:
            found.append(event)
    return found


def _behind(words: Sequence[Word], told_s: float) -> tuple[Word, ...]:
    return tuple(word for word in words if middle_s(word) >= told_s)
