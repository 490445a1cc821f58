"""Legal holds: cases whose sound no retention rule deletes until the hold is released. Both are audit entries.

A hold brings no sound back: what was deleted before is told by `gone`.
"""

import json
from pathlib import Path

from sqlalchemy import Connection, delete, insert, or_, select

from dictation.errors import UsageError
from dictation.frozen import Frozen
from dictation.records import drafts, recordings
from dictation.records.hold_trail import HELD, RELEASED
from dictation.records.records import Records
from dictation.records.schema import cases, holds, orders, studies
from dictation.records.schema import drafts as texts
from dictation.records.sound import files_of
from dictation.records.text import now, short, storable

LONGEST_REASON = 500  # characters


class Hold(Frozen):
    """A case on hold: why, by whom, since when (UTC)."""

    case: str
    reason: str
    by: str
    at: str


class Gone(Frozen):
    """How many of the recordings of a case were deleted under the retention rule, the first and the last when (UTC).

    `files` are those of them that lie on this disk still: a purge was stopped, and deletes none while there is a hold.
    """

    case: str
    recordings: int
    deleted: int
    first_at: str
    last_at: str
    files: tuple[Path, ...]

    @property
    def words(self) -> str:
        """The same for people."""
        first, last = self.first_at[:10], self.last_at[:10]
        when = f"on {first}" if first == last else f"from {first} to {last}"
        was = f"{self.deleted} of {self.recordings} recordings were deleted under the retention rule {when}"
        files = ", ".join(map(str, self.files))
        left = f"; still on this disk, and kept from now on: {files}; copy them" if files else ""
        return f"Case {self.case}: {was}, before this hold{left}."


def hold(records: Records, named: str, reason: str, by: str) -> tuple[str, ...]:
    """Put a case on hold, named by its id or its accession number; return the ids of the cases that are now.

    One that is held already keeps its hold, with the new reason. Raises UsageError without a reason, and where there
    is no such case. The reason stands in the audit trail: it names no patient.
    """
    reason = _reason(reason)
    with records.recorded() as (connection, trail):
        found = _named(connection, named)
        for case_id in found:
            drafts.locked(connection, case_id)
            connection.execute(delete(holds).where(holds.c.case_id == case_id))
            connection.execute(insert(holds).values(case_id=case_id, reason=reason, by=storable(by), at=now()))
            trail.add(case_id, HELD, by, {"reason": reason})
    return found


def release(records: Records, named: str, reason: str, by: str) -> tuple[str, ...]:
    """End the hold of a case; return the ids of the cases that were held. Raises as `hold`, and where none is."""
    reason = _reason(reason)
    with records.recorded() as (connection, trail):
        query = select(holds.c.case_id).where(holds.c.case_id.in_(_named(connection, named)))
        held = tuple(row.case_id for row in connection.execute(query.order_by(holds.c.case_id)))
        if not held:
            raise UsageError("This case is not on legal hold; check its id or accession number.")
        for case_id in held:
            connection.execute(delete(holds).where(holds.c.case_id == case_id))
            trail.add(case_id, RELEASED, by, {"reason": reason})
    return held


def gone(records: Records, case_ids: tuple[str, ...]) -> tuple[Gone, ...]:
    """Return what was deleted of the sound of these cases, for each of which anything was."""
    found = []
    with records.reading() as connection:
        for case_id in case_ids:
            kept = recordings.in_order(connection, case_id)
            deleted = [one for one in kept if one.purged_at]
            if deleted:
                times = sorted(one.purged_at for one in deleted)
                files = tuple(path for one in deleted for path in files_of(records.home, one) if path.exists())
                found.append(
                    Gone(
                        case=case_id, recordings=len(kept), deleted=len(deleted), first_at=times[0],
                        last_at=times[-1], files=files,
                    )
                )  # fmt: skip
    return tuple(found)


def all_holds(records: Records) -> tuple[Hold, ...]:
    """Return the holds that are in force, the oldest first."""
    with records.reading() as connection:
        query = select(holds).order_by(holds.c.at, holds.c.case_id)
        return tuple(
            Hold(case=row.case_id, reason=row.reason, by=row.by, at=row.at) for row in connection.execute(query)
        )


def _named(connection: Connection, named: str) -> tuple[str, ...]:
    """The cases with this id or accession number, of whatever order or study of theirs."""
    named = short(named.strip())
    if named:
        query = (
            select(cases.c.id)
            .outerjoin(orders, orders.c.case_id == cases.c.id)
            .outerjoin(studies, studies.c.case_id == cases.c.id)
            .where(
                or_(
                    cases.c.id == named,
                    cases.c.accession == named,
                    orders.c.accession == named,
                    studies.c.accession == named,
                )
            )
        )
        found = set(connection.execute(query).scalars())
        fragment = json.dumps(named, ensure_ascii=False)  # an order that somebody gave by hand, behind the first
        by_hand = select(texts.c.case_id).where(texts.c.orders.contains(fragment, autoescape=True))
        for case_id in connection.execute(by_hand).scalars().all():
            if any(short(one.accession) == named for one in drafts.counting_orders(connection, case_id)):
                found.add(case_id)
        if found:
            return tuple(sorted(found))
    raise UsageError("No case has this id or accession number; check it.")


def _reason(reason: str) -> str:
    plain = " ".join(storable(reason).split())
    if not plain or len(plain) > LONGEST_REASON:
        raise UsageError(f"A hold needs a reason of at most {LONGEST_REASON} characters; give it with --reason.")
    return plain
