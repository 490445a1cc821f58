"""Whose a case is, in the records: it gets an owner when it is first worked on, and readers when they are let in."""

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import Connection, and_, delete, insert, select, update

from dictation.errors import UsageError
from dictation.records.rights import Owned, is_left, waits
from dictation.records.schema import audit, case_readers, cases, users
from dictation.records.text import from_json
from dictation.records.trail import Detail, Trail, proven_until

ASSIGNED, WORKED_ON, GRANTED, REVOKED = "assigned", "worked on by another", "granted", "revoked"  # in the trail
_KNOWN = (ASSIGNED, WORKED_ON, GRANTED, REVOKED)


def read(connection: Connection, case_id: str) -> Owned | None:
    """Return whose a case is, None for one that is not there."""
    columns = (cases.c.owner, cases.c.state, and_(is_left(), waits()).label("is_left"))
    case = connection.execute(select(*columns).where(cases.c.id == case_id)).first()
    if case is None:
        return None
    readers = connection.execute(select(case_readers.c.name).where(case_readers.c.case_id == case_id)).scalars()
    return Owned(owner=case.owner, readers=frozenset(readers), state=case.state, is_left=bool(case.is_left))


def assign(connection: Connection, trail: Trail, case_id: str, name: str) -> None:
    """A user works on a case: it is theirs where it is nobody's, else they stay among those who see it.

    A draft whose owner can no longer work is theirs, too; who left it stays among those who see it. What is signed
    stays its owner's, and the trail says that they had left.
    """
    owned = read(connection, case_id)
    if owned is None or name == owned.owner:
        return
    if not owned.owner:
        _give(connection, case_id, name)
        trail.add(case_id, ASSIGNED, name)
    elif owned.is_left and owned.state == "draft":
        _give(connection, case_id, name)
        if owned.owner not in owned.readers:
            connection.execute(insert(case_readers).values(case_id=case_id, name=owned.owner))
        trail.add(case_id, ASSIGNED, name, {"from": owned.owner})
    elif name not in owned.readers:
        connection.execute(insert(case_readers).values(case_id=case_id, name=name))
        left: Detail = {"owner_left": True} if owned.is_left else {}
        trail.add(case_id, WORKED_ON, name, {"owner": owned.owner, **left})


def grant(connection: Connection, trail: Trail, case_id: str, name: str, by: str) -> None:
    """Let a user see and work on a case. Raises UsageError for an unknown user or case, or where it is so already."""
    owned = read(connection, case_id)
    if owned is None:
        raise UsageError("There is no such case here; name it by its id or its accession number.")
    if connection.execute(select(users.c.name).where(users.c.name == name)).first() is None:
        raise UsageError(f"There is no user {name}; see: dictation user list")
    if name == owned.owner or name in owned.readers:
        raise UsageError(f"{name} may see this case already.")
    connection.execute(insert(case_readers).values(case_id=case_id, name=name))
    trail.add(case_id, GRANTED, by, {"user": name})


def revoke(connection: Connection, trail: Trail, case_id: str, name: str, by: str) -> None:
    """Let a user see a case no more that they were granted or worked on. Raises UsageError for any other one."""
    owned = read(connection, case_id)
    if owned is None:
        raise UsageError("There is no such case here; name it by its id or its accession number.")
    if name == owned.owner:
        raise UsageError(f"The case belongs to {name}, who keeps it; to keep them out: dictation user disable {name}")
    if name not in owned.readers:
        raise UsageError(f"{name} was not granted this case, so there is nothing to revoke.")
    connection.execute(delete(case_readers).where(case_readers.c.case_id == case_id, case_readers.c.name == name))
    trail.add(case_id, REVOKED, by, {"user": name})


def faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each case whose owner or readers are not those that the audit trail knows."""
    owners, readers = _known_owners(connection)
    present: dict[str, set[str]] = {}
    for row in connection.execute(select(case_readers)):
        present.setdefault(row.case_id, set()).add(row.name)
    for case in connection.execute(select(cases.c.id, cases.c.owner)):
        if case.owner != owners.get(case.id, ""):
            yield f"The case {case.id} was changed: the audit trail knows another owner."
        if present.get(case.id, set()) != readers.get(case.id, set()):
            yield f"The case {case.id} was changed: the audit trail knows others who were let in."


def keep_proven(connection: Connection) -> None:
    """Take each case back to the owner and the readers that the audit trail proves; where it knows none, to nobody.

    An entry behind one that was changed or taken out may be forged: it lets nobody in, and names an owner only of a
    case that has none before, which would else be everybody's.
    """
    owners, readers = _known_owners(connection, proven_until(connection))
    for case in connection.execute(select(cases.c.id, cases.c.owner)).all():
        if case.owner != (known := owners.get(case.id, "")):
            connection.execute(update(cases).where(cases.c.id == case.id).values(owner=known))
    for row in connection.execute(select(case_readers)).all():
        if row.name not in readers.get(row.case_id, set()):
            its = (case_readers.c.case_id == row.case_id) & (case_readers.c.name == row.name)
            connection.execute(delete(case_readers).where(its))


def _known_owners(connection: Connection, until: int | None = None) -> tuple[dict[str, str], dict[str, set[str]]]:
    """The owner of each case, and who else was let in, as the audit trail knows it, by its entries up to `until`."""
    owners: dict[str, str] = {}
    readers: dict[str, set[str]] = {}
    query = select(audit.c.number, audit.c.case_id, audit.c.what, audit.c.by, audit.c.detail)
    for row in connection.execute(query.where(audit.c.what.in_(_KNOWN)).order_by(audit.c.number)):
        let_in = readers.setdefault(row.case_id, set())
        is_proven = until is None or row.number <= until
        is_first = row.what == ASSIGNED and row.case_id not in owners
        if not (is_proven or is_first or row.what == REVOKED):
            continue
        with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
            detail = from_json(row.detail)
            if row.what == ASSIGNED:
                owners[row.case_id] = row.by
                let_in.discard(row.by)
                let_in |= {detail["from"]} if is_proven and "from" in detail else set()
            elif row.what == WORKED_ON:
                let_in.add(row.by)
            elif row.what == GRANTED:
                let_in.add(detail["user"])
            else:
                let_in.discard(detail["user"])
    return owners, readers


def _give(connection: Connection, case_id: str, name: str) -> None:
    """Make a user the owner of a case, who need not be let in any more."""
    connection.execute(update(cases).where(cases.c.id == case_id).values(owner=name))
    connection.execute(delete(case_readers).where(case_readers.c.case_id == case_id, case_readers.c.name == name))
