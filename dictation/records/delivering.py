"""Which signed versions an outbox has still to get, as the audit trail tells: signed since the first outbox was named,
and not released to one since. What was signed before that is not sent after it.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from dictation.case.version import Version, not_as_signed
from dictation.frozen import Frozen
from dictation.records import signing
from dictation.records.records import Records
from dictation.records.schema import audit, versions
from dictation.records.text import from_json, sha256

BEGUN, RELEASED = "outbox begun", "outbox"


class Due(Frozen):
    """A version that is to be delivered, the hash with which it was signed, and when (UTC), as the trail has it."""

    case: str
    number: int
    sha256: str
    at: str


class Deliveries:
    """What is due, kept up to date by reading only the end of the trail. For one thread."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._read, self._has_begun = 0, False
        self._due: dict[tuple[str, int], Due] = {}

    def due(self) -> tuple[Due, ...]:
        """Return what is due now, in the order in which it was signed; the first call of all begins the count."""
        self._read_on()
        if not self._has_begun:
            with self._records.recorded() as (connection, trail):
                if not _begun(connection):
                    trail.add("", BEGUN, "")
            self._read_on()
        return tuple(self._due.values())

    def version(self, due: Due) -> tuple[Version, tuple[Version, ...]]:
        """Return a version and those before it, oldest first.

        Raises DictationError where it is not what was signed, where one before it is missing, and where one that an
        addendum adds to is not what was signed.
        """
        with self._records.reading() as connection:
            signed, stored = _signed(connection, due.case), _stored(connection, due.case)
            if stored.get(due.number) != due.sha256:
                raise not_as_signed(due.case, due.number)
            found = {one.number: one for one in signing.read_versions(connection, due.case)}
        is_addendum = found[due.number].state == "addended"
        for number in range(1, due.number):
            if number not in stored or (is_addendum and stored[number] != signed.get(number)):
                raise not_as_signed(due.case, number)
        return found[due.number], tuple(found[number] for number in range(1, due.number))

    def release(self, due: Due, file: str) -> bool:
        """Note that a version goes out as `file`; False where it went out already, as another file."""
        with self._records.recorded() as (connection, trail):
            if released_as(connection, due.case, due.number) is not None:
                return False
            trail.add(due.case, RELEASED, "", {"number": due.number, "sha256": due.sha256, "file": file})
        return True

    def released_as(self, case_id: str, number: int) -> str | None:
        """Return the file that a version went out as; None where it did not."""
        with self._records.reading() as connection:
            return released_as(connection, case_id, number)

    def _read_on(self) -> None:
        with self._records.reading() as connection:
            for number, case_id, what, at, detail in _entries(connection, self._read):
                self._read = number
                if what == BEGUN:
                    self._has_begun = True
                elif self._has_begun and what == "signed":
                    due = Due(case=case_id, number=detail["number"], sha256=detail["sha256"], at=at)
                    self._due[due.case, due.number] = due
                elif self._has_begun:
                    self._due.pop((case_id, detail["number"]), None)


def released_as(connection: Connection, case_id: str, number: int) -> str | None:
    """Return the file that a version went out as; None where it did not."""
    query = select(audit.c.detail).where(audit.c.case_id == case_id, audit.c.what == RELEASED)
    found = (from_json(detail) for detail in connection.execute(query).scalars())
    return next((str(detail["file"]) for detail in found if detail["number"] == number), None)


def _signed(connection: Connection, case_id: str) -> dict[int, str]:
    """The hash with which each version of a case was signed, as the trail has it."""
    query = select(audit.c.detail).where(audit.c.case_id == case_id, audit.c.what == "signed")
    found = (from_json(detail) for detail in connection.execute(query).scalars())
    return {detail["number"]: detail["sha256"] for detail in found if {"number", "sha256"} <= set(detail)}


def _stored(connection: Connection, case_id: str) -> dict[int, str]:
    """The hash of each version of a case, of what is stored now."""
    query = select(versions.c.number, versions.c.content).where(versions.c.case_id == case_id)
    return {row.number: sha256(row.content) for row in connection.execute(query)}


def _begun(connection: Connection) -> bool:
    return connection.execute(select(audit.c.number).where(audit.c.what == BEGUN)).first() is not None


def _entries(connection: Connection, after: int) -> Iterator[tuple[int, str, str, str, Any]]:
    """The entries behind `after` that concern an outbox."""
    query = select(audit.c.number, audit.c.case_id, audit.c.what, audit.c.at, audit.c.detail)
    query = query.where(audit.c.number > after, audit.c.what.in_((BEGUN, "signed", RELEASED))).order_by(audit.c.number)
    for row in connection.execution_options(yield_per=1000).execute(query):
        detail = from_json(row.detail)
        if row.what == BEGUN or {"number", "sha256"} <= set(detail):
            yield row.number, row.case_id, row.what, row.at, detail
