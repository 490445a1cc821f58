"""Who looked at a case without working on it: one entry in the audit trail for each page and case.

Who works on it is in the trail as "opened" or "taken over". What cannot be noted is not shown.
"""

from threading import Lock

from dictation.records import Records

VIEWED = "viewed"
_REMEMBERED = 10_000  # pages and cases; one that is forgotten is noted once more


class Views:
    """The views of one run of the program. Safe to use from several threads."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._noted: dict[tuple[str, str, str], None] = {}
        self._lock = Lock()

    def note(self, case_id: str, page: str, by: str) -> None:
        """Note that a page of this user ("" for none that is known) was shown something of a case.

        Raises DictationError where the records do not take it; the next time it is tried again.
        """
        view = (case_id, page, by)
        with self._lock:
            if view in self._noted:
                return
            self._noted[view] = None
            if len(self._noted) > _REMEMBERED:
                del self._noted[next(iter(self._noted))]
        try:
            self._records.note(case_id, VIEWED, by)
        except BaseException:
            with self._lock:
                self._noted.pop(view, None)
            raise
