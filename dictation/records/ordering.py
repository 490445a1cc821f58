"""An order as the information system sends it, again and again: a new case, a change, an exam that is cancelled."""

import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from dictation.case.draft import Draft
from dictation.exam import Order
from dictation.frozen import Frozen
from dictation.records import drafts
from dictation.records.describing import Priority, urgency
from dictation.records.schema import audit, cases, inbox, orders
from dictation.records.signing import SIGNED
from dictation.records.text import at, from_json, is_same_time, now, sha256, storable
from dictation.records.trail import Trail

SENDER = "orders"  # who did it, in the audit trail
RECEIVED = "order received"  # with the hash of what was stored of it
CANCELLED, AGAIN, AFTER = "order cancelled", "order active again", "order changed after signature"
FILE_READ = "file of the orders folder read"  # whatever became of it: from then on it is passed over
UNREADABLE = " unreadable "  # in what is remembered of a file that is tried again


class Notice(Frozen):
    """What came in, in one sentence. `case` changed in the records, "" for none: an open page should read it again."""

    kind: Literal["new", "changed", "cancelled", "image", "fault"]
    text: str
    case: str = ""


def receive(
    connection: Connection, trail: Trail, order: Order, status: Literal["active", "cancelled"], priority: Priority,
    name: str,
) -> list[Notice]:  # fmt: skip
    """Take in one order, which may have come before. `name` is what its file is called in the log."""
    accession = storable(order.accession)
    stored = connection.execute(select(orders).where(orders.c.accession == accession)).first()
    case_id = stored.case_id if stored is not None else case_of(connection, accession)
    if case_id is None:
        if status == "cancelled":
            return [Notice(kind="cancelled", text=f"{name}: cancels an order that is not here; nothing was done.")]
        draft = Draft(id=uuid.uuid4().hex, orders=(order,))
        drafts.create(connection, trail, draft, SENDER, priority, status)
        _store(connection, trail, None, draft.id, order, status, priority)
        return [Notice(kind="new", text=f"{name}: a new case.", case=draft.id)]
    case = drafts.locked(connection, case_id)
    before = Order.model_validate_json(stored.content) if stored is not None else _own(connection, case_id, accession)
    fields = _changed(before, order)
    is_cancelled = stored is not None and stored.status == "cancelled"
    if stored is not None and not fields and (stored.status, stored.priority) == (status, priority):
        return []
    _store(connection, trail, stored, case_id, order, status, priority)
    if status == "cancelled":
        return _cancel(connection, trail, case, name) if not is_cancelled else []
    return _change(connection, trail, case, order, priority, fields, is_cancelled=is_cancelled, name=name)


def case_of(connection: Connection, accession: str) -> str | None:
    """The case with this accession number, the newest one that is not signed first; None without any."""
    if not accession:
        return None
    sent = connection.execute(select(orders.c.case_id).where(orders.c.accession == accession)).scalar()
    if sent is not None:
        return str(sent)
    query = select(cases.c.id).where(cases.c.accession == accession)
    found = connection.execute(query.order_by(cases.c.state != "draft", cases.c.created_at.desc())).scalar()
    return str(found) if found is not None else None


def _change(
    connection: Connection, trail: Trail, case: Row[Any], order: Order, priority: Priority, fields: list[str], *,
    is_cancelled: bool, name: str,
) -> list[Notice]:  # fmt: skip
    detail = {"fields": fields, "priority": priority}
    if is_cancelled:
        trail.add(case.id, AGAIN, SENDER)
    changes: dict[str, Any] = {"order_status": "active", "priority": priority, "urgency": urgency(case.state, priority)}
    if case.state != "draft":
        if fields or (not is_cancelled and case.order_status == "changed"):
            changes["order_status"] = "changed"
        changes |= {"changed_at": now(), "revision": case.revision + 1}
        connection.execute(update(cases).where(cases.c.id == case.id).values(**changes))
        trail.add(case.id, AFTER, SENDER, detail)
        if not fields:
            return []
        what = f"the order of a signed report changed ({', '.join(fields)}); check whether it needs an addendum."
        return [Notice(kind="changed", text=f"{name}: {what}", case=case.id)]
    drafts.keep_patient(connection, case.id)
    present = drafts.counting_orders(connection, case.id)
    replaced = tuple(order if one.accession == order.accession else one for one in present)
    counting = replaced if order in replaced else (*replaced, order)
    drafts.replace_exam(connection, case.id, orders=counting, **changes)
    trail.add(case.id, "order changed", SENDER, {**detail, drafts.KEPT: drafts.hash_of(connection, case.id)})
    what = "is to be done after all" if is_cancelled and not fields else f"changed ({', '.join(fields) or 'priority'})"
    return [Notice(kind="changed", text=f"{name}: the order of a case {what}.", case=case.id)]


