"""A backup → the records and the files of HOME, verified before anything of what is there is touched.

Everything is first put together inside HOME, in SQLite, migrated and verified; PostgreSQL then takes it in one
transaction. What was there is set aside and never deleted (`swapping`): HOME/before-TIME, and the schema before_time of
PostgreSQL.
"""

import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

from sqlalchemy import (
    Connection,
    Integer,
    LargeBinary,
    String,
    cast,
    delete,
    func,
    inspect,
    literal,
    select,
    text,
    update,
)  # fmt: skip
from sqlalchemy.exc import ProgrammingError

from dictation.audio.capture import ENDING
from dictation.audio.held import is_held
from dictation.errors import DictationError, InputError, UsageError
from dictation.private import hand_over, names_to_disk, private_file, private_folder
from dictation.records import (
    backed_up,
    in_use,
    ordering,
    owning,
    recordings,
    signing,
    sound,
    studying,
    swapping,
    trail,
    transfer,
    user_trail,
)
from dictation.records.backed_up import HOME, PART, Manifest, is_kept, reason, time_name
from dictation.records.backup_check import fault_of, manifest_of
from dictation.records.database import FILE, PATIENCE_S, Database, alone_on_server, is_file, upgrade
from dictation.records.recordings import KeptRecording
from dictation.records.records import Records
from dictation.records.schema import cases, drafts, metadata, users, versions
from dictation.records.sound import CAPTURES, FOLDER
from dictation.records.structure import added, mistyped, planted
from dictation.records.swapping import BEFORE, RESTORED, RESTORING
from dictation.records.text import LONGEST_SEARCHED, from_json, is_id
from dictation.records.trail import CAME_BACK, HEAD_FILE, Trail

_HELD = (CAPTURES, FOLDER, "images")  # folders of HOME whose files are patients'
_ENDED = ("sessions", "sign_in_failures")  # tables: everybody signs in again
_DAMAGED = (ValueError, AttributeError, TypeError, KeyError)  # what a draft or a version raises that is no JSON of ours
_MOST_INTEGER = 2**31 - 1
_TOLD_FILES = 1000
_NAMED = 5  # things that are not ours
_MB = 1_000_000


@dataclass(frozen=True)
class Restored:
    """What was restored. `counts` are the rows of each table, `faults` what was not as it had been written.

    `before` is where what was there lies now, None where there was nothing.
    """

    counts: dict[str, int]
    files: int
    faults: tuple[str, ...]
    before: Path | None


def restore(
    backup: Path, url: str, home: Path, *, by: str, replaces: bool, anyway: bool, told: Callable[[str], None]
) -> Restored:
    """Restore a backup into `home`, and into the PostgreSQL database of `url` where it names one.

    `replaces`: where there are cases already, they are set aside. `anyway`: faults of the backup are told of in the
    result, and else refused. `by` stands in the audit trail. Raises UsageError where there are cases, the app runs, or
    `home` is a folder of other things; DictationError for a backup that is damaged or a newer program's: then nothing
    was changed.
    """
    manifest = manifest_of(backup)
    if url and is_file(url):
        raise UsageError("A backup is restored into DICTATION_HOME or into PostgreSQL; unset DICTATION_DATABASE_URL.")
    with _refusals(home):
        _check_own(home)
        private_folder(home)
        with swapping.alone(home), in_use.alone(home), _alone_on_server(url, home):
            swapping.finish_alone(url, home)
            for left in swapping.left_over(home):
                shutil.rmtree(left)
            _check_place(url, home, replaces=replaces)
            swapping.check_movable(home)
            return _Restore(backup, manifest, url, home, by, anyway=anyway, told=told).done()


@contextmanager
def _alone_on_server(url: str, home: Path) -> Iterator[None]:
    """Keep the apps of all machines out of the PostgreSQL database that `url` names, if any."""
    if not url:
        yield
        return
    database = Database.as_it_is(url, home)
    try:
        with database.alone():
            with database.reading() as connection:
                _check_added(connection)
            yield
    finally:
        database.close()


