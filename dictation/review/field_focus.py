"""Which field what is said is meant for: the one that was asked for when it was said, not when its words came."""

from bisect import insort
from collections.abc import Mapping
from typing import NamedTuple


class Asked(NamedTuple):
    """A field's id, "" for none, that counts from a second of a recording on; "" is before all of them.

    `by_itself`: nobody went there, it came after the field before had been filled.
    """

    id: str
    recording: str = ""
    from_s: float = 0.0
    by_itself: bool = False


MOST = 20


class FieldFocus:
    """The fields that somebody went to, in the order of the sound. Not safe for threads: the open case has the lock."""

    def __init__(self) -> None:
        self._asked = [Asked("")]

    @property
    def now(self) -> Asked:
        """What is said from now on is meant for."""
        return self._asked[-1]

    def at(self, began: Mapping[str, int], recording: str, start_s: float) -> Asked:
        """Return what was asked for at a second of a recording; `began` has the recordings in their order."""
        when = began.get(recording, len(began)), start_s
        return next((one for one in reversed(self._asked) if _when(one, began) <= when), self._asked[0])

    def go(self, asked: Asked, began: Mapping[str, int]) -> bool:
        """A field is asked for; return whether that is the newest, and not one whose words came late."""
        insort(self._asked, asked, key=lambda one: _when(one, began))
        del self._asked[:-MOST]
        return self.now is asked

    def go_now(self, asked: Asked, began: Mapping[str, int]) -> None:
        """Somebody goes to a field by hand: it counts from its second on, and after every other."""
        last = max(self.now, asked, key=lambda one: _when(one, began))
        self.go(asked._replace(recording=last.recording, from_s=last.from_s), began)


def _when(asked: Asked, began: Mapping[str, int]) -> tuple[int, float]:
    return began.get(asked.recording, -1), asked.from_s
