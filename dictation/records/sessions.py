"""Sessions of signed-in users, on the server: the browser has a random token, the records only its SHA-256.

A session ends when it was not used for a while, at the latest after a day's work, when its user signs out, and with
every change of the account. One that could not be ended in the database is none to this program, and goes with the
next change that is taken there.
"""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import Connection, Row, delete, insert, select, update

from dictation.records.records import Records
from dictation.records.rights import User
from dictation.records.schema import sessions, users
from dictation.records.text import at, sha256
from dictation.records.trail import Trail
from dictation.records.user_trail import SIGNED_IN, SIGNED_OUT
from dictation.records.users import user_of

TOKEN_BYTES = 32
USED_AGAIN = timedelta(minutes=1)  # that a session is used is noted so often at most
MOST_KEPT = 10_000  # sessions that are known, and that the database did not end; it takes so many in one query


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
        self._lock = Lock()
        self._known: dict[str, None] = {}  # SHA-256 of tokens that were good here, what was used last at the end
        self._unended: dict[str, bool] = {}  # SHA-256 of a token → whether it was known, or may be made up

    def begin(self, name: str, before: str = "", address: str = "") -> str:
        """Return the token of a new session, which is never one that a browser brought along; `before` ends."""
        with self._records.recorded() as (connection, trail):
            return self.begun(connection, trail, name, before, address)

    def begun(self, connection: Connection, trail: Trail, name: str, before: str, address: str) -> str:
        """The same within a transaction."""
        token, time = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        key, ends_at = sha256(token), at(time + self._lasting.most)
        self._end_unended(connection, trail)
        self._forget(connection, before)
        connection.execute(delete(sessions).where(sessions.c.ends_at < at(time)))
        connection.execute(
            insert(sessions).values(token=key, name=name, created_at=at(time), used_at=at(time), ends_at=ends_at)
        )
        trail.add("", SIGNED_IN, name, {"address": address, "session": key, "ends_at": ends_at})
        return token

    def user(self, token: str, *, is_used: bool = True) -> User | None:
        """Return whose session it is, None where it has ended; not `is_used`: looking does not keep it alive."""
        key, time = sha256(token), self._clock()
        if not token or key in self._unended:
            return None
        with self._records.reading() as connection:
            row = next(iter(self._present(connection, [key], time)), None)
        if row is None:
            return None
        self._note_known(key)
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
        self._note_unended(key)  # from now on, however long the database takes
        with self._records.recorded() as (connection, trail):
            self._end(connection, trail, [key])
        self._forget_unended([key])

    def _note_known(self, key: str) -> None:
        with self._lock:
            self._known.pop(key, None)
            self._known[key] = None
            if len(self._known) > MOST_KEPT:
                del self._known[next(iter(self._known))]

    def _note_unended(self, key: str) -> None:
        """While the database fails anybody can send what is no token: that takes the place of no session."""
        with self._lock:
            self._unended[key] = key in self._known or self._unended.get(key, False)
            if len(self._unended) > MOST_KEPT:
                made_up = (one for one, was_known in self._unended.items() if not was_known)
                del self._unended[next(made_up, next(iter(self._unended)))]

    def _forget_unended(self, keys: Collection[str]) -> None:
        with self._lock:
            for key in keys:
                self._unended.pop(key, None)

    def _end(self, connection: Connection, trail: Trail, keys: Collection[str]) -> None:
        ended = self._present(connection, keys, self._clock())
        connection.execute(delete(sessions).where(sessions.c.token.in_(keys)))
        for row in ended:
            trail.add("", SIGNED_OUT, row.name, {"session": row.token})

    def _end_unended(self, connection: Connection, trail: Trail) -> None:
        """End what the database did not, and forget what it has no longer, which a change before this one ended.

        What is ended now stays in mind until the next change: this transaction, too, may come to nothing.
        """
        with self._lock:
            keys = tuple(self._unended)
        if not keys:
            return
        kept = set(connection.execute(select(sessions.c.token).where(sessions.c.token.in_(keys))).scalars())
        self._forget_unended([key for key in keys if key not in kept])
        if kept:
            self._end(connection, trail, kept)

    def _present(self, connection: Connection, keys: Collection[str], time: datetime) -> Sequence[Row[tuple[str, ...]]]:
        query = (
            select(users, sessions.c.token, sessions.c.used_at)
            .join(sessions, sessions.c.name == users.c.name)
            .where(sessions.c.token.in_(keys), sessions.c.ends_at > at(time), ~users.c.is_disabled)
            .where(sessions.c.used_at > at(time - self._lasting.idle))
        )
        return connection.execute(query).all()

    def _forget(self, connection: Connection, token: str) -> None:
        if token:
            connection.execute(delete(sessions).where(sessions.c.token == sha256(token)))
