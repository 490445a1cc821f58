"""The audit trail as somebody asks for it: by user, patient, case and time. Entries come one at a time.

Who asks for a patient's entries gives the id; it is never kept. The patient's cases are those whose order, study or
worklist line carry this id now. That entries were handed out is itself an entry, written before the first one is.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, ColumnElement, Connection, Result, func, select

from dictation.errors import UsageError
from dictation.exam import ExamFacts, Order
from dictation.frozen import Frozen
from dictation.records import drafts as rows
from dictation.records.records import Records
from dictation.records.schema import audit, cases, drafts, orders, studies, users
from dictation.records.text import at, short, storable
from dictation.records.trail import Detail, Entry, read

EXPORTED = "audit trail exported"
_ORDERS: TypeAdapter[tuple[Order, ...]] = TypeAdapter(tuple[Order, ...])
AT_ONCE = 500  # values that one question to a database names


class Asked(Frozen):
    """Which entries: of this user, patient, case; from `since`, before `until` (UTC, as stored). "" is any.

    Names of users are the same in capitals and small letters, as they are where one signs in.
    """

    user: str = ""
    patient: str = ""
    case: str = ""
    since: str = ""
    until: str = ""


class Export(Frozen):
    """What was found: so many `entries`, of a trail of `length` that verifies unless there are `faults`."""

    entries: int
    length: int
    faults: tuple[str, ...]
    cases: tuple[str, ...] | None = None
    """Those of the patient who was asked for; None where none was."""
    since: str = ""
    until: str = ""
    by: tuple[str, ...] | None = None
    """The user who was asked for, as the entries name them; None where none was."""
    unknown: tuple[str, ...] = ()
    """Who was asked for and occurs nowhere, one clause each: a slip in a name is no "did nothing"."""

    @property
    def words(self) -> str:
        """The same in one sentence."""
        chain = f"the chain of all {self.length} entries verifies" if not self.faults else self.faults[0].rstrip(".")
        more = f" ({len(self.faults) - 1} more faults)" if len(self.faults) > 1 else ""
        return "; ".join((f"{self.entries} entries", *self.unknown, f"{chain}{more}."))


def day_or_time(text: str, *, is_end: bool) -> str:
    """A time as it is stored: the beginning of what `text` says, or with `is_end` the first moment after it.

    `text` is a date or a time in ISO 8601, UTC where it names no zone. Raises UsageError.
    """
    try:
        time = datetime.fromisoformat(text)
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        return at(time + _length(text) if is_end else time)
    except (ValueError, OverflowError):
        raise UsageError("This is no time; give a date as 2026-03-01, or a time as 2026-03-01T13:30 (UTC).") from None


def _length(text: str) -> timedelta:
    """How long what a time names lasts: a day, or the hour, minute or second that it ends with."""
    clock = text.upper().replace(" ", "T").partition("T")[2]
    digits = sum(character.isdecimal() for character in re.split("[Z+-]", clock)[0])
    lengths = {0: timedelta(days=1), 2: timedelta(hours=1), 4: timedelta(minutes=1), 6: timedelta(seconds=1)}
    return lengths.get(digits, timedelta(microseconds=1))


def begin(records: Records, asked: Asked, by: str, form: str) -> Export:
    """Verify the trail, count what is asked for, and note that it is handed out. `form` is the form of the export.

    Raises UsageError for a malformed or unknown case.
    """
    faults, length = records.verify_trail()
    with records.reading() as connection:
        if asked.case:
            rows.check_known(connection, asked.case)
        by_user = _named(connection, asked.user) if asked.user else None
        of_patient = _cases_of(connection, asked.patient) if asked.patient else None
        which = of_patient
        if asked.case:
            which = (asked.case,) if of_patient is None or asked.case in of_patient else ()
        found = Export(
            entries=0, length=length, faults=faults, cases=which, since=asked.since, until=asked.until,
            by=by_user, unknown=_unknown(connection, asked, by_user, of_patient),
        )  # fmt: skip
        count = sum(
            connection.execute(select(func.count()).select_from(audit).where(*conditions)).scalar_one()
            for conditions in _conditions(found)
        )
    detail: Detail = {
        "entries": count, "format": form, "user": asked.user, "from": asked.since, "before": asked.until,
        "of_patient": bool(asked.patient), "verified": not faults,
    }  # fmt: skip
    records.note(asked.case, EXPORTED, by, detail)
    return found.model_copy(update={"entries": count})


def entries(records: Records, export: Export) -> Iterator[Entry]:
    """Yield what was found, oldest first (of several hundred cases: of one batch of cases after the other)."""
    with records.reading() as connection:
        for conditions in _conditions(export):
            query = select(audit).where(*conditions).order_by(audit.c.number)
            for row in connection.execution_options(yield_per=1000).execute(query):
                yield read(row)


def _conditions(export: Export) -> Iterator[list[ColumnElement[bool]]]:
    """What the entries fulfil, for one batch of cases after the other."""
    base: list[ColumnElement[bool]] = [audit.c.number <= export.length]
    base += [audit.c.by.in_(export.by)] if export.by is not None else []
    base += [audit.c.at >= export.since] if export.since else []
    base += [audit.c.at < export.until] if export.until else []
    if export.cases is None:
        yield base
        return
    for start in range(0, len(export.cases), AT_ONCE):
        yield [*base, audit.c.case_id.in_(export.cases[start : start + AT_ONCE])]


def _named(connection: Connection, user: str) -> tuple[str, ...]:
    """The names in the trail that are this one, in capitals or small letters."""
    found = connection.execute(select(audit.c.by).distinct()).scalars()
    return tuple(sorted(name for name in found if _plain(name) == _plain(user)))


def _unknown(
    connection: Connection, asked: Asked, by: tuple[str, ...] | None, of_patient: tuple[str, ...] | None
) -> tuple[str, ...]:
    """A clause for each one who was asked for and occurs nowhere. A user who did nothing yet is none of them."""
    has_account = select(users.c.name).where(users.c.name == _plain(asked.user))
    nobody = by == () and connection.execute(has_account).first() is None
    clauses = ("nobody of this name is in the audit trail",) if nobody else ()
    return (*clauses, "no case here carries this patient id") if of_patient == () else clauses


def _plain(name: str) -> str:
    return " ".join(storable(name).split()).casefold()


def _cases_of(connection: Connection, patient: str) -> tuple[str, ...]:
    """The cases of a patient, by whatever names the id: the worklist, an order, a study."""
    patient = patient.strip()
    if not patient:
        raise UsageError("A patient is asked for by an id; give it with --patient.")
    fragment = json.dumps(patient, ensure_ascii=False)  # as pydantic writes it; what holds it is read
    found = set(connection.execute(select(cases.c.id).where(cases.c.patient_id == short(patient))).scalars())
    for row in _holding(connection, drafts.c.case_id, drafts.c.orders, fragment):
        if any(order.patient_id == patient for order in _ORDERS.validate_json(row.content)):
            found.add(row.case_id)
    for row in _holding(connection, orders.c.case_id, orders.c.content, fragment):
        if Order.model_validate_json(row.content).patient_id == patient:
            found.add(row.case_id)
    for row in _holding(connection, studies.c.case_id, studies.c.facts, fragment):
        if ExamFacts.model_validate_json(row.content).patient.patient_id == patient:
            found.add(row.case_id)
    return tuple(sorted(found))


def _holding(connection: Connection, case_id: Column[str], content: Column[str], fragment: str) -> Result[Any]:
    query = select(case_id.label("case_id"), content.label("content")).where(
        content.contains(fragment, autoescape=True)
    )
    return connection.execution_options(yield_per=100).execute(query)
