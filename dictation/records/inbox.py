"""Orders from a folder: JSON orders and DICOM images become cases, or change the case with the same accession number.

The folder belongs to the information system: its files are read, remembered, and never changed. A file that is being
written is left for the next look, one that is broken is named once and the others are read. An order beneath a case
that somebody signed changes nothing of it: the case is flagged, and shows what the order says now.
"""

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

from sqlalchemy import delete, select

from dictation.case.ordered import refuse_long
from dictation.errors import DictationError, InputError, MissingError, UsageError
from dictation.exam import Order, json_object, validated
from dictation.frozen import Frozen
from dictation.imaging.dicom import looks_like_dicom
from dictation.records import ordering, studying
from dictation.records.describing import Priority
from dictation.records.drafts import UnreadableDraft
from dictation.records.ordering import Notice
from dictation.records.records import Records
from dictation.records.schema import inbox
from dictation.records.text import LONGEST

AT_ONCE = 200  # files of one look, so that what is open goes on
UNCHANGED_S = 5.0  # an image that still grows is younger
FRESH_S = 30.0  # a broken order that is younger may be being written
AGAIN_S = 60.0  # a file, or its case, that could not be read is tried again: it may have been mended
LARGEST_ORDER_BYTES = 2**20
_STATUSES = {"": "active", "active": "active", "cancelled": "cancelled", "canceled": "cancelled"}
_HEAD_BYTES = 132
_SHOWN = 8  # digits of the SHA-256 of a file's name


class _Later(Exception):
    """The file is still being written."""


class _Received(Frozen):
    order: Order
    status: Literal["active", "cancelled"]
    priority: Priority


def look(records: Records, folder: Path) -> list[Notice]:
    """Read what is new in the folder; return what happened, with the cases that changed beneath an open page.

    Called every few seconds. Raises InputError where there is no such folder, MissingError where images came and the
    package that reads them is not here; everything else was read then.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; make it, or change DICTATION_ORDERS.")
    with records.reading() as connection:
        known = {row.file: row.stamp for row in connection.execute(select(inbox))}
    present = dict(_files(folder))
    _forget_gone(records, set(known) - set(present))
    new = [(key, file) for key, file in present.items() if known.get(key) not in (file[1], _unreadable(file[1]))]
    notices: list[Notice] = []
    missing: MissingError | None = None
    for key, (path, stamp, changed_at) in sorted(new, key=lambda one: one[1][2])[:AT_ONCE]:
        try:
            name = shown(folder, path)
            notices += _read(records, path, name, age_s=time.time() - changed_at, seen=(key, stamp))
        except (_Later, FileNotFoundError):
            continue
        except MissingError as error:
            missing = MissingError(_sentence(folder, path, error))
        except UnreadableDraft as error:  # of one case; the others go on
            _remember_broken(records, key, _unreadable(stamp))
            notices.append(Notice(kind="fault", text=_sentence(folder, path, error)))
        except (InputError, UsageError, OSError) as error:
            if not os.path.lexists(path):  # moved away meanwhile
                continue
            _remember_broken(records, key, _unreadable(stamp) if _is_refused(error) else stamp)
            notices.append(Notice(kind="fault", text=_sentence(folder, path, error)))
        except DictationError:  # of the records, which can keep nothing now
            raise
        except Exception as error:  # one file keeps no other from being read
            _remember_broken(records, key, _unreadable(stamp))
            own = DictationError(f"{path}: the program itself failed on it ({type(error).__name__}); report that.")
            notices.append(Notice(kind="fault", text=_sentence(folder, path, own)))
    if missing is not None:
        raise missing
    return notices


def shown(folder: Path, path: Path) -> str:
    """Name a file in the log: its own name, or that of a folder below, may be a patient's."""
    return f"{folder}: file {hashlib.sha256(os.fsencode(path.name)).hexdigest()[:_SHOWN]}"


