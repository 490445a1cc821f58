"""Legal holds as the audit trail knows them: one that vanishes would let a purge delete what is held."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from dictation.records.schema import audit, holds

HELD, RELEASED = "legal hold", "legal hold released"  # in the audit trail


def faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each case whose hold is not as the audit trail knows it."""
    known: set[str] = set()
    query = select(audit.c.case_id, audit.c.what).where(audit.c.what.in_((HELD, RELEASED)))
    for row in connection.execute(query.order_by(audit.c.number)):
        (known.add if row.what == HELD else known.discard)(row.case_id)
    present = set(connection.execute(select(holds.c.case_id)).scalars())
    for case_id in sorted(known - present):
        yield f"The legal hold of the case {case_id} is missing: the audit trail knows of one, and of no release."
    for case_id in sorted(present - known):
        yield f"The legal hold of the case {case_id} was put there: the audit trail knows of none."
