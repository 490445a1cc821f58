"""A backup of the records and of HOME while people dictate: whole, under the name of its time, or not there at all.

The database is copied first, at one moment, then what is being dictated, then all other files: so no sound that the
database names is missed when its capture becomes a FLAC meanwhile. Nobody waits for any of it.
"""

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text

from dictation.audio.capture import ENDING, scan
from dictation.errors import DictationError, InputError, UsageError
from dictation.extras import DISTRIBUTION
from dictation.private import names_to_disk, private_file, private_folder, replace_file
from dictation.records import backed_up, transfer
from dictation.records.backed_up import HOME, MANIFEST, OF_DISK, PART, KeptFile, Manifest
from dictation.records.backup_check import fault_of
from dictation.records.database import FILE, Database, newest_revision
from dictation.records.in_use import Use
from dictation.records.records import Records
from dictation.records.sound import CAPTURES, FOLDER
from dictation.records.text import now
from dictation.records.trail import BACKED_UP, HEAD_FILE, ONE_DISK, Detail, Trail, head_line

_TOLD_S = 5.0  # between two sentences of progress
_SNAPSHOTS = 3  # sound may be deleted by its retention while it is copied
Told = Callable[[str], None]


@dataclass(frozen=True)
class BackedUp:
    """A backup that is whole. `copied` bytes are its own; the rest it shares with the one before."""

    path: Path
    manifest: Manifest
    copied: int


def back_up(
    url: str, home: Path, folder: Path, *, by: str, cache: Path | None = None, is_quick: bool = False, told: Told
) -> BackedUp:
    """Back up the database of `url` ("": the file in `home`) and the files of `home` into a new folder in `folder`.

    `by` stands in the audit trail; `cache` is left out where it lies in `home`. `is_quick`: what the backup before has
    is shared unread where its size and time are still what they were. `told` takes sentences of progress and what is
    missing. Raises UsageError for a folder that is not there or cannot hold backups, DictationError where the
    disk is full, or something cannot be read: then there is no new backup.
    """
    _check_folder(folder, home)
    with _refusals(folder), _alone(folder):
        for left in folder.iterdir():
            if left.name.endswith(PART) and backed_up.is_name(left.name.removesuffix(PART)):
                shutil.rmtree(left, ignore_errors=True)
        database = Database.as_it_is(url, home, is_in_use=True)
        with closing(database), closing(Use(home)):
            done = _Backup(database, home, folder, cache, told, is_quick=is_quick).made()
    _note(url, home, by, done, told)
    return done


