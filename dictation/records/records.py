"""The records: every case that lasts, with its drafts, signatures, recordings and audit trail, in one database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection, text, update

from dictation.case.draft import Draft
from dictation.case.version import Version
from dictation.errors import DictationError
from dictation.private import private_folder
from dictation.records import (
    drafts,
    hold_trail,
    migrating,
    ordering,
    owning,
    recordings,
    signing,
    studying,
    swapping,
    trail,
    user_trail,
    worklist,
)
from dictation.records.database import Database
from dictation.records.describing import Priority
from dictation.records.in_use import Use
from dictation.records.ordering import case_of
from dictation.records.recordings import KeptRecording
from dictation.records.rights import EVERYBODY, Owned, User
from dictation.records.same_exam import check_second
from dictation.records.schema import cases
from dictation.records.stored import Lock, Stored
from dictation.records.structure import mistyped, planted
from dictation.records.text import at, check_id, is_id, now, storable
from dictation.records.trail import BACKED_UP, HEAD_FILE, Detail, Entry, Trail
from dictation.records.worklist import Page
from dictation.settings import Settings


class Records:
    """The records of one HOME. Safe to use from several threads, and from several programs at once; close it.

    Every call raises UsageError for an id that is malformed or unknown, and DictationError where the database does not
    take what it is given: then nothing of that call was kept.
    """

    def __init__(self, database: Database, home: Path, use: Use | None = None) -> None:
        self.home = home
        self._database, self._use = database, use
        self._head_file = home / HEAD_FILE

    @classmethod
    def open(cls, settings: Settings) -> "Records":
        """Open the records that the settings name, and bring them to the newest schema."""
        return cls.open_at(settings.database_url.get_secret_value(), settings.home)

    @classmethod
    def open_at(cls, url: str, home: Path) -> "Records":
        """Open the database of `url`, "" for SQLite in `home`; no backup is restored there until `close`.

        Raises as `Database.open` does, and UsageError while a backup is being restored, or where an older database
        would have to be migrated while another program has it open.
        """
        try:
            private_folder(home)
            use = Use(home)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise DictationError(
                f"{home}: cannot be used ({why}); choose another folder with DICTATION_HOME."
            ) from error
        try:
            swapping.finish(url, home)
            if migrating.is_older(url, home):
                use.close()
                migrating.migrate(url, home)
                use = Use(home)
            records = cls(Database.open(url, home), home, use)
        except BaseException:
            use.close()
            raise
        try:
            records._begin_head()
            studying.sweep(home)
        except BaseException:
            records.close()
            raise
        return records

    @classmethod
    def open_to_verify(cls, settings: Settings) -> "Records":
        """Open the records that the settings name as they are: nothing is made, migrated or written.

        Raises as `Database.open` does.
        """
        url, home = settings.database_url.get_secret_value(), settings.home
        return cls(Database.open(url, home, is_read_only=True), home)

    def close(self) -> None:
        """Give the database back; the records can be opened again."""
        self._database.close()
        if self._use is not None:
            self._use.close()

    def create(self, draft: Draft, by: str, priority: Priority = "routine", owner: str = "") -> None:
        """Keep a new case, of a user who signed in, if any. Raises UsageError where its id is there already, and
        SecondCase where its exam has another case."""
        with self.recorded() as (connection, entries):
            check_second(connection, entries, draft, (), by)
            drafts.create(connection, entries, draft, by, priority)
            if owner:
                owning.assign(connection, entries, draft.id, owner)

    def load(self, case_id: str) -> Stored:
        """Return the case as it is now; its orders and images also hold what the inbox brought since."""
        with self._database.reading() as connection:
            case, draft = drafts.read(connection, case_id)
            versions = signing.read_versions(connection, case_id)
            new_orders = drafts.sent_again(connection, case, draft, versions)
            elsewhere = not versions and drafts.signed_elsewhere(connection, draft)
        return Stored(
            draft=draft, state=case.state, revision=case.revision, lock=drafts.lock_of(case), versions=versions,
            sent_at=case.sent_at, order_status=case.order_status, new_orders=new_orders,
            signed_elsewhere=elsewhere,
        )  # fmt: skip

    def signed_elsewhere(self, draft: Draft) -> bool:
        """Whether another case with an accession number of this draft's orders has a signed report."""
        with self._database.reading() as connection:
            return drafts.signed_elsewhere(connection, draft)

    def save(self, draft: Draft, page: str) -> int:
        """Keep a draft as its page has it now; return the case's new revision. Raises Taken for any other page.

        Quick enough for every change: it is safe from a killed program at once, from a power failure about a second
        later. No audit entry, unless the page changed the exam.
        """
        with self._database.writing(durable=False) as connection:
            revision = drafts.keep(connection, drafts.locked(connection, draft.id, page), draft, None)
        if revision is None:
            with self.recorded() as (connection, entries):
                revision = drafts.keep(connection, drafts.locked(connection, draft.id, page), draft, entries)
        assert revision is not None
        return revision

    def lock(self, case_id: str, page: str, name: str) -> Lock:
        """Take the case for a page where it is free, and return who has it now: another page's lock is kept."""
        return self._lock(case_id, page, name, by_force=False)

    def lock_of(self, case_id: str) -> Lock | None:
        """Return who has the case now, None where nobody does."""
        with self._database.reading() as connection:
            return drafts.present_lock(connection, case_id)

    def take_over(self, case_id: str, page: str, name: str) -> Lock:
        """Take the case from whoever has it, who can no longer save it."""
        return self._lock(case_id, page, name, by_force=True)

    def release(self, case_id: str, page: str) -> None:
        """Give the case back; a page that does not hold it changes nothing."""
        with self.recorded() as (connection, entries):
            case = drafts.locked(connection, case_id)
            if case.lock_page == page:
                _set_lock(connection, case_id, Lock(page="", name="", at=""))
                shown = {name: getattr(case, name) for name in drafts.SHOWN}
                entries.add(case_id, drafts.CLOSED, case.lock_name, {drafts.KEPT: case.sha256, **shown})

    def owned(self, case_id: str) -> Owned | None:
        """Return whose a case is, None for one that is not there, or no id."""
        with self._database.reading() as connection:
            return owning.read(connection, case_id) if is_id(case_id) else None

    def assign(self, case_id: str, name: str) -> None:
        """A user works on a case; see `rights`. Nothing changes where they may see it already."""
        with self.recorded() as (connection, entries):
            owning.assign(connection, entries, case_id, name)

    def grant(self, case: str, name: str, by: str) -> str:
        """Let a user see a case, named by its id or its accession number; return its id. Raises UsageError."""
        with self.recorded() as (connection, entries):
            case_id = case if is_id(case) else case_of(connection, storable(case)) or ""
            owning.grant(connection, entries, case_id, name, by)
        return case_id

    def revoke(self, case: str, name: str, by: str) -> str:
        """Let a user see a case no more, as `grant` names it; return its id. Raises UsageError."""
        with self.recorded() as (connection, entries):
            case_id = case if is_id(case) else case_of(connection, storable(case)) or ""
            owning.revoke(connection, entries, case_id, name, by)
        return case_id

    def sign(self, draft: Draft, version: Version, page: str, by: str = "") -> Version:
        """Sign the case: freeze the version under the next number, and return it so. All of it counts, or nothing.

        `by`: who signed in, where that is not the version's author. Raises Taken for a page that does not hold the
        case, UsageError where the same content is signed already, the state cannot follow, or an addendum does not
        begin with what was signed.
        """
        with self.recorded() as (connection, entries):
            return signing.sign(connection, entries, draft, version, page, by)

    def versions(self, case_id: str) -> tuple[Version, ...]:
        """Return the signed versions, the first one first."""
        return self.load(case_id).versions

    def mark_sent(self, case_id: str, by: str) -> None:
        """Note that the last version went out. Raises UsageError where none is signed, or it went out before."""
        with self.recorded() as (connection, entries):
            signing.mark_sent(connection, entries, case_id, by)

    def worklist(
        self, search: str = "", state: str = "", after: str | None = None, limit: int = 50, user: User = EVERYBODY
    ) -> Page:
        """Return a page of the worklist, with what the user may see; see `worklist.page`."""
        with self._database.reading() as connection:
            return worklist.page(connection, search, state, after, limit, user)

    def waiting(self, but: str = "", user: User = EVERYBODY) -> str | None:
        """Return the case that the user is to read next, another than `but`; see `worklist.waiting`."""
        with self._database.reading() as connection:
            return worklist.waiting(connection, but, user)

    def counts(self, user: User = EVERYBODY) -> dict[str, int]:
        """Return how many cases the worklist has for the user under each of its states."""
        with self._database.reading() as connection:
            return worklist.counts(connection, user)

    def add_recording(
        self, case_id: str, take: str, recording: str, file: str, started_at: datetime, by: str = ""
    ) -> None:
        """Note a capture of a case as it begins, and who begins it; the same one again changes nothing."""
        with self.recorded() as (connection, entries):
            drafts.locked(connection, case_id)
            if recordings.add(connection, case_id, take, recording, file, started_at):
                detail = {"recording": recording, "file": file, "take": take, "started_at": at(started_at)}
                entries.add(case_id, recordings.RECORDED, by, detail)

    def recordings(self, case_id: str | None = None) -> tuple[KeptRecording, ...]:
        """Return the recordings of a case, or of all, in the order in which they began."""
        with self._database.reading() as connection:
            if case_id is not None:
                drafts.check_known(connection, case_id)
            return recordings.in_order(connection, case_id)

    def recording(self, case_id: str, recording: str) -> KeptRecording:
        """Return one recording of this case. Raises UsageError for another case's."""
        with self._database.reading() as connection:
            return recordings.one(connection, case_id, recording)

    def recording_of(self, take: str) -> KeptRecording | None:
        """Return the recording of a take, None where it is not known."""
        with self._database.reading() as connection:
            return recordings.of_take(connection, take)

    def note(self, case_id: str, what: str, by: str, detail: Detail | None = None) -> None:
        """Write an audit entry, of a case or ("") of none. `detail` holds no dictated words and no patient data."""
        with self.recorded() as (_, entries):
            if case_id:
                check_id(case_id)
            entries.add(case_id, what, by, detail)

    def audit(self, case_id: str | None = None) -> tuple[Entry, ...]:
        """Return the audit trail, of one case or of all, oldest first."""
        with self._database.reading() as connection:
            return trail.entries(connection, case_id)

    def backed_up_at(self, until: datetime | None = None) -> datetime | None:
        """When the last backup was made, or the last `until` then; None where there is none."""
        with self._database.reading() as connection:
            found = trail.last_at(connection, BACKED_UP, at(until) if until is not None else "")
        return datetime.fromisoformat(found) if found else None

    def write_nothing(self) -> None:
        """Write to the database's disk, as a change does, and change nothing."""
        with self._database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))

    def verify(self) -> tuple[str, ...]:
        """Return one sentence for each thing that is not as it was written; () where everything is."""
        beside, damaged = self._head_beside()
        with self._database.reading() as connection:
            if strange := (*mistyped(connection),):  # nothing else can be read then
                return (*damaged, *strange)
            trail_faults = trail.faults(connection, beside, self._head_file)
            rest = (
                signing.faults(connection), drafts.faults(connection), recordings.faults(connection),
                owning.faults(connection), user_trail.faults(connection), ordering.faults(connection),
                studying.faults(connection), hold_trail.faults(connection), planted(connection),
            )  # fmt: skip
            return (*damaged, *trail_faults, *chain.from_iterable(rest))

    def verify_trail(self) -> tuple[tuple[str, ...], int]:
        """Return the same of the audit trail alone, and the number of its last entry."""
        beside, damaged = self._head_beside()
        with self._database.reading() as connection:
            faults = (*mistyped(connection),) or trail.faults(connection, beside, self._head_file)
            return (*damaged, *faults), trail.last_number(connection)

    def _head_beside(self) -> tuple[tuple[int, str] | None, list[str]]:
        """What the file beside the database says of the trail, and a sentence where it is damaged."""
        try:
            is_used = self.home.exists()  # else nobody has worked from here yet, on a database that others share
            return trail.head_in(self._head_file) if is_used else (0, ""), []
        except DictationError as error:
            return (0, ""), [str(error)]

    @contextmanager
    def recorded(self) -> Iterator[tuple[Connection, Trail]]:
        """Give a connection and the audit trail, for changes that count together and are on the disk at the end.

        For the rooms of the records; nobody else knows of connections.
        """
        with self._database.writing() as connection:
            entries = Trail(connection)
            yield connection, entries
        trail.write_head(self._head_file, entries.count, entries.hash)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that changes nothing. For the rooms of the records."""
        with self._database.reading() as connection:
            yield connection

    def _lock(self, case_id: str, page: str, name: str, *, by_force: bool) -> Lock:
        with self.recorded() as (connection, entries):
            case = drafts.locked(connection, case_id)
            present = drafts.lock_of(case)
            if present is not None and (present.page == page or not by_force):
                return present
            lock = Lock(page=page, name=name, at=now())
            _set_lock(connection, case_id, lock)
            if present is None:
                entries.add(case_id, drafts.OPENED, name, drafts.opened(page))
            else:
                entries.add(case_id, drafts.TAKEN_OVER, name, {"from": present.name, **drafts.opened(page)})
            return lock

    def _begin_head(self) -> None:
        """Keep the length of the trail beside the database from now on; that it was not there is itself an entry."""
        if trail.head_in(self._head_file) is None:
            with self.recorded() as (_, entries):
                if entries.count:
                    entries.add("", "head file missing", "", {"count": entries.count})


def _set_lock(connection: Connection, case_id: str, lock: Lock) -> None:
    values = {"lock_page": lock.page, "lock_name": lock.name, "lock_at": lock.at}
    connection.execute(update(cases).where(cases.c.id == case_id).values(**values))
