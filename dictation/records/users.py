"""The users of a department's server: who they are, what they may do, and their passwords as Argon2 hashes.

Whatever changes an account ends its sessions, in the same transaction. Every change is in the audit trail.
"""

import re
import secrets
from contextlib import suppress
from typing import Any, get_args

from sqlalchemy import Connection, Row, delete, insert, select, update

from dictation.errors import MissingError, UsageError
from dictation.extras import install_command
from dictation.frozen import Frozen
from dictation.records.leaving import Waiting, waiting
from dictation.records.passwords import LONGEST, checked, composed
from dictation.records.records import Records
from dictation.records.rights import SIGNING, Role, User
from dictation.records.schema import sessions, users
from dictation.records.text import now, sha256, storable
from dictation.records.trail import Detail
from dictation.records.user_trail import ADDED, DISABLED, DISPLAY, ENABLED, PASSWORD, ROLE, of_password
from dictation.unseen import UNSEEN, seen

LONGEST_DISPLAY = 100
FORMER = 5  # passwords of a user that do not come back
SAME = f"The new password is one of the {FORMER + 1} that this user had last; choose another one."
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


class Account(Frozen):
    """One user as the administrator sees it. `created_at` is UTC."""

    name: str
    display: str
    role: Role
    is_disabled: bool
    has_password: bool
    created_at: str


def _shown(display: str) -> str:
    if UNSEEN.search(display):
        raise UsageError("A name on reports has no control characters; type it anew, with letters, signs and blanks.")
    return " ".join(storable(display).split())


class Users:
    """The users in the records. Safe to use from several threads and programs at once."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def add(self, name: str, display: str, role: str, password: str | None, by: str) -> None:
        """Add a user; without a password they sign in elsewhere (OIDC, proxy), with one they change it first.

        Raises UsageError for names, a role or a password that cannot be, and for a name that is taken.
        """
        name = checked_name(name)
        display = _shown(display)[:LONGEST_DISPLAY] or name
        role, hash_ = checked_role(role), "" if password is None else _hashed(password, name, display)
        key = secrets.token_hex(32)
        with self._records.recorded() as (connection, trail):
            if _row(connection, name) is not None:
                raise UsageError(f"There is a user {name} already; choose another name.")
            connection.execute(
                insert(users).values(
                    name=name, display=display, role=role, hash=hash_, browser_key=key,
                    is_disabled=False, created_at=now(), must_change=bool(hash_),
                )
            )  # fmt: skip
            detail = {
                "user": name, "role": role, "display": display, "browser_key": sha256(key),
                **of_password(hash_, must_change=bool(hash_)),
            }  # fmt: skip
            trail.add("", ADDED, by, detail)

    def set_role(self, name: str, role: str, by: str) -> None:
        """Give a user another role. Raises UsageError for an unknown user or role."""
        role = checked_role(role)
        leaves = {} if role in SIGNING else self._leaves(name)
        with self._records.recorded() as (connection, trail):
            before = known(connection, name)
            if before.role == role:
                return
            connection.execute(update(users).where(users.c.name == before.name).values(role=role))
            _end_sessions(connection, before.name)
            trail.add("", ROLE, by, {"user": before.name, "from": before.role, "to": role, **leaves})

    def set_display(self, name: str, display: str, by: str) -> None:
        """Give a user another name on reports; what is signed keeps the one that it has.

        Raises UsageError for an unknown user, or a name that is empty or too long.
        """
        display = _shown(display)
        if not 1 <= len(display) <= LONGEST_DISPLAY:
            raise UsageError(f"A name on reports has 1 to {LONGEST_DISPLAY} characters; choose another one.")
        with self._records.recorded() as (connection, trail):
            before = known(connection, name)
            if before.display == display:
                return
            connection.execute(update(users).where(users.c.name == before.name).values(display=display))
            _end_sessions(connection, before.name)
            detail = {"user": before.name, "from": before.display, "to": display}
            trail.add("", DISPLAY, by, detail)

    def set_password(self, name: str, password: str, by: str) -> None:
        """Give a user another password, which they change when they sign in.

        Raises UsageError for an unknown user, or a password that cannot be, or is the one that they have.
        """
        with self._records.reading() as connection:
            row = known(connection, name)
        hash_ = _hashed(password, row.name, row.display)
        if was_used(row, password):
            raise UsageError(SAME)
        values = {"hash": hash_, "must_change": True, "former": former(row)}
        self._change(name, PASSWORD, by, of_password(hash_, must_change=True, former=former(row)), **values)

    def disable(self, name: str, by: str) -> None:
        """Let a user sign in no more. Nothing of them is deleted: their name stands under what they signed."""
        self._change(name, DISABLED, by, is_disabled=True)

    def enable(self, name: str, by: str) -> None:
        """Let a user sign in again."""
        self._change(name, ENABLED, by, is_disabled=False)

    def waiting(self, name: str, *, with_unsent: bool = False) -> tuple[Waiting, ...]:
        """Return the cases of a user that wait for something, as `leaving.waiting` does.

        Raises UsageError for an unknown user.
        """
        with self._records.reading() as connection:
            return tuple(waiting(connection, known(connection, name).name, with_unsent=with_unsent))

    def left(self, *, with_unsent: bool = False) -> tuple[Waiting, ...]:
        """Return the same of all users who are disabled, or whose role does not sign."""
        with self._records.reading() as connection:
            return tuple(waiting(connection, None, with_unsent=with_unsent))

    def all(self) -> tuple[Account, ...]:
        """Return all users, by name."""
        with self._records.reading() as connection:
            rows = connection.execute(select(users).order_by(users.c.name)).all()
        return tuple(
            Account(
                name=row.name, display=row.display, role=row.role, is_disabled=row.is_disabled,
                has_password=bool(row.hash), created_at=row.created_at,
            )
            for row in rows
        )  # fmt: skip

    def named(self, name: str) -> User | None:
        """Return the user of this name; None for an unknown or disabled one."""
        with self._records.reading() as connection:
            row = _row(connection, name.strip().lower())
        return user_of(row) if row is not None and not row.is_disabled else None

    def browser_key(self, name: str) -> str:
        """Return what this user's browser encrypts its unsent sound with: 256 bits, hexadecimal; "" for nobody."""
        with self._records.reading() as connection:
            row = _row(connection, name)
        return str(row.browser_key) if row is not None else ""

    def _leaves(self, name: str) -> dict[str, int]:
        """How many cases of a user wait for something, where there are any; counted before others have to wait."""
        count = len(self.waiting(name))
        return {"leaves": count} if count else {}

    def _change(self, name: str, what: str, by: str, detail: Detail | None = None, **values: Any) -> None:
        leaves = self._leaves(name) if values.get("is_disabled") else {}
        with self._records.recorded() as (connection, trail):
            row = known(connection, name)
            connection.execute(update(users).where(users.c.name == row.name).values(**values))
            _end_sessions(connection, row.name)
            trail.add("", what, by, {"user": row.name, **leaves, **(detail or {})})


