"""What the audit trail holds of users and their sessions, and whether they are still what it says."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from dictation.records.schema import audit, sessions, users
from dictation.records.text import at, from_json, sha256

ADDED, ROLE, DISPLAY = "user added", "role changed", "name on reports changed"  # in the audit trail
DISABLED, ENABLED = "user disabled", "user enabled"
PASSWORD, OWN_PASSWORD, HASHED_AGAIN = "password changed", "own password changed", "password hashed again"
SIGNED_IN, SIGNED_OUT = "signed in", "signed out"
_ENDING = (ROLE, DISPLAY, DISABLED, ENABLED, PASSWORD)  # all sessions of a user
_LONGEST = timedelta(days=7)  # a session of an older program, which did not write into the trail which one it was
_KNOWN = (ADDED, ROLE, DISPLAY, DISABLED, ENABLED, PASSWORD, OWN_PASSWORD, HASHED_AGAIN)
_FIELDS = {
    "role": "role", "display": "name on reports", "is_disabled": "state", "password": "password",
    "must_change": "word on whether the password has to be changed", "former": "password before",
    "browser_key": "key of their browser",
}  # fmt: skip


def of_password(hash_: str, *, must_change: bool, former: str = "") -> dict[str, str | bool]:
    """Return what the audit trail holds of a password: no more of its hash than tells whether it is another one.

    The same of `former`, the hashes of those before.
    """
    return {"password": sha256(hash_) if hash_ else "", "must_change": must_change, "former": sha256(former)}


def faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each user, and each session, that is not as the audit trail knows it."""
    yield from (sentence for _, sentence in unlike(connection))
    known, older = _known_sessions(connection)
    for row in connection.execute(select(sessions).order_by(sessions.c.name)):
        is_known = known.get(row.name, {}).get(row.token) == row.ends_at or row.ends_at <= older.get(row.name, "")
        if not is_known or not row.created_at <= row.used_at <= row.ends_at:
            yield f"A session of the user {row.name} was put there or changed: the audit trail knows no such sign-in."


def unlike(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the name and one sentence for each of them."""
    known_users = _known_users(connection)
    for row in connection.execute(select(users).order_by(users.c.name)):
        expected = known_users.pop(row.name, None)
        if expected is None:
            yield row.name, f"The user {row.name} was put there: the audit trail knows nobody of that name."
            continue
        present = {
            "role": row.role, "display": row.display, "is_disabled": row.is_disabled,
            **of_password(row.hash, must_change=row.must_change, former=row.former),
            "browser_key": sha256(row.browser_key),
        }  # fmt: skip
        for field, value in expected.items():
            if present[field] != value:
                yield row.name, f"The user {row.name} was changed: the audit trail knows another {_FIELDS[field]}."
    for name in known_users:
        yield name, f"The user {name} is missing: the audit trail knows that they were added."


def _known_sessions(connection: Connection) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """When each session of each user ends, and until when one of an older program may last that it knows nothing of."""
    known: dict[str, dict[str, str]] = {}
    older: dict[str, str] = {}
    query = select(audit.c.what, audit.c.by, audit.c.at, audit.c.detail)
    query = query.where(audit.c.case_id == "", audit.c.what.in_((SIGNED_IN, SIGNED_OUT, *_ENDING)))
    for row in connection.execute(query.order_by(audit.c.number)):
        with suppress(ValueError, KeyError, TypeError, AttributeError):  # an entry that was changed: the trail tells it
            detail = from_json(row.detail)
            if row.what in _ENDING:
                known.pop(detail["user"], None)
            elif row.what == SIGNED_OUT:
                known.get(row.by, {}).pop(detail.get("session"), None)
            elif "session" in detail:
                known.setdefault(row.by, {})[detail["session"]] = detail["ends_at"]
            else:
                older[row.by] = at(datetime.fromisoformat(row.at) + _LONGEST)
    return known, older


def _known_users(connection: Connection) -> dict[str, dict[str, Any]]:
    """What the audit trail knows of each user: what an older program did not write there is not in it."""
    found: dict[str, dict[str, Any]] = {}
    query = select(audit.c.what, audit.c.by, audit.c.detail).where(audit.c.case_id == "", audit.c.what.in_(_KNOWN))
    for row in connection.execute(query.order_by(audit.c.number)):
        with suppress(ValueError, KeyError, TypeError, AttributeError):  # an entry that was changed: the trail tells it
            detail = from_json(row.detail)
            user = found.setdefault(detail.get("user", row.by), {}) if row.what != ADDED else {}
            if row.what == ADDED:
                found[detail["user"]] = {**user, "is_disabled": False, **_fields_in(detail)}
            elif row.what == ROLE:
                user["role"] = detail["to"]
            elif row.what == DISPLAY:
                user["display"] = detail["to"]
            elif row.what in (DISABLED, ENABLED):
                user["is_disabled"] = row.what == DISABLED
            else:
                for field in () if row.what == HASHED_AGAIN else ("password", "must_change", "former"):
                    user.pop(field, None)  # an older program wrote no more than that there is another one
                user |= _fields_in(detail)
    return found


def _fields_in(detail: dict[str, Any]) -> dict[str, Any]:
    return {field: detail[field] for field in _FIELDS if field in detail}
