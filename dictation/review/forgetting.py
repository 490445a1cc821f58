"""Sound that is not to be kept goes once its case is signed final and closed, and waits for no purge.

Only under the rule `none`: under the others sound is kept for days, and the timer's purge comes soon enough. It is the
purge itself that is made here: of each case that was signed here, and of all cases when the server begins and each
hour, which deletes what a hold that ended or a full disk has left. Of all only once a person ran `dictation purge`
under this rule: a setting that was changed, or a backup that was restored, deletes nothing on its own.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, Queue

from dictation.audio import Journal
from dictation.errors import DictationError, UsageError
from dictation.records import Records, clock
from dictation.records.purging import Judged, is_asked_for, left_over, purge
from dictation.records.retention import UNARCHIVED, Rule
from dictation.records.sound import archive
from dictation.review.event_log import failed_at, note
from dictation.review.failing import told

BY = "retention rule"  # in the audit trail
LOOK_S = 3600.0  # between two looks at all cases
NOTED = timedelta(days=1)  # between two entries of looks that found nothing to delete


class Forgetting:
    """Deletes the sound of signed cases where the rule keeps none, in a thread of its own: nobody waits for a disk.

    `captures` is where sound lies before its rest; `is_shown` says whether a page here shows a case, by its id.
    """

    def __init__(self, records: Records, rule: Rule, captures: Path) -> None:
        self._records, self._rule, self._captures = records, rule, captures
        self._is_on = rule.after is not None and not rule.after
        self.is_shown: Callable[[str], bool] = lambda _: False
        self._signed: set[str] = set()
        self._asked: Queue[str | None] = Queue()  # cases that were closed, and None for the end
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="forgetting", daemon=True)

    def begin(self) -> None:
        """Look at all cases now and each hour."""
        if self._is_on:
            self._thread.start()

    def close(self) -> None:
        """End, after the case that is being looked at and those that were closed."""
        self._ending.set()
        self._asked.put(None)
        if self._thread.is_alive():
            self._thread.join(10)

    def signed(self, case_id: str) -> None:
        """A case was signed here: once it is closed its sound may go."""
        if self._is_on:
            self._signed.add(case_id)

    def case(self, case_id: str) -> None:
        """A case was closed, or its sound came to rest: what nobody needs goes of one that was signed here."""
        if case_id in self._signed:
            self._asked.put(case_id)

    def all(self) -> None:
        """Look at all cases, where a person had it done before."""
        if not self._is_on or not is_asked_for(self._records, self._rule, BY):
            return
        deleted, now = self._told_of(None), datetime.now(UTC)
        if deleted is None or self._ending.is_set():
            return
        last = clock.applied_at(self._records, until=now)
        if deleted or last is None or now - last >= NOTED:
            self._records.note("", clock.APPLIED, BY, {"rule": self._rule.name})

    def _run(self) -> None:
        look_at_s = time.monotonic()
        while True:
            try:
                case_id = self._asked.get(timeout=max(0.0, look_at_s - time.monotonic()))
            except Empty:
                look_at_s = time.monotonic() + LOOK_S
                try:
                    self.all()
                except Exception as error:  # the next look may find what is wrong gone
                    _say(error)
                continue
            if case_id is None:
                return
            if self._told_of(case_id):
                self._signed.discard(case_id)

    def _told_of(self, case_id: str | None) -> int | None:
        """Delete; say what came of it, and return how many recordings went, None where something could not go."""
        try:
            deleted, failures = self._deleted(case_id)
        except Exception as error:
            failed_at("purge failed", error)
            _say(error)
            return None
        if deleted:
            note("purged", count=deleted)
        if failures:
            note("purge failed", count=len(failures))
            sys.stderr.writelines(f"{sentence}\n" for sentence in failures)
        return None if failures else deleted

    def _deleted(self, case_id: str | None) -> tuple[int, list[str]]:
        """How many recordings went, and a sentence for each that should have gone and is there still."""
        deleted, failures = 0, []
        for _, why in left_over(self._records, is_trial=False) if case_id is None else ():
            deleted += not why
            failures += [why] if why else []
        for one in self._judged(case_id):
            if self._ending.is_set() and case_id is None:
                break
            found = [one]
            if one.reason == UNARCHIVED and case_id is None:  # the server was killed between signature and archive
                sys.stderr.writelines(f"{sentence}\n" for sentence in self._archived(one))  # it stays, as in a purge
                found = list(self._judged(one.case))
            deleted += sum(each.goes and not each.failure for each in found)
            failures += [each.failure for each in found if each.failure]
        return deleted, failures

    def _judged(self, case_id: str | None) -> Iterator[Judged]:
        now = datetime.now(UTC)
        return purge(self._records, self._rule, BY, now, is_trial=False, case_id=case_id, is_shown=self.is_shown)

    def _archived(self, one: Judged) -> tuple[str, ...]:
        """Put a signed recording to rest, which may have no end yet; return a sentence for what stays as it is."""
        try:
            capture = self._captures / Path(self._records.recording(one.case, one.recording).file).name
            with suppress(UsageError):  # somebody writes it
                if capture.exists():
                    Journal.open(capture).close(finished=True)
            return archive(self._records, one.case, self._captures)
        except DictationError as error:
            return (str(error),)


def _say(error: Exception) -> None:
    sys.stderr.write(f"{error if isinstance(error, DictationError) else told(error)}\n")
