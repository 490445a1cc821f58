"""What the cases of users still wait for, and who left any: nothing of somebody who went is forgotten in a list.

A user has left who is disabled, or whose role does not sign. A final report waits where an addendum was begun, where a
critical result was told nobody, and where its order was changed since; that it was sent is noted at many sites never.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, case, literal, or_, select

from dictation.frozen import Frozen
from dictation.records.rights import is_left, waits
from dictation.records.schema import cases, drafts
from dictation.records.text import from_json

ADDENDUM, UNTOLD = "an addendum is not signed", "a critical result is not communicated"
CHANGED, UNSENT = "the order was changed since", "not marked as sent"
NO_ADDENDUM = '"addendum":""'  # in a draft's JSON, as it is written


class Waiting(Frozen):
    """A case that waits for something. `needs` says for what, beside the signature of one that is not final."""

    owner: str
    case: str
    state: str
    needs: tuple[str, ...] = ()


def waiting(connection: Connection, owner: str | None, *, with_unsent: bool = False) -> Iterator[Waiting]:
    """Yield the cases of a user, or (None) of all who left, that wait for something, the oldest of each first.

    `with_unsent`: a final report that is not marked as sent waits, too.
    """
    begun = case((drafts.c.content.contains(NO_ADDENDUM, autoescape=True), literal("")), else_=drafts.c.content)
    columns = (cases.c.owner, cases.c.id, cases.c.state, cases.c.order_status, cases.c.sent_at)
    query = select(*columns, cases.c.is_critical, cases.c.is_communicated, begun.label("begun")).join(drafts)
    query = query.where(is_left() if owner is None else cases.c.owner == owner)
    ways = [waits(), begun != "", *([cases.c.sent_at == ""] if with_unsent else [])]
    ordered = query.where(or_(*ways)).order_by(cases.c.owner, cases.c.created_at, cases.c.id)
    for row in connection.execute(ordered.execution_options(yield_per=500)):
        needs = () if row.state in ("draft", "preliminary") else tuple(_needs(row, with_unsent=with_unsent))
        if needs or row.state in ("draft", "preliminary"):
            yield Waiting(owner=row.owner, case=row.id, state=row.state, needs=needs)


def _needs(row: Any, *, with_unsent: bool) -> Iterator[str]:
    if _has_addendum(row.begun):
        yield ADDENDUM
    if row.is_critical and not row.is_communicated:
        yield UNTOLD
    if row.order_status == "changed":
        yield CHANGED
    if with_unsent and not row.sent_at:
        yield UNSENT


def _has_addendum(content: str) -> bool:
    """Whether a draft is an addendum; one that cannot be read may be, and is not left out."""
    try:
        return bool(content) and bool(from_json(content).get("addendum"))
    except (ValueError, AttributeError):
        return True
