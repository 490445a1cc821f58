"""Legal holds as the audit trail knows them: one that vanishes would let a purge delete what is held."""

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import Connection, select

from dictation.records.schema import audit, holds
from dictation.records.text import from_json, is_same_time

HELD, RELEASED = "legal hold", "legal hold released"  # in the audit trail


def faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each case whose hold is not as the audit trail knows it."""
    known: dict[str, tuple[str, str, str]] = {}
    query = select(audit).where(audit.c.what.in_((HELD, RELEASED)))
    for row in connection.execute(query.order_by(audit.c.number)):
        known.pop(row.case_id, None)
        if row.what == HELD:
            reason = ""
            with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
                reason = from_json(row.detail)["reason"]
            known[row.case_id] = (reason, row.by, row.at)
    for row in connection.execute(select(holds).order_by(holds.c.case_id)):
        if row.case_id not in known:
            yield f"The legal hold of the case {row.case_id} was put there: the audit trail knows of none."
            continue
        reason, by, since = known.pop(row.case_id)
        if (row.reason, row.by) != (reason, by) or not is_same_time(row.at, since):
            yield f"The legal hold of the case {row.case_id} was changed: the audit trail knows another one."
    for case_id in sorted(known):
        yield f"The legal hold of the case {case_id} is missing: the audit trail knows of one, and of no release."