class _Backup:
    """One backup that is being made."""

    def __init__(
        self, database: Database, home: Path, folder: Path, cache: Path | None, told: Told, *, is_quick: bool
    ) -> None:
        self._database, self._source, self._told, self._is_quick = database, home, told, is_quick
        self._path = folder / _free_name(folder)
        self._part = folder / f"{self._path.name}{PART}"
        self._home = self._part / HOME
        self._last = backed_up.last_in(folder)
        for name in backed_up.ahead_in(folder):
            told(f"{folder / name}: its time lies in the future, so it is not taken for the last one; check the clock.")
        self._files: dict[str, KeptFile] = {}
        self._strange = set[str]()  # what is not the program's
        self._copied, self._told_s = 0, time.monotonic()
        self._left_out = {path.resolve() for path in (cache,) if path is not None}
        if database.is_sqlite:
            self._left_out.add(Path(database.engine.url.database or "").resolve())

    def made(self) -> BackedUp:
        try:
            private_folder(self._home)
            manifest = self._whole()
            replace_file(self._part / MANIFEST, manifest.model_dump_json(indent=1))
            for place in backed_up.folders_below(self._part):
                names_to_disk(place)
            self._part.rename(self._path)
            names_to_disk(self._path.parent)
        except BaseException:
            shutil.rmtree(self._part, ignore_errors=True)
            raise
        return BackedUp(self._path, manifest, self._copied)

    def _whole(self) -> Manifest:
        if not self._database.is_sqlite and (self._source / FILE).exists():
            self._told(f"{self._source / FILE}: is not the database in use, and is left out.")
        for number in range(_SNAPSHOTS):
            if number:
                (self._home / FILE).unlink()
            present = set(self._names())
            at, revision = now(), transfer.snapshot(self._database, self._home)
            for name in self._names():
                if name not in self._files or name.endswith(ENDING):
                    self._take(name)
            with _reading(self._home) as connection:
                counts, without = transfer.counts(connection), self._without_sound(connection)
                head = Trail(connection)
            if not any(names & present for names in without):
                break
        if without:
            self._told(f"{len(without):,} recordings have no sound here any more, and none in the backup.")
        if strange := backed_up.left_out((name for name in self._strange if not name.startswith(".")), self._source):
            self._told(strange)
        replace_file(self._home / HEAD_FILE, head_line(head.count, head.hash))
        for name in (FILE, HEAD_FILE):
            with (self._home / name).open("r+b") as file:
                os.fsync(file.fileno())
            with (self._home / name).open("rb") as file:
                self._files[name] = backed_up.described(file)
            self._copied += self._files[name].size
        return Manifest(
            program=_program(), revision=revision, database="sqlite" if self._database.is_sqlite else "postgresql",
            at=at, counts=counts, files=dict(sorted(self._files.items())),
        )  # fmt: skip

    def _names(self) -> Iterator[str]:
        """The files of HOME that belong to its cases, captures first, as paths in it."""
        tops = sorted(self._source.iterdir(), key=lambda top: (top.name != CAPTURES, top.name == FOLDER, top.name))
        for top in tops:
            is_elsewhere = top.name in (FILE, HEAD_FILE) or backed_up.belongs_to_machine(top.name)
            if is_elsewhere or top.resolve() in self._left_out:
                continue
            if top.name not in backed_up.OURS:
                self._strange.add(top.name)
                continue
            for name in self._below(top) if top.is_dir() else [top.name]:
                if backed_up.is_kept(name):
                    yield name
                else:
                    self._strange.add(name)

    def _below(self, top: Path) -> Iterator[str]:
        for place, folders, names in os.walk(top, followlinks=True, onerror=_raise):
            ours = (name for name in folders if name != OF_DISK)
            folders[:] = [name for name in ours if Path(place, name).resolve() not in self._left_out]
            for name in sorted(names):
                if not name.endswith(PART):
                    yield Path(place, name).relative_to(self._source).as_posix()

    def _take(self, name: str) -> None:
        source, target = self._source / name, self._home / name
        try:
            name.encode()
        except UnicodeEncodeError:
            self._told(f"{self._source}: a file is left out, as its name is no text; rename it.")
            return
        try:
            state = source.stat()
            if not stat.S_ISREG(state.st_mode):
                return
            private_folder(target.parent)
            before = None if name.endswith(ENDING) else self._same_before(name, state)
            kept = before if before is not None and self._is_shared(name, before, target) else None
            if kept is None:
                with source.open("rb") as file:
                    kept = backed_up.copy(file, target)
                if name.endswith(ENDING):
                    kept = _whole_blocks(target)
                elif before is not None and kept.sha256 != before.sha256:
                    self._told(f"{source}: is not what it was, though size and time are the same; check the disk.")
                self._copied += kept.size
            self._files[name] = kept
        except FileNotFoundError:  # deleted meanwhile; the sound of a capture is in its FLAC file then
            target.unlink(missing_ok=True)
            self._files.pop(name, None)
        if time.monotonic() > self._told_s + _TOLD_S:
            self._told_s = time.monotonic()
            self._told(f"{len(self._files):,} files, {sum(one.size for one in self._files.values()) / 1e6:,.0f} MB")

    def _same_before(self, name: str, state: os.stat_result) -> KeptFile | None:
        """What the backup before says of a file that has its size and time still."""
        kept = self._last[1].files.get(name) if self._last else None
        is_same = kept is not None and (kept.size, kept.changed_ns) == (state.st_size, state.st_mtime_ns)
        return kept if is_same else None

    def _is_shared(self, name: str, kept: KeptFile, target: Path) -> bool:
        """Give the file of the backup before a second name, where it is whole; return whether it was done."""
        assert self._last is not None
        before = self._last[0] / HOME / name
        is_taken = self._is_quick and backed_up.looks_like(before, kept)
        if not is_taken and (fault := fault_of(self._last[0], name, kept)):
            self._told(
                f"{fault.partition(';')[0]}; it is copied anew. Check that disk, and older backups with --check."
            )
            return False
        try:
            target.unlink(missing_ok=True)
            target.hardlink_to(before)
        except OSError:  # a disk without links, or as many as it allows
            return False
        return True

    def _without_sound(self, connection: Connection) -> list[set[str]]:
        """The names that the sound of a recording may have, for each one that the backup has under neither."""
        rows = connection.execute(text("SELECT * FROM recordings")).mappings()  # of any schema
        kept = (row for row in rows if not row.get("purged_at"))
        names = [{f"{CAPTURES}/{Path(row['file']).name}", f"{FOLDER}/{row['recording']}.flac"} for row in kept]
        return [possible for possible in names if not possible & self._files.keys()]


