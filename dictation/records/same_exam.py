"""An exam has one case: whoever begins another one for its accession number is told of those that are there.

It is looked at where the order is written, in the transaction that holds the audit trail: of two that come at once the
later one finds the first.
"""

from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from dictation.case.draft import Draft
from dictation.errors import UsageError
from dictation.frozen import Frozen
from dictation.records.schema import cases, orders
from dictation.records.text import sha256, short, storable
from dictation.records.trail import Trail

MEANT = "second case of an exam meant"  # in the audit trail


class OtherCase(Frozen):
    """A case of the same exam: its state, whose it is, who has it open, "" for nobody."""

    id: str
    state: str
    owner: str
    locked_by: str


class SecondCase(UsageError):
    """An order was given whose exam has a case already, and nobody has said that another one is meant."""

    def __init__(self, accession: str, other: OtherCase) -> None:
        super().__init__("This exam has a case already; go on with that one, or say that a second case is meant.")
        self.accession, self.other = accession, other


def check_second(connection: Connection, trail: Trail, draft: Draft, before: Collection[str], by: str) -> None:
    """Raise SecondCase where an accession number of a draft is new and its exam has another case, unless that is meant.

    `before` are the accession numbers that the case had; that a second case is meant is noted once.
    """
    for accession in draft.accessions:
        if (
            accession in before
            or short(accession) in before
            or (other := _other(connection, accession, draft.id)) is None
        ):
            continue
        if accession not in draft.second_meant:
            raise SecondCase(accession, other)
        trail.add(draft.id, MEANT, by, {"order": sha256(storable(accession)), "beside": other.id, "state": other.state})


def _other(connection: Connection, accession: str, but: str) -> OtherCase | None:
    """Another case with this accession number: one that can still be worked on first, then the newest."""
    sent = select(orders.c.case_id).where(orders.c.accession == storable(accession))
    query = select(cases.c.id, cases.c.state, cases.c.owner, cases.c.lock_name).where(
        or_(cases.c.accession == short(accession), cases.c.id.in_(sent)), cases.c.id != but
    )
    found = connection.execute(query.order_by(cases.c.state != "draft", cases.c.created_at.desc()).limit(1)).first()
    if found is None:
        return None
    return OtherCase(id=found.id, state=found.state, owner=found.owner, locked_by=found.lock_name)
