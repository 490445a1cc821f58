"""How long the disk lasts: the sound of the last days with any, against the space that is free. Nothing is guessed.

Only sound is counted, also what was deleted since: so the disk is full no sooner than said here, unless something else
fills it too.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from dictation.frozen import Frozen
from dictation.records import recordings
from dictation.records.records import Records
from dictation.records.schema import recordings as table
from dictation.records.sound import files_of
from dictation.records.text import at
from dictation.weights import free_bytes

DAYS = 14


class Filling(Frozen):
    """The space that is free, the bytes of sound of one of the last `measured_days` with sound, both for HOME.

    `days` is how many such days fit, None where there was no whole day with sound yet.
    """

    free_bytes: int
    bytes_per_day: float | None
    measured_days: int
    days: float | None

    @property
    def words(self) -> str:
        """The same for people."""
        free = f"{self.free_bytes / 1e9:,.1f} GB free"
        if self.days is None or self.bytes_per_day is None:
            return f"{free}; days until the disk is full: unknown, as there is no whole day with sound yet"
        per_day = f"{self.bytes_per_day / 1e6:,.1f} MB of sound on each of the last {self.measured_days} days with any"
        return f"{free}, {per_day}: the disk is full after {self.days:,.0f} more such days"


def filling(records: Records, time: datetime) -> Filling:
    """Measure it at `time`; its own day (UTC) is not over and does not count."""
    with records.reading() as connection:
        by_day = _by_day(connection, records, at(time.astimezone(UTC))[:10])
    free = free_bytes(records.home)
    total = sum(by_day.values())
    if not total:
        return Filling(free_bytes=free, bytes_per_day=None, measured_days=0, days=None)
    per_day = total / len(by_day)
    return Filling(free_bytes=free, bytes_per_day=per_day, measured_days=len(by_day), days=free / per_day)


def _by_day(connection: Connection, records: Records, today: str) -> Mapping[str, int]:
    """The bytes of sound of the last days with any before `today`."""
    query = select(table).where(table.c.started_at < today).order_by(table.c.started_at.desc())
    found: dict[str, int] = {}
    for row in connection.execution_options(yield_per=1000).execute(query):
        one = recordings.kept(row)
        day = one.started_at[:10]
        size = one.purged_bytes or sum(path.stat().st_size for path in files_of(records.home, one) if path.exists())
        if not size:
            continue
        if day not in found and len(found) == DAYS:
            break
        found[day] = found.get(day, 0) + size
    return found