class _Restore:
    """One restore, by who is alone with it."""

    def __init__(
        self, backup: Path, manifest: Manifest, url: str, home: Path, by: str, *, anyway: bool,
        told: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._backup, self._manifest, self._by, self._told = backup, manifest, by, told
        self._files = manifest.kept()
        self._url, self._home, self._anyway = url, home, anyway
        self._time, self._counts = f"{time_name()}-{uuid4().hex[:6]}", dict[str, int]()
        self._part = home / f"{RESTORING}{self._time}{PART}"
        self._staged = home / f"{RESTORED}{self._time}"

    def done(self) -> Restored:
        try:
            self._check_room()
            private_folder(self._part)
            faults = [*self._copied(), *self._verified()]
            if faults and not self._anyway:
                more = f" There are {len(faults) - 1} more such faults." if len(faults) > 1 else ""
                raise DictationError(f"{faults[0]}{more} Nothing was changed; --anyway restores what is whole.")
            if self._url:
                self._into_server()
            else:
                self._stage()
        except BaseException:
            shutil.rmtree(self._part, ignore_errors=True)
            with suppress(DictationError):  # it may count already; if not, the next restore deletes it
                swapping.finish_alone(self._url, self._home)
            raise
        swapping.finish_alone(self._url, self._home)
        before = self._home / f"{BEFORE}{self._time}"
        return Restored(self._counts, len(self._files), tuple(faults), before if before.exists() else None)

    def _check_room(self) -> None:
        """Raise DictationError where the files, as large as they say that they are, have no room here."""
        size = 0
        for name in self._files:
            with suppress(OSError):  # it is named when it is copied
                size += (self._backup / HOME / name).lstat().st_size
        free = shutil.disk_usage(self._home).free
        if size > free:
            raise DictationError(
                f"{self._home}: the backup takes {size // _MB:,} MB, {free // _MB:,} MB are free there; free space. "
                "Nothing was changed."
            )

    def _copied(self) -> Iterator[str]:
        """Copy every file, and yield a sentence for each that is not what was backed up: but for the database, whose
        rows are verified one by one, such a file is not taken.
        """
        if strange := backed_up.left_out(self._manifest.files.keys() - self._files.keys(), self._backup):
            self._told(strange)
        for number, (name, kept) in enumerate(self._files.items(), 1):
            target = self._part / name
            private_folder(target.parent)
            if fault := fault_of(self._backup, name, kept, partial(backed_up.copy, target=target)):
                if name == FILE and not target.exists():
                    raise DictationError(fault)
                yield fault
                if name != FILE:
                    target.unlink(missing_ok=True)
            if number % _TOLD_FILES == 0:
                self._told(f"{number:,} of {len(self._files):,} files")

    def _verified(self) -> Iterator[str]:
        """Bring the copied database to the newest schema, and yield what is not as it was written."""
        if damage := transfer.integrity(self._part / FILE):
            raise DictationError(damage)
        _check_tables(self._part / FILE, self._backup / HOME / FILE)
        yield from self._keep_rows_only()
        with closing(Records(Database.open("", self._part), self._part)) as records:
            with records.recorded() as (connection, entries):
                if not _is_of_program(connection):
                    raise DictationError(f"{self._backup / HOME / FILE}: was not written by this program; use another.")
                locked = cases.c.lock_page != ""
                count = connection.execute(
                    update(cases).where(locked).values(lock_page="", lock_name="", lock_at="")
                ).rowcount
                for table in (metadata.tables[name] for name in _ENDED if name in metadata.tables):
                    connection.execute(delete(table))
                _adopt(connection, entries, self._part)
                entries.add("", CAME_BACK, self._by, {"backup": self._backup.resolve().name, "locks": count})
            with records.reading() as connection:
                self._counts = transfer.counts(connection)
            yield from records.verify()
            yield from self._sound_faults(records)
            with records.recorded() as (connection, entries):
                _disable_unlike(connection, entries, self._by)
                owning.keep_proven(connection)
                for room in (recordings, ordering, studying):
                    room.keep_known(connection)
        for left in self._part.glob(f"{FILE}?*"):  # empty once it is closed
            left.unlink()

    def _keep_rows_only(self) -> Iterator[str]:
        """Pour the rows into tables of our own, where those that came are not, and yield what they were.

        Nothing was written in the copy before: no trigger of others was ever there to fire.
        """
        fresh = self._part / f"fresh{PART}"
        private_folder(fresh)
        private_file(fresh / FILE)
        source, target = Database.as_it_is("", self._part), Database.as_it_is("", fresh)
        try:
            with source.reading() as read, target.writing() as written:
                upgrade(written, source.revision(read) or "head")
                faults = tuple(planted(read))
                if faults:
                    transfer.pour(read, written)
        finally:
            source.close()
            target.close()
        if faults:
            for left in self._part.glob(f"{FILE}*"):
                left.unlink()
            (fresh / FILE).replace(self._part / FILE)
        shutil.rmtree(fresh)
        yield from faults

    def _sound_faults(self, records: Records) -> Iterator[str]:
        """What is wrong with the sound, but for what was not there to be backed up."""
        kept = self._files
        absent = {
            name
            for one in records.recordings()
            if not one.purged_at
            and f"{CAPTURES}/{(name := Path(one.file).name)}" not in kept
            and f"{FOLDER}/{one.recording}.flac" not in kept
        }
        if absent:
            self._told(f"{len(absent):,} recordings have no sound in this backup; look for it in an older one.")
        yield from (fault for fault in sound.faults(records) if not any(name in fault for name in absent))

    def _stage(self) -> None:
        """From here on it counts, or with PostgreSQL once its transaction does."""
        hand_over(self._part, self._home)
        for place in backed_up.folders_below(self._part):
            names_to_disk(place)
        _check_stopped(self._url, self._home)
        self._part.rename(self._staged)
        names_to_disk(self._home)

    def _into_server(self) -> None:
        source, target = Database.as_it_is("", self._part), Database.as_it_is(self._url, self._home)
        beside = trail.head_in(self._part / HEAD_FILE)
        try:
            with target.writing() as written:
                _make_room(written, self._time)
                upgrade(written)
                for fault in planted(written):  # whatever is asked: no fault of the backup, and it would go on there
                    raise DictationError(f"{fault} Nothing was changed.")
                with source.reading() as read:
                    transfer.pour(read, written)
                head = self._part / HEAD_FILE
                faults = (*trail.faults(written, beside, head), *signing.faults(written))
                if faults and not self._anyway:
                    raise DictationError(f"{faults[0]} Nothing was changed; check {target.name}.")
                source.close()
                for left in self._part.glob(f"{FILE}*"):
                    left.unlink()
                self._stage()
        finally:
            source.close()
            target.close()


def _check_added(connection: Connection) -> None:
    """Raise DictationError, before any table is read, where PostgreSQL has what would run by itself."""
    for fault in added(connection):
        raise DictationError(f"{fault} Nothing was changed.")


def _check_own(home: Path) -> None:
    if names := backed_up.strangers(home):
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        raise UsageError(
            f"{home}: holds what is not of this program ({', '.join(names[:_NAMED])}{more}); name an empty folder or a "
            "new one. Nothing was changed."
        )


def _check_place(url: str, home: Path, *, replaces: bool) -> None:
    _check_stopped(url, home)
    held = next((name for name in _HELD if any((home / name).glob("*"))), None)
    name = f"{home / held}" if held else ""
    if not url:
        name = name or (f"{home / FILE}" if _holds_cases(home / FILE) else "")
    else:
        database = Database.as_it_is(url, home)
        try:
            with database.reading() as connection:
                if database.revision(connection) and (  # what is not as it should be is set aside, and never read
                    any(planted(connection)) or connection.execute(select(cases.c.id).limit(1)).first()
                ):
                    name = database.name
        finally:
            database.close()
    if name and not replaces:
        raise UsageError(
            f"{name}: holds cases already; with --replace they are set aside, or restore elsewhere with --home, and "
            "with --database where that is to be in PostgreSQL."
        )


def _check_stopped(url: str, home: Path) -> None:
    """Raise UsageError where the app runs: it would go on with what is set aside."""
    with suppress(OSError, ValueError):
        port = int((home / "port").read_text(encoding="ascii"))
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            raise UsageError(f"{home}: the app is running there; stop it first.")
    for capture in (home / CAPTURES).glob(f"*{ENDING}"):
        with suppress(OSError), capture.open("rb") as file:
            if is_held(file.fileno()):
                raise UsageError(f"{home}: a dictation is being recorded there; end it first.")
    if not url and (home / FILE).exists():
        try:
            with closing(sqlite3.connect(home / FILE, timeout=1)) as connection:
                connection.execute("PRAGMA locking_mode=EXCLUSIVE")
                connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise UsageError(f"{home}: another program has the cases open; stop it first.") from error


def _holds_cases(file: Path) -> bool:
    """Whether a file holds cases, or something that cannot be read."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file)) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE name = 'cases'").fetchone()
            return found is not None and connection.execute("SELECT id FROM cases LIMIT 1").fetchone() is not None
    except sqlite3.Error:
        return True


def _make_room(connection: Connection, time: str) -> None:
    """Move the tables that a PostgreSQL database has into a schema of their own."""
    alone_on_server(connection)
    present = set(inspect(connection).get_table_names()) & {*metadata.tables, transfer.SCHEMA_TABLE}
    if not present:
        return
    schema = f"before_{time.lower().replace('-', '_')}"
    connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'"))
    try:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        for name in sorted(present):
            connection.execute(text(f'ALTER TABLE "{name}" SET SCHEMA {schema}'))
    except ProgrammingError as error:
        raise DictationError(
            "The PostgreSQL database lets nobody set its tables aside; grant CREATE on it to the user of "
            "DICTATION_DATABASE_URL, or name an empty database."
        ) from error


def _check_tables(file: Path, name: Path) -> None:
    """Raise DictationError where something else has the name of one of our tables: nothing of it is opened."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as connection:
        kinds = dict(connection.execute("SELECT name, type FROM sqlite_master WHERE type != 'index'").fetchall())
    ours = (*metadata.tables, transfer.SCHEMA_TABLE)
    if any(kinds.get(table, "table") != "table" for table in ours) or "cases" not in kinds:
        raise DictationError(f"{name}: was not written by this program; use another.")


def _disable_unlike(connection: Connection, entries: Trail, by: str) -> None:
    """Let nobody sign in whom the audit trail knows otherwise; an administrator looks, and enables them again."""
    for name in dict.fromkeys(name for name, _ in user_trail.unlike(connection)):
        if connection.execute(update(users).where(users.c.name == name).values(is_disabled=True)).rowcount:
            entries.add("", user_trail.DISABLED, by, {"user": name})


def _is_of_program(connection: Connection) -> bool:
    """Whether ids, file names, numbers and texts are such as the program gives, and as PostgreSQL takes them."""
    columns = [column for table in metadata.sorted_tables for column in table.c]
    indexed = {column for table in metadata.sorted_tables for index in table.indexes for column in index.columns}
    texts = [column for column in columns if isinstance(column.type, String)]
    strange = [
        *(func.instr(cast(one, LargeBinary), b"\0") > 0 for one in texts),
        *(func.length(one) > LONGEST_SEARCHED for one in texts if one.primary_key or one in indexed),
        *(~one.between(-_MOST_INTEGER - 1, _MOST_INTEGER) for one in columns if type(one.type) is Integer),
        ~cases.c.revision.between(0, _MOST_INTEGER),
    ]
    if any(mistyped(connection)) or any(
        connection.execute(select(literal(1)).where(one).limit(1)).first() for one in strange
    ):
        return False
    sounds = recordings.in_order(connection, None)
    return all(map(is_id, connection.execute(select(cases.c.id)).scalars())) and all(
        is_id(one.recording) and is_kept(f"{CAPTURES}/{one.file}") and one.flac in ("", f"{one.recording}.flac")
        for one in sounds
    )


def _adopt(connection: Connection, entries: Trail, home: Path) -> None:
    """Take up the FLAC files that captures became while they were backed up.

    What the draft as it was backed up was still hearing becomes a capture again, so that all of it is heard.
    """
    for one in recordings.in_order(connection, None):
        flac, capture = home / FOLDER / f"{one.recording}.flac", home / CAPTURES / Path(one.file).name
        if one.flac or not flac.exists():
            continue
        with suppress(InputError, *_DAMAGED):  # it is named with the others
            sha256, duration_s = sound.sound_hash(flac)
            if _is_under_way(connection, one):
                if not capture.exists() or sound.sound_hash(capture)[1] < duration_s:
                    sound.taken_up(flac, one.recording, capture)
            elif not capture.exists():
                recordings.archived(connection, entries, one, sha256, duration_s)


def _is_under_way(connection: Connection, one: KeptRecording) -> bool:
    """Whether a draft dictates this recording, and nobody signed it yet."""
    draft = connection.execute(select(drafts.c.content).where(drafts.c.case_id == one.case)).scalar_one()
    if all(take["recording"] != one.recording for take in from_json(draft).get("takes", ())):
        return False
    signed = connection.execute(select(versions.c.content).where(versions.c.case_id == one.case)).scalars()
    return not any(one.recording in from_json(version).get("recordings", {}) for version in signed)


@contextmanager
def _refusals(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if backed_up.is_full(error):
            raise DictationError(f"{home}: the disk is full; free space. Nothing was changed.") from error
        where = error.filename or home
        raise DictationError(f"{where}: cannot be restored ({reason(error)}); check path and rights.") from error