def user_of(row: Row[Any]) -> User:
    """The user of a row."""
    return User(name=row.name, display=seen(row.display), role=row.role, must_change=row.must_change)


def known(connection: Connection, name: str) -> Row[Any]:
    """Return the row of a user. Raises UsageError for an unknown one."""
    row = _row(connection, name.strip().lower())
    if row is None:
        raise UsageError(f"There is no user {name}; see: dictation user list")
    return row


def checked_name(name: str) -> str:
    """Return a name as it is stored. Raises UsageError."""
    is_plain, name = name.isascii(), name.strip().lower()  # a Kelvin sign is a k by then, and its user another one
    if not (is_plain and _NAME.fullmatch(name)):
        raise UsageError("A user's name is up to 64 letters a to z, digits and . _ @ + -, and begins with one of them.")
    return name


def checked_role(role: str) -> Role:
    """Return a role. Raises UsageError."""
    found: Role | None = next((one for one in get_args(Role) if one == role.strip().lower()), None)
    if found is None:
        raise UsageError(f"A role is one of {', '.join(get_args(Role))}.")
    return found


def fits(hash_: str, password: str) -> bool:
    """Whether it is the password, as it is hashed now or, as before, just as it was typed. Raises MissingError."""
    from argon2.exceptions import InvalidHashError, VerificationError

    for one in dict.fromkeys((composed(password), password)):
        with suppress(VerificationError, InvalidHashError):
            return bool(hasher().verify(hash_, one[: LONGEST + 1]))
    return False


def was_used(row: Row[Any], password: str) -> bool:
    """Whether it is the password of a user, or one of their last ones."""
    return any(fits(hash_, password) for hash_ in (row.hash, *row.former.split()))


def former(row: Row[Any]) -> str:
    """The hashes of a user's last passwords, as they are kept once there is another one."""
    return " ".join([row.hash, *row.former.split()][:FORMER])


def hasher() -> Any:
    """Return Argon2id with the library's own parameters, RFC 9106's second choice. Raises MissingError."""
    try:
        from argon2 import PasswordHasher
    except ImportError as error:
        fix = install_command("hospital")
        raise MissingError(f"Passwords need the package argon2-cffi; install it with {fix}.") from error
    return PasswordHasher()


def _row(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(users).where(users.c.name == storable(name)[:64])).first()


def _hashed(password: str, *names: str) -> str:
    """The Argon2id hash of a new password. Raises as `passwords.checked`, MissingError without argon2."""
    return str(hasher().hash(checked(password, *names)))


def _end_sessions(connection: Connection, name: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.name == name))