def _files(folder: Path) -> Iterator[tuple[str, tuple[Path, str, float]]]:
    """Each regular file by the hash of its place: its path, what shows a change of it, and when that was."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if name.startswith("."):
                continue
            try:
                state = path.lstat()
            except OSError:  # gone again
                continue
            if not stat.S_ISREG(state.st_mode):  # a link, or a pipe that nobody may ever write to
                continue
            key = hashlib.sha256(os.fsencode(path.relative_to(folder))).hexdigest()
            yield key, (path, f"{state.st_size} {state.st_mtime_ns}", state.st_mtime)


def _read(records: Records, path: Path, name: str, *, age_s: float, seen: tuple[str, str]) -> list[Notice]:
    """Take in one file, and remember it with what it changed."""
    if path.suffix.lower() == ".json":
        try:
            received = _order(path)
        except InputError:
            if age_s < FRESH_S:
                raise _Later from None
            raise
        with records.recorded() as (connection, trail):
            notices = ordering.receive(connection, trail, received.order, received.status, received.priority, name)
            ordering.remember_file(connection, trail, *seen)
        return notices
    if age_s < UNCHANGED_S:
        raise _Later
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not looks_like_dicom(head):
        raise InputError(f"{path}: is neither a JSON order nor a DICOM image; take it out of the folder.")
    image = studying.take_in(path, records.home)
    try:
        with records.reading() as connection:
            studying.look_back(connection, image, records.home)
        with records.recorded() as (connection, trail):
            notices = studying.receive(connection, trail, image, records.home, name)
            ordering.remember_file(connection, trail, *seen)
    finally:
        image.copy.unlink(missing_ok=True)  # where it was not moved to its case
    return notices


def _order(path: Path) -> _Received:
    """Read an order, its status and its priority. Raises InputError naming what is wrong, never a value."""
    if path.stat().st_size > LARGEST_ORDER_BYTES:
        raise InputError(f"{path}: is larger than {LARGEST_ORDER_BYTES // 2**20} MB; an order is a short JSON object.")
    values = json_object(path, "an order")
    status, priority = values.pop("status", ""), values.pop("priority", "routine")
    order = validated(Order, values, str(path))
    refuse_long(order)
    if not order.accession.strip():
        raise InputError(f"{path}: states no accession number, by which its case is found; add the key 'accession'.")
    if len(order.accession) > LONGEST:
        raise InputError(f"{path}: the key 'accession' is not valid: it has more than {LONGEST} characters.")
    if not isinstance(status, str) or status.lower() not in _STATUSES:
        raise InputError(f"{path}: the key 'status' is not valid: it is 'active' or 'cancelled'.")
    allowed = get_args(Priority)
    if not isinstance(priority, str) or priority.lower() not in allowed:
        raise InputError(f"{path}: the key 'priority' is not valid: it is one of {', '.join(allowed)}.")
    return _Received.model_validate({"order": order, "status": _STATUSES[status.lower()], "priority": priority.lower()})


def _unreadable(stamp: str) -> str:
    """What is remembered of a file that could not be read, until it is tried again."""
    return f"{stamp}{ordering.UNREADABLE}{time.time() // AGAIN_S:.0f}"


def _is_refused(error: DictationError | OSError) -> bool:
    """Whether the system did not give the file, whatever it holds."""
    cause = error if isinstance(error, OSError) else error.__cause__
    return isinstance(cause, OSError) and cause.errno is not None


def _sentence(folder: Path, path: Path, error: DictationError | OSError) -> str:
    """What is wrong with a file, without its name."""
    if isinstance(error, DictationError):
        said = str(error).removeprefix(f"{path}: ")
    else:
        said = f"cannot be read ({(error.strerror or type(error).__name__).lower()}); check its rights."
    if str(path) in said:
        said = "cannot be read; take it out of the folder."
    return f"{shown(folder, path)}: {said}"


def _remember_broken(records: Records, key: str, stamp: str) -> None:
    with records.recorded() as (connection, trail):
        ordering.remember_file(connection, trail, key, stamp)


def _forget_gone(records: Records, keys: set[str]) -> None:
    if keys:
        with records.recorded() as (connection, _):
            for key in keys:
                connection.execute(delete(inbox).where(inbox.c.file == key))
