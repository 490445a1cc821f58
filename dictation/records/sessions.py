"""Sessions of signed-in users, on the server: the browser has a random token, the records only its SHA-256.

A session ends when it was not used for a while, at the latest after a day's work, when its user signs out, and with
every change of the account. One that could not be ended in the database is none to this program, and goes with the
next change that is taken there.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from dictation.records.records import Records
from dictation.records.rights import User
from dictation.records.schema import sessions, users
from dictation.records.text import at, sha256
from dictation.records.trail import Trail
from dictation.records.users import user_of

TOKEN_BYTES = 32
USED_AGAIN = timedelta(minutes=1)  # that a session is used is noted so often at most
MOST_UNENDED = 10_000  # sessions that the database did not end: while it fails anybody can send what is no token


@dataclass(frozen=True)
class Lasting:
    """How long a session lasts."""

    idle: timedelta = timedelta(hours=1)
    most: timedelta = timedelta(hours=12)


class Sessions:
    """The sessions in the records. Safe to use from several threads and programs at once."""

    def __init__(
        self,
        records: Records,
        lasting: Lasting | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._records, self._lasting, self._clock = records, lasting or Lasting(), clock
        self._unended: dict[str, datetime] = {}  # SHA-256 of a token → when nobody need think of it any more

    def begin(self, name: str, before: str = "", address: str = "") -> str:
        """Return the token of a new session, which is never one that a browser brought along; `before` ends."""
        with self._records.recorded() as (connection, trail):
            return self.begun(connection, trail, name, before, address)

    def begun(self, connection: Connection, trail: Trail, name: str, before: str, address: str) -> str:
        """The same within a transaction."""
        token, time = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        self._end_unended(connection, trail)
        self._forget(connection, before)
        connection.execute(delete(sessions).where(sessions.c.ends_at < at(time)))
        connection.execute(
            insert(sessions).values(
                token=sha256(token), name=name, created_at=at(time), used_at=at(time),
                ends_at=at(time + self._lasting.most),
            )
        )  # fmt: skip
        trail.add("", "signed in", name, {"address": address})
        return token

    def user(self, token: str, *, is_used: bool = True) -> User | None:
        """Return whose session it is, None where it has ended; not `is_used`: looking does not keep it alive."""
        key, time = sha256(token), self._clock()
        if not token or key in self._unended:
            return None
        with self._records.reading() as connection:
            row = self._present(connection, key, time)
        if row is None:
            return None
        if is_used and datetime.fromisoformat(row.used_at) + USED_AGAIN < time:
            with self._records.recorded() as (connection, trail):
                self._end_unended(connection, trail)
                connection.execute(update(sessions).where(sessions.c.token == key).values(used_at=at(time)))
        return user_of(row)

    def end(self, token: str) -> None:
        """Sign out; a token that is none changes nothing.

        Raises what the database raises; the session is none to this program then, too.
        """
        key = sha256(token)
        self._unended[key] = self._clock() + self._lasting.most  # from now on, however long the database takes
        while len(self._unended) > MOST_UNENDED:
            del self._unended[next(iter(self._unended))]
        with self._records.recorded() as (connection, trail):
            self._end(connection, trail, key)
        self._unended.pop(key, None)

    def _end(self, connection: Connection, trail: Trail, key: str) -> None:
        row = self._present(connection, key, self._clock())
        connection.execute(delete(sessions).where(sessions.c.token == key))
        if row is not None:
            trail.add("", "signed out", row.name)

    def _end_unended(self, connection: Connection, trail: Trail) -> None:
        """Those that are ended stay in mind: this transaction, too, may come to nothing."""
        time = self._clock()
        for key, until in tuple(self._unended.items()):
            self._end(connection, trail, key)
            if until < time:
                self._unended.pop(key, None)

    def _present(self, connection: Connection, key: str, time: datetime) -> Row[tuple[str, ...]] | None:
        query = (
            select(users, sessions.c.used_at)
            .join(sessions, sessions.c.name == users.c.name)
            .where(sessions.c.token == key, sessions.c.ends_at > at(time), ~users.c.is_disabled)
            .where(sessions.c.used_at > at(time - self._lasting.idle))
        )
        return connection.execute(query).first()

    def _forget(self, connection: Connection, token: str) -> None:
        if token:
            connection.execute(delete(sessions).where(sessions.c.token == sha256(token)))