def _whole_blocks(capture: Path) -> KeptFile:
    """Cut off the block that was being written when a capture was copied."""
    with suppress(InputError):  # no header yet: nothing was dictated
        with capture.open("r+b") as file:
            state = capture.stat()
            file.truncate(scan(file, str(capture)).intact_bytes)  # type: ignore[arg-type]
            os.fsync(file.fileno())
        os.utime(capture, ns=(state.st_mtime_ns, state.st_mtime_ns))
    with capture.open("rb") as file:
        return backed_up.described(file)


def is_on_one_disk(folder: Path, home: Path) -> bool:
    """Tell whether what destroys the disk of `home` destroys the backups in `folder`, too."""
    return folder.stat().st_dev == home.stat().st_dev


def _check_folder(folder: Path, home: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; give a folder for the backups.")
    resolved = folder.resolve()
    if resolved == home.resolve() or home.resolve() in resolved.parents:
        raise UsageError(f"{folder}: lies in DICTATION_HOME and would be lost with it; give a folder elsewhere.")
    if not folder.exists():
        raise UsageError(f"{folder}: is not there; mount the disk that it lies on, or make it: a backup makes none.")
    try:
        trial = folder / f"trial{PART}"
        private_file(trial)
        trial.unlink()
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written ({backed_up.reason(error)}); give a folder that you may write to."
        ) from error


@contextmanager
def _refusals(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if backed_up.is_full(error):
            raise DictationError(f"{folder}: the disk is full; free space. The backups before are kept.") from error
        where = error.filename or folder
        raise DictationError(
            f"{where}: cannot be backed up ({backed_up.reason(error)}); check path and rights."
        ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        with FileLock(folder / "backup.lock", timeout=0, mode=0o600):
            yield
    except Timeout as error:
        raise UsageError(f"{folder}: another backup is being made there; wait until it has ended.") from error


@contextmanager
def _reading(home: Path) -> Iterator[Connection]:
    database = Database.as_it_is("", home)
    try:
        with database.reading() as connection:
            yield connection
    finally:
        database.close()


def _free_name(folder: Path) -> str:
    while (folder / (name := backed_up.time_name())).exists():
        time.sleep(0.1)
    return name


def _note(url: str, home: Path, by: str, done: BackedUp, told: Told) -> None:
    """Write into the audit trail that there is a backup; an older schema is not migrated for that."""
    if done.manifest.revision != newest_revision():
        told("The app has not migrated this database yet, so its audit trail does not name the backup.")
        return
    try:
        with closing(Records.open_at(url, home)) as records:
            detail: Detail = {
                "backup": done.path.name,
                "entries": done.manifest.counts["audit"],
                ONE_DISK: is_on_one_disk(done.path, home),
            }
            records.note("", BACKED_UP, by, detail)
    except DictationError as error:
        told(f"The backup is whole, but not in the audit trail: {error}")


def _program() -> str:
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return ""


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # a folder that was emptied and deleted meanwhile
        raise error