def _cancel(connection: Connection, trail: Trail, case: Row[Any], name: str) -> list[Notice]:
    query = select(orders.c.accession).where(orders.c.case_id == case.id, orders.c.status == "active")
    if connection.execute(query).first() is None:  # none of its exams is left
        values = {"order_status": "cancelled", "changed_at": now(), "revision": case.revision + 1}
        connection.execute(update(cases).where(cases.c.id == case.id).values(**values))
    trail.add(case.id, CANCELLED, SENDER)
    stays = case.state != "draft" or case.is_dictated
    what = "was cancelled; what was dictated is kept, and the case stays in the list." if stays else "was cancelled."
    return [Notice(kind="cancelled", text=f"{name}: the order of a case {what}", case=case.id)]


def faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each case whose orders are not those that the audit trail knows."""
    known = _known(connection)
    present: dict[str, dict[str, Row[Any]]] = {}
    for row in connection.execute(select(orders)):
        present.setdefault(row.case_id, {})[sha256(row.accession)] = row
    told: set[str] = set()
    for case_id, received in known.items():
        there = present.get(case_id, {})
        if any(order not in there or not _is_as_received(there[order], *said) for order, said in received.items()):
            told.add(case_id)
            yield f"The order of case {case_id} was changed: the audit trail knows another one."
    for case_id in dict.fromkeys(row.case_id for row in _put_there(connection, known)):
        told.add(case_id)
        yield f"An order of the case {case_id} was put there: the audit trail knows of no such order."
    untold, active = drafts.of_today(connection) - told, _active(connection)
    for case in connection.execute(select(cases.c.id, cases.c.order_status)):
        states = {row.status for row in present.get(case.id, {}).values()}
        can_be = {""} if not states else active.get(case.id, {"active"}) if "active" in states else {"cancelled"}
        if case.id in untold and case.order_status not in can_be:
            yield f"The case {case.id} was changed: the audit trail knows otherwise whether it is still ordered."
    if files := _planted_files(connection):
        yield (
            f"{len(files):,} files of the orders folder are passed over as read, and the audit trail knows of no "
            "reading: an order may have been missed."
        )


def keep_known(connection: Connection) -> None:
    """Drop each order that was put there: with it what is received next would go to a case of somebody's choice.

    A file that nobody read is read.
    """
    for row in _put_there(connection, _known(connection)):
        connection.execute(delete(orders).where(orders.c.accession == row.accession))
    for file in _planted_files(connection):
        connection.execute(delete(inbox).where(inbox.c.file == file))


def remember_file(connection: Connection, trail: Trail, key: str, stamp: str) -> None:
    """Note that a file of the orders folder was read; one that could not be read is tried again, and no entry."""
    connection.execute(delete(inbox).where(inbox.c.file == key))
    connection.execute(insert(inbox).values(file=key, stamp=stamp))
    if UNREADABLE not in stamp:
        trail.add("", FILE_READ, SENDER, {"file": key, "stamp": stamp})


def _planted_files(connection: Connection) -> set[str]:
    """The files that are remembered as read, and were not.

    An older program wrote no entry of what it read: in its home the files that changed before the first one are taken
    for read.
    """
    rows = connection.execute(select(inbox)).all()
    unread = {(row.file, row.stamp) for row in rows if UNREADABLE not in row.stamp}
    first_at = ""
    query = select(audit.c.at, audit.c.detail).where(audit.c.case_id == "", audit.c.what == FILE_READ)
    for row in connection.execute(query.order_by(audit.c.number)):
        first_at = first_at or row.at
        with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
            detail = from_json(row.detail)
            unread.discard((detail["file"], detail["stamp"]))
    if drafts.is_older(connection):
        return {file for file, stamp in unread if first_at and _changed_at(stamp) >= first_at}
    return {file for file, _ in unread}


def _changed_at(stamp: str) -> str:
    """When a file was changed, by what is remembered of it: its size and that time, in nanoseconds."""
    try:
        return at(datetime.fromtimestamp(int(stamp.split(" ")[1]) / 1e9, UTC))
    except (ValueError, IndexError, OverflowError, OSError):
        return "9"  # nothing that a program wrote there


def _known(connection: Connection) -> dict[str, dict[str, tuple[str, str]]]:
    """The hash of each order of each case as it was received last, and when; an older program noted none."""
    known: dict[str, dict[str, tuple[str, str]]] = {}
    query = select(audit.c.case_id, audit.c.at, audit.c.detail).where(audit.c.what == RECEIVED)
    query = query.order_by(audit.c.number)
    for row in connection.execute(query):
        with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
            detail = from_json(row.detail)
            known.setdefault(row.case_id, {})[detail["order"]] = (detail["sha256"], row.at)
    return known


def _active(connection: Connection) -> dict[str, set[str]]:
    """Whether an active order counts as "changed" since the signature; one that was cancelled meanwhile leaves both."""
    known: dict[str, set[str]] = {}
    query = select(audit.c.case_id, audit.c.what, audit.c.detail)
    query = query.where(audit.c.what.in_((AFTER, AGAIN, CANCELLED, SIGNED)))
    for row in connection.execute(query.order_by(audit.c.number)):
        with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
            if row.what == CANCELLED:
                known[row.case_id] = {"active", "changed"}
            elif row.what != AFTER:
                known[row.case_id] = {"active"}
            elif from_json(row.detail)["fields"]:
                known[row.case_id] = {"changed"}
    return known


def _is_as_received(row: Row[Any], hash_: str, received_at: str) -> bool:
    return _hash(row.content, row.status, row.priority) == hash_ and is_same_time(row.received_at, received_at)


def _put_there(connection: Connection, known: dict[str, dict[str, tuple[str, str]]]) -> list[Row[Any, Any]]:
    of_today = drafts.of_today(connection)
    rows = connection.execute(select(orders.c.case_id, orders.c.accession))
    return [row for row in rows if row.case_id in of_today and sha256(row.accession) not in known.get(row.case_id, {})]


def _store(
    connection: Connection, trail: Trail, stored: Row[Any] | None, case_id: str, order: Order, status: str,
    priority: str,
) -> None:  # fmt: skip
    content = order.model_dump_json()
    values = {"content": content, "status": status, "priority": priority, "received_at": now()}
    accession = storable(order.accession)
    if stored is None:
        connection.execute(insert(orders).values(accession=accession, case_id=case_id, **values))
    else:
        connection.execute(update(orders).where(orders.c.accession == accession).values(**values))
    kept = {"order": sha256(accession), "sha256": _hash(content, status, priority)}
    trail.add(case_id, RECEIVED, SENDER, kept)


def _hash(content: str, status: str, priority: str) -> str:
    return sha256(json.dumps([content, status, priority]))


def _own(connection: Connection, case_id: str, accession: str) -> Order | None:
    """The order that somebody gave the case by hand."""
    return next((one for one in drafts.counting_orders(connection, case_id) if one.accession == accession), None)


def _changed(before: Order | None, order: Order) -> list[str]:
    return [name for name in Order.model_fields if getattr(before or Order(), name) != getattr(order, name)]
