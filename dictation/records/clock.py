"""Whether this machine's clock may be believed before sound is deleted by it: the audit trail against the present.

Every entry has its time, so a clock that was put ahead, or back, leaves a step in the trail even where others went on
to work under it. The trail is looked at from the last time on that somebody, or a purge, found the clock right.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, func, select

from dictation.records.records import Records
from dictation.records.schema import audit
from dictation.records.text import at
from dictation.records.trail import last_at

LONGEST_QUIET = timedelta(days=14)
"""Between two entries. A nightly purge or backup writes one each day, so only a machine that was off leaves such a gap:
two weeks are a practice's holidays. A clock that is less ahead deletes sound so much too soon, and no more."""
SKEW = timedelta(hours=1)  # between the machines of one database
APPLIED, CONFIRMED = "retention applied", "clock confirmed"  # in the audit trail


def doubt(records: Records, time: datetime) -> str:
    """Return a sentence with the fix where the clock, which says `time`, may be wrong; "" where it is plausible."""
    try:
        with records.reading() as connection:
            times = [*_times(connection), time.astimezone(UTC)]
    except ValueError:
        return "The clock cannot be checked: an entry of the audit trail has no time; run dictation doctor."
    for before, after in pairwise(times):
        if after - before > LONGEST_QUIET or before - after > SKEW:
            return (
                f"The clock may be wrong: it says {time:%Y-%m-%d %H:%M} UTC, and the audit trail goes from "
                f"{before:%Y-%m-%d %H:%M} to {after:%Y-%m-%d %H:%M} at one step. Set it right; where it is right, as "
                "after weeks without power, see what dictation purge --dry-run lists, then run dictation purge "
                "--clock-is-right once."
            )
    return ""


def applied_at(records: Records, until: datetime | None = None) -> datetime | None:
    """When a purge last ended with nothing left to do, or the last `until` then; None where none ever has."""
    with records.reading() as connection:
        found = last_at(connection, APPLIED, at(until) if until is not None else "")
    return datetime.fromisoformat(found) if found else None


def _times(connection: Connection) -> list[datetime]:
    """The times of the entries from the last on under which the clock was found right."""
    found_right = select(func.max(audit.c.number)).where(audit.c.what.in_((APPLIED, CONFIRMED)))
    first = int(connection.execute(found_right).scalar() or 0)
    query = select(audit.c.at).where(audit.c.number >= first).order_by(audit.c.number)
    return [datetime.fromisoformat(time) for time in connection.execute(query).scalars()]
