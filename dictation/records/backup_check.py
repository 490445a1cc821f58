"""Whether a backup is what was backed up: every file, the database, every signed version, the audit trail."""

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from io import BufferedReader
from pathlib import Path

from sqlalchemy import select

from dictation.errors import DictationError
from dictation.private import private_folder
from dictation.records import backed_up, transfer
from dictation.records.backed_up import HOME, MANIFEST, PART, KeptFile, Manifest, reason
from dictation.records.database import FILE, Database, known_revisions, newest_revision
from dictation.records.records import Records
from dictation.records.schema import audit
from dictation.records.text import from_json
from dictation.records.trail import BACKED_UP, HEAD_FILE, ONE_DISK

LATELY = timedelta(days=8)  # a backup each week on another disk, beside others that lie here, is one


def check(backup: Path) -> tuple[str, ...]:
    """Return one sentence for each thing that is not as it was backed up or signed; () where everything is.

    Raises InputError for what is no backup, DictationError for a newer program's.
    """
    manifest = manifest_of(backup)
    home = backup / HOME
    faults = {name: fault for name, kept in manifest.files.items() if (fault := fault_of(backup, name, kept))}
    found = tuple(faults.values())
    if {FILE, HEAD_FILE} & (faults.keys() | {FILE, HEAD_FILE} - manifest.files.keys()):
        return found or (f"{backup / MANIFEST}: names no {FILE} or no {HEAD_FILE}; use another backup.",)
    if damage := transfer.integrity(home / FILE):
        return (*found, damage)
    return (*found, *_record_faults(backup, manifest))


def where_last(records: Records, time: datetime) -> tuple[datetime, bool] | None:
    """Return when the last backup was made (UTC), and whether it and all others of late lie on the disk of HOME.

    Of late: `LATELY` before `time`. None where the audit trail knows of none, or not where it lies: it is an earlier
    version's.
    """
    query = select(audit.c.at, audit.c.detail).where(audit.c.case_id == "", audit.c.what == BACKED_UP)
    last_at = None
    with records.reading() as connection:
        for row in connection.execute(query.order_by(audit.c.number.desc()).execution_options(yield_per=100)):
            with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
                is_here, at = bool(from_json(row.detail)[ONE_DISK]), datetime.fromisoformat(row.at)
                is_old = at < time - LATELY
                if last_at is not None and is_old:
                    break
                last_at = last_at or at
                if not is_here:
                    return last_at, False
    return None if last_at is None else (last_at, True)


def manifest_of(backup: Path) -> Manifest:
    """Read what a backup says of itself. Raises as `check` does."""
    manifest = backed_up.read_manifest(backup)
    if manifest.revision not in known_revisions():
        raise DictationError(f"{backup}: was made by a newer version of this program; update it here.")
    return manifest


def fault_of(backup: Path, name: str, kept: KeptFile, look: Callable[[BufferedReader], KeptFile] | None = None) -> str:
    """Return "" where the file that `look` finds in the HOME of a backup is the one that was kept, else one sentence.

    It is only described where there is no `look`.

    Raises OSError where `look` writes, and the disk is full.
    """
    path = backup / HOME / name
    try:
        with backed_up.opened(backup, f"{HOME}/{name}") as file:
            # One of holes alone may say that it is huge. A database is copied all the same: its rows are looked at.
            is_read = os.fstat(file.fileno()).st_size == kept.size or (look is not None and name == FILE)
            present = (look or backed_up.described)(file) if is_read else None
    except FileNotFoundError:
        return f"{path}: is missing; use another backup."
    except OSError as error:
        if backed_up.is_full(error):
            raise
        if error.errno in (errno.ELOOP, errno.EINVAL):
            return f"{error.filename or path}: is a link or no regular file, which no backup holds; use another backup."
        return f"{path}: cannot be read ({reason(error)}); check the disk and its rights."
    is_same = present is not None and (present.size, present.sha256) == (kept.size, kept.sha256)
    return "" if is_same else f"{path}: is not what was backed up; use another backup."


def _record_faults(backup: Path, manifest: Manifest) -> tuple[str, ...]:
    home = backup / HOME
    if manifest.revision == newest_revision():
        with closing(Records(Database.open("", home, is_read_only=True), home)) as records:
            return records.verify()
    trial = backup.parent / f"{backup.name}{PART}"  # an older schema is brought to the newest one there
    try:
        private_folder(trial)
        for name in (FILE, HEAD_FILE):
            with backed_up.opened(backup, f"{HOME}/{name}") as file:
                backed_up.copy(file, trial / name)
        with closing(Records(Database.open("", trial), trial)) as records:
            return records.verify()
    except OSError as error:
        raise DictationError(
            f"{trial}: cannot be written ({reason(error)}), and a backup of an older version is checked there; free "
            "space, or copy the backup to where you may write."
        ) from error
    finally:
        shutil.rmtree(trial, ignore_errors=True)
