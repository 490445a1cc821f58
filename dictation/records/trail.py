"""The audit trail: entries that each hold the hash of the one before, so that none can be changed or taken out unseen.

How many there are, and the last one's hash, stand in the database and in a file beside it: a tail that was deleted is
missed by the file even where the database was made to agree. The file may lag behind (a killed program), never lead.
No entry holds dictated words or who the patient is; `detail` is numbers, ids, states and names of fields.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from dictation.audio.held import try_hold
from dictation.errors import DictationError
from dictation.frozen import Frozen
from dictation.private import private_file
from dictation.records.schema import audit, audit_head
from dictation.records.text import from_json, now, storable

HEAD_FILE = "records.head"
BACKED_UP = "backed up"
CAME_BACK = "restored"  # the cases, from a backup
ONE_DISK = "one_disk"  # in its detail: whether the backup lies on the disk of HOME
Detail = Mapping[str, str | int | float | bool | list[str]]


class Entry(Frozen):
    """What was done: `what` in a word, `by` whom, `at` UTC, to which case ("" for none)."""

    number: int
    case: str
    what: str
    by: str
    at: str
    detail: dict[str, str | int | float | bool | list[str]]


class Trail:
    """The end of the trail within one transaction, which nobody else can lengthen until that has ended.

    To be made before any case is locked: the other way round two transactions could wait for each other.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        heads = connection.execute(select(audit_head).with_for_update()).all()
        if len(heads) != 1:
            raise DictationError(
                f"The audit trail was changed: its length stands there {len(heads)} times, so nothing can be written; "
                "restore a backup."
            )
        self.count, self.hash = int(heads[0].entries), str(heads[0].hash)

    def add(self, case_id: str, what: str, by: str, detail: Detail | None = None) -> None:
        """Write one entry behind the last."""
        entry = {
            "number": self.count + 1,
            "case_id": case_id,
            "what": what,
            "by": storable(by),
            "at": now(),
            "detail": _stored(detail or {}),
            "previous": self.hash,
        }
        self.count, self.hash = self.count + 1, entry_hash(entry)
        self._connection.execute(insert(audit).values(**entry, hash=self.hash))
        self._connection.execute(update(audit_head).values(entries=self.count, hash=self.hash))

    def has(self, case_id: str, what: str, detail: Detail) -> bool:
        """Tell whether an entry says that, whatever else it says."""
        query = select(audit).where(audit.c.case_id == case_id, audit.c.what == what)
        return any(detail.items() <= read(row).detail.items() for row in self._connection.execute(query))


def entries(connection: Connection, case_id: str | None = None) -> tuple[Entry, ...]:
    """Return the trail, of one case or of all, oldest first."""
    query = select(audit).order_by(audit.c.number)
    found = connection.execute(query if case_id is None else query.where(audit.c.case_id == case_id))
    return tuple(read(row) for row in found)


def read(row: Row[Any]) -> Entry:
    """Return the entry of a row; a detail that somebody changed to what is none comes as {"damaged": it}."""
    try:
        detail = dict(from_json(row.detail))
    except (ValueError, TypeError):
        detail = {"damaged": row.detail}
    return Entry(number=row.number, case=row.case_id, what=row.what, by=row.by, at=row.at, detail=detail)


def last_number(connection: Connection) -> int:
    """The number of the last entry, 0 without any."""
    return int(connection.execute(select(func.max(audit.c.number))).scalar() or 0)


def last_at(connection: Connection, what: str, until: str = "") -> str:
    """When something that concerns no case was last done, `until` then if given, as it is stored; "" for never."""
    query = select(audit.c.at).where(audit.c.case_id == "", audit.c.what == what)
    if until:
        query = query.where(audit.c.at <= until)
    return str(connection.execute(query.order_by(audit.c.number.desc()).limit(1)).scalar() or "")


