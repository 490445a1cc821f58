"""Who looked at a case without working on it: one entry in the audit trail for each page, session, case and hour.

Who works on it is in the trail as "opened" or "taken over". What cannot be noted is not shown. Who may not see it and
tried to is noted in the same way, as "refused", and who sent sound into another page's dictation, as "sound refused".
"""

import hashlib
import time
from collections.abc import Callable
from threading import Lock

from dictation.records import Records
from dictation.records.trail import Detail

VIEWED, REFUSED, SOUND_REFUSED = "viewed", "refused", "sound refused"
HOUR_S = 3600.0  # of the clock: who looks at 9:50 and at 10:10 looked twice
REMEMBERED = 10_000  # views of this hour; one that is forgotten is noted once more


def session_of(token: str) -> str:
    """Return what tells one session from another, and opens none; "" where there is no token."""
    return hashlib.sha256(token.encode()).hexdigest()[:32] if token else ""


class Views:
    """The views of this hour, or what else is noted so often. Safe to use from several threads.

    `clock` gives seconds since 1970, `what` the word in the audit trail.
    """

    def __init__(self, records: Records, clock: Callable[[], float] = time.time, what: str = VIEWED) -> None:
        self._records, self._clock, self._what = records, clock, what
        self._hour = 0
        self._noted: dict[tuple[str, ...], None] = {}
        self._lock = Lock()

    def note(self, case_id: str, page: str, by: str, session: str = "", detail: Detail | None = None) -> None:
        """Note that a page of this user ("" for none that is known) was shown something of a case; `detail` says what.

        Raises DictationError where the records do not take it; the next time it is tried again.
        """
        view = (case_id, page, by, session, str(detail or ""))
        with self._lock:
            if (hour := int(self._clock() // HOUR_S)) != self._hour:
                self._hour = hour
                self._noted.clear()
            if view in self._noted:
                return
            self._noted[view] = None
            if len(self._noted) > REMEMBERED:
                del self._noted[next(iter(self._noted))]
        try:
            self._records.note(case_id, self._what, by, detail)
        except BaseException:
            with self._lock:
                self._noted.pop(view, None)
            raise
