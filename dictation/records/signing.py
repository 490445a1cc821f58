"""A signature: the version, the state, the audit entry and the draft, together or not at all."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, insert, select, update

from dictation.case.communicating import CRITICAL_RESULT
from dictation.case.draft import Draft
from dictation.case.editing import edit_id
from dictation.case.ordered import ANOTHER_PATIENT
from dictation.case.version import Version
from dictation.errors import DictationError, UsageError
from dictation.records import drafts
from dictation.records.describing import urgency
from dictation.records.schema import audit, cases, versions
from dictation.records.text import at, from_json, now, sha256, storable
from dictation.records.trail import Detail, Trail

_FOLLOWS = {  # which signature may come after which
    "draft": ("preliminary", "final"),
    "preliminary": ("preliminary", "final"),
    "final": ("addended",),
    "addended": ("addended",),
}
SIGNED, SENT = "signed", "sent"  # in the audit trail


def sign(connection: Connection, trail: Trail, draft: Draft, version: Version, page: str, by: str = "") -> Version:
    """Freeze a version under the next number and return it so; the case takes its state, and is not sent yet."""
    case = drafts.locked(connection, draft.id, page)
    if version.case.id != draft.id:
        raise UsageError("The version to be signed belongs to another case; open the case again and sign it there.")
    before = read_versions(connection, draft.id)
    _check(case, before[-1] if before else None, version)
    version = version.model_copy(update={"number": len(before) + 1})
    content = version.model_dump_json()
    connection.execute(
        insert(versions).values(
            case_id=draft.id, content=content, sha256=sha256(content), **_columns(version)
        )
    )  # fmt: skip
    columns = {"state": version.state, "urgency": urgency(version.state, case.priority), "sent_at": ""}
    if case.order_status == "changed":
        columns["order_status"] = "active"
    drafts.keep(connection, case, draft, trail, **columns)
    for answer in _answers(version, before[-1] if before else None):
        trail.add(draft.id, "critical result answered", by or version.author, {"number": version.number, **answer})
    for one in version.set_aside:
        if one not in (before[-1].set_aside if before else ()):
            detail: Detail = {"number": version.number, "edit": edit_id(one.edit), "chosen": one.chosen}
            trail.add(draft.id, "wording chosen", one.by, detail)
    if any(one.discrepancy_id == ANOTHER_PATIENT for one in version.overrides):
        trail.add(draft.id, "another patient of the order confirmed", by or version.author, {"number": version.number})
    for over in version.overrides:
        if over.kind == "identity":  # what and reason are of the program, and name nobody
            missing: Detail = {"number": version.number, "what": over.what, "reason": over.reason}
            trail.add(draft.id, "signed without patient or exam", by or version.author, missing)
    trail.add(
        draft.id,
        SIGNED,
        by or version.author,
        {
            "number": version.number,
            "state": version.state,
            "role": version.role,
            "sha256": sha256(content),
            drafts.KEPT: drafts.hash_of(connection, draft.id),
        },
    )
    return version


def mark_sent(connection: Connection, trail: Trail, case_id: str, by: str) -> None:
    """Note that the last version went out. Raises UsageError where there is none, or it went out before."""
    case = drafts.locked(connection, case_id)
    if case.state == "draft":
        raise UsageError("The report is not signed yet; sign it before it is sent.")
    if case.sent_at:
        raise UsageError("This version of the report was sent already; an addendum can be sent after it is signed.")
    time = now()
    connection.execute(
        update(cases).where(cases.c.id == case_id).values(sent_at=time, changed_at=time, revision=case.revision + 1)
    )
    number = len(read_versions(connection, case_id))
    trail.add(case_id, SENT, by, {"number": number, "at": time})


def read_versions(connection: Connection, case_id: str) -> tuple[Version, ...]:
    """Return the versions of a case, the first one first."""
    query = select(versions.c.content).where(versions.c.case_id == case_id).order_by(versions.c.number)
    try:
        return tuple(Version.model_validate_json(row.content) for row in connection.execute(query))
    except ValidationError as error:
        raise DictationError(
            "A signed version of this case was written by a newer version of this program, or is damaged; update the "
            "program, or restore a backup."
        ) from error


def faults(connection: Connection) -> tuple[str, ...]:
    """Return one sentence for each version that is not as it was signed, that is missing, or that nobody signed."""
    found: list[str] = []
    signed = _signatures(connection)
    last: dict[str, str] = {}
    query = select(versions).order_by(versions.c.case_id, versions.c.number)
    for row in connection.execution_options(yield_per=100).execute(query):
        name = f"Version {row.number} of the case {row.case_id}"
        last[row.case_id] = row.state
        known = signed.pop((row.case_id, row.number), None)
        if sha256(row.content) != row.sha256:
            found.append(f"{name} was changed: its text is not what was signed.")
        elif known is None:
            found.append(f"{name} was put there: the audit trail knows no such signature.")
        elif known != row.sha256:
            found.append(f"{name} was changed: the audit trail knows another one.")
        elif not _agrees(row):
            found.append(f"{name} was changed: its author, time or state is not what was signed.")
    found += [f"Version {number} of the case {case_id} is missing." for case_id, number in signed]
    sent = _sent(connection)
    for case in connection.execute(select(cases.c.id, cases.c.state, cases.c.sent_at)):
        known_at = sent.get(case.id, "")
        if case.sent_at != known_at if known_at is not None else not case.sent_at:
            found.append(
                f"The case {case.id} was changed: the audit trail knows otherwise whether and when it was sent."
            )
        if case.state != last.get(case.id, "draft"):
            found.append(f"The case {case.id} was changed: it is called {case.state}, which nobody signed.")
    return tuple(found)


def _answers(version: Version, before: Version | None) -> Iterator[dict[str, str | bool]]:
    """What a signature answers for critical results: told, to be told, signed over or dismissed with a reason.

    Whom and why stand in the version, whose hash the trail holds.
    """
    known = before.communications if before is not None else ()
    for told in version.communications:
        if told not in known:
            yield {"answer": "told", "method": told.method, "at": told.at.isoformat(), "read_back": told.read_back}
    for plan in version.planned:
        yield {"answer": "to be told", "method": plan.method, "result": plan.discrepancy_id}
    for over in version.overrides:
        if over.kind == "critical":
            yield {"answer": "signed over", "result": over.discrepancy_id}
    results = {one.id for one in version.case.discrepancies if one.kind == CRITICAL_RESULT}
    answered = {plan.discrepancy_id for plan in version.planned} | {over.discrepancy_id for over in version.overrides}
    for decision in version.case.decisions:
        if decision.action == "dismiss" and decision.discrepancy_id in results - answered:
            yield {"answer": "dismissed", "result": decision.discrepancy_id}


def _check(case: Row[Any], last: Version | None, version: Version) -> None:
    if last is not None and (last.state, last.text) == (version.state, version.text):
        raise UsageError("This report is signed already, with the same content; open the next case.")
    if version.state not in _FOLLOWS[case.state]:
        what = "with an addendum" if case.state in ("final", "addended") else "as preliminary or final"
        raise UsageError(f"A report that is {case.state} can only be signed {what}.")
    if version.state == "addended" and last is not None and not version.text.startswith(last.text):
        raise UsageError("An addendum repeats what was signed, word for word, before its own; write it behind that.")


def _columns(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "state": version.state,
        "author": storable(version.author),
        "role": version.role,
        "reason": storable(version.reason),
        "at": at(version.at),
    }


def _agrees(row: Row[Any]) -> bool:
    """Whether the columns of a version say what its content says; the content itself is as it was signed."""
    stated = from_json(row.content)
    stated |= {"at": at(datetime.fromisoformat(stated["at"]))}
    return all(getattr(row, name) == stated[name] for name in ("number", "state", "role", "at")) and (
        (row.author, row.reason) == (storable(stated["author"]), storable(stated["reason"]))
    )


def _sent(connection: Connection) -> dict[str, str | None]:
    """When the last version of each case went out, "" for not, None where an older program did not write when."""
    query = select(audit.c.case_id, audit.c.what, audit.c.detail).where(audit.c.what.in_((SIGNED, SENT)))
    found: dict[str, str | None] = {}
    for row in connection.execute(query.order_by(audit.c.number)):
        found[row.case_id] = ""
        if row.what == SENT:
            found[row.case_id] = None
            with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
                found[row.case_id] = from_json(row.detail)["at"]
    return found


def _signatures(connection: Connection) -> dict[tuple[str, int], str]:
    """The hash of each version that the audit trail knows."""
    query = select(audit.c.case_id, audit.c.detail).where(audit.c.what == SIGNED)
    found = {}
    for row in connection.execute(query):
        with suppress(ValueError, KeyError, TypeError):  # an entry that was changed: the trail tells of it
            detail = from_json(row.detail)
            found[row.case_id, detail["number"]] = detail["sha256"]
    return found
