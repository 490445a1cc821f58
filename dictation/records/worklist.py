"""The worklist: a page of cases, work that is to be done first and by its urgency, then the newest first.

What is read next is another order: of the most urgent drafts the one that has waited longest, those put off last.
"""

from typing import Literal, get_args

from sqlalchemy import ColumnElement, Connection, and_, func, select, tuple_

from dictation.errors import UsageError
from dictation.frozen import Frozen
from dictation.records.describing import Priority
from dictation.records.rights import User, seen_by
from dictation.records.schema import cases
from dictation.records.stored import OrderStatus, State
from dictation.records.text import searchable

Filter = Literal["", "critical", "draft", "preliminary", "final", "addended", "sent", "cancelled"]
LONGEST_PAGE = 500


class Row(Frozen):
    """One case in the worklist. Times are UTC, "" for never; `locked_by` is the name of who has it open."""

    id: str
    state: State
    order_status: OrderStatus
    priority: Priority
    name: str
    patient_id: str
    accession: str
    procedure: str
    modality: str
    body_part: str
    is_critical: bool
    is_communicated: bool
    is_dictated: bool
    locked_by: str
    sent_at: str
    created_at: str
    changed_at: str


class Page(Frozen):
    """Rows in order, and what to give as `after` for those that follow; None at the end."""

    rows: tuple[Row, ...]
    next: str | None


_COLUMNS = [cases.c[name] for name in Row.model_fields if name != "locked_by"]
_ORDER = (cases.c.urgency, cases.c.created_at, cases.c.id)
_HIDDEN = and_(cases.c.order_status == "cancelled", cases.c.is_dictated.is_(False), cases.c.state == "draft")
_SHOWN: dict[str, ColumnElement[bool]] = {
    "": ~_HIDDEN,  # a cancelled exam that somebody dictated stays in sight
    "critical": and_(cases.c.is_critical, ~cases.c.is_communicated),
    "draft": and_(cases.c.state == "draft", ~_HIDDEN),
    "preliminary": cases.c.state == "preliminary",
    "final": cases.c.state == "final",
    "addended": cases.c.state == "addended",
    "sent": cases.c.sent_at != "",
    "cancelled": cases.c.order_status == "cancelled",
}


def page(connection: Connection, search: str, state: str, after: str | None, limit: int, user: User) -> Page:
    """Return the cases that the user may see, that hold every word of `search` and are as `state` says.

    Raises UsageError for an unknown state, an `after` that no page gave, or a limit outside 1 to 500.
    """
    if state not in _SHOWN:
        allowed = ", ".join(name for name in get_args(Filter) if name)
        raise UsageError(f"The worklist has no such state; choose one of {allowed}, or none.")
    if not 1 <= limit <= LONGEST_PAGE:
        raise UsageError(f"A page of the worklist has 1 to {LONGEST_PAGE} cases; ask for so many.")
    query = select(*_COLUMNS, cases.c.lock_name.label("locked_by"), cases.c.urgency).where(_SHOWN[state], seen_by(user))
    query = query.where(*(cases.c.search.contains(word, autoescape=True) for word in searchable(search).split()))
    if after is not None:
        query = query.where(tuple_(*_ORDER) < tuple_(*_place(after)))
    found = connection.execute(query.order_by(*(column.desc() for column in _ORDER)).limit(limit + 1)).all()
    rows = [row._asdict() for row in found[:limit]]
    last = rows[-1] if len(found) > limit else None
    following = f"{last['urgency']}~{last['created_at']}~{last['id']}" if last else None
    return Page(rows=tuple(Row(**{name: row[name] for name in Row.model_fields}) for row in rows), next=following)


def waiting(connection: Connection, but: str, user: User) -> str | None:
    """Return the draft to read next: the most urgent one that nobody has open, of these the oldest; None without one.

    One that somebody began and left comes behind the others of its urgency: it was put off. A cancelled exam never
    comes by itself. `but` is the case that was read just now.
    """
    is_free = and_(cases.c.state == "draft", cases.c.order_status != "cancelled", cases.c.lock_name == "")
    query = select(cases.c.id).where(is_free, seen_by(user), cases.c.id != but)
    order = (cases.c.urgency.desc(), cases.c.is_dictated, cases.c.created_at, cases.c.id)
    return connection.execute(query.order_by(*order).limit(1)).scalar()


def counts(connection: Connection, user: User) -> dict[str, int]:
    """How many cases each state has, "" for the list as it opens."""
    sums = [func.count().filter(condition).label(name or "open") for name, condition in _SHOWN.items()]
    found = connection.execute(select(*sums).select_from(cases).where(seen_by(user))).one()._asdict()
    return {name: found[name or "open"] for name in _SHOWN}


def _place(after: str) -> tuple[int, str, str]:
    parts = after.split("~")
    if len(parts) != 3 or not parts[0].isdecimal() or len(parts[0]) > 1:
        raise UsageError("This is no place in the worklist; open it from its start.")
    return int(parts[0]), parts[1].replace("\x00", ""), parts[2].replace("\x00", "")