def write_head(file: Path, count: int, hash_: str) -> None:
    """Keep beside the database how long the trail is. A shorter one never replaces a longer one.

    A disk that does not take it is no error: what it says stays true of a shorter trail.
    """
    with suppress(OSError):
        private_file(file)
        descriptor = os.open(file, os.O_RDWR)
        try:
            if try_hold(descriptor) and (_read_head(os.read(descriptor, 200)) or (0, ""))[0] < count:
                os.lseek(descriptor, 0, os.SEEK_SET)
                os.write(descriptor, head_line(count, hash_).encode())  # always as long: nothing stays behind it
        finally:
            os.close(descriptor)


def head_line(count: int, hash_: str) -> str:
    """Return what the file beside the database says of a trail."""
    return f"{count:012d} {hash_}\n"


def head_in(file: Path) -> tuple[int, str] | None:
    """(entries, hash of the last one) as the file beside the database says; None where there is no such file.

    Raises DictationError where the file is damaged.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise DictationError(f"{file}: cannot be read ({why}); check its rights.") from error
    head = _read_head(content)
    if head is None and content:  # empty: made, and not yet written to
        raise DictationError(f"{file}: is damaged; restore it from the backup of its database.")
    return head or (0, "")


def faults(connection: Connection, beside: tuple[int, str] | None, file: Path) -> Iterator[str]:
    """Yield one sentence for each place at which the trail is not as it was written. `beside` is what `head_in` gave.

    To be read before the transaction of `connection` begins: the trail may be longer than the file says.
    """
    number, previous, hash_beside = 0, "", ""
    for entry in connection.execution_options(yield_per=1000).execute(select(audit).order_by(audit.c.number)):
        fields = entry._asdict()
        stated = fields.pop("hash")
        if entry.number != number + 1:
            last = entry.number - 1
            which = f"entry {last} is" if last == number + 1 else f"entries {number + 1} to {last} are"
            yield f"The audit trail was cut: {which} missing."
        elif entry.previous != previous:
            yield f"The audit trail was changed: entry {entry.number} does not follow entry {number}."
        if entry_hash(fields) != stated:
            yield f"The audit trail was changed: entry {entry.number} is not what was written."
        number, previous = entry.number, stated
        if beside is not None and number == beside[0]:
            hash_beside = stated
    heads = connection.execute(select(audit_head).order_by(audit_head.c.id)).all()
    if len(heads) > 1:
        yield "The audit trail was changed: its length stands there more than once."
    head = next((one for one in heads if one.id == 1), None)
    if head is None:
        yield "The audit trail was changed: its length is missing."
    elif head.entries > number:
        yield f"The audit trail was cut: {head.entries} entries were written, it ends with entry {number}."
    elif (head.entries, head.hash) != (number, previous):
        yield f"The audit trail was changed: its end is not entry {head.entries} as it was written."
    if beside is None:
        yield f"{file}: is missing, so nothing but the database says how long the audit trail was; restore it."
    elif beside[0] > number:
        yield f"The audit trail was cut: {file.name} knows {beside[0]} entries, it ends with entry {number}."
    elif beside[1] != hash_beside:
        yield f"The audit trail was changed: entry {beside[0]} is not the one that {file.name} knows."


def proven_until(connection: Connection) -> int:
    """The number of the last entry before the first that was changed or taken out: what follows proves nothing."""
    number, previous = 0, ""
    for entry in connection.execution_options(yield_per=1000).execute(select(audit).order_by(audit.c.number)):
        fields = entry._asdict()
        stated = fields.pop("hash")
        if entry.number != number + 1 or entry.previous != previous or entry_hash(fields) != stated:
            break
        number, previous = entry.number, stated
    return number


def _stored(detail: Detail) -> str:
    return storable(json.dumps(dict(detail), sort_keys=True, ensure_ascii=False))


def entry_hash(entry: Mapping[str, object]) -> str:
    """SHA-256 of an entry with the hash of the one before it, in hexadecimal."""
    order = ("number", "case_id", "what", "by", "at", "detail", "previous")
    return hashlib.sha256(json.dumps([entry[name] for name in order]).encode()).hexdigest()


def _read_head(content: bytes) -> tuple[int, str] | None:
    parts = content.decode("ascii", "replace").split(" ")
    if len(parts) != 2 or not parts[0].isdecimal():
        return None
    return int(parts[0]), parts[1].strip()
