"""A name and a password are tried: slowly where they failed before, and with one answer whatever was wrong.

A try counts as failed before it is looked at, in the database: many at once, or a restart, win nothing. An unknown name
takes as long as a wrong password. Whoever guesses one name from everywhere slows it down everywhere but where its user
has signed in: nobody can keep them out there. Whoever changes their password tries the old one in the same way.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, update

from dictation.errors import DictationError, UsageError
from dictation.records.customer import customer
from dictation.records.passwords import LONGEST, checked, composed
from dictation.records.records import Records
from dictation.records.schema import audit, sessions, sign_in_failures, users
from dictation.records.sessions import Sessions
from dictation.records.text import at, from_json, sha256, storable
from dictation.records.user_trail import HASHED_AGAIN, OWN_PASSWORD, of_password
from dictation.records.users import SAME, fits, former, hasher, known, was_used

FREE_TRIES, LONGEST_WAIT_S = 5, 900  # of a name at an address
FREE_TRIES_THERE, LONGEST_WAIT_THERE_S = 50, 60  # of an address, which a department may share
FREE_TRIES_ANYWHERE, LONGEST_WAIT_ANYWHERE_S = 20, 60  # of a name at all addresses where its user is not known
KNOWN = timedelta(days=30)  # since they signed in there
FORGOTTEN = timedelta(hours=24)
AT_ONCE = 2  # a hash takes 64 MiB and all of a core
LONGEST_TYPED = 4 * LONGEST  # characters, before accents and letters are put together
WRONG = "The name or the password is wrong."
WRONG_OLD = "The current password is wrong."
FAILED = "sign-in failed"


class Refused(DictationError):
    """Nobody was signed in. `wait_s`: seconds before it may be tried again, 0 for at once."""

    def __init__(self, wait_s: int = 0, why: str = WRONG) -> None:
        self.wait_s = wait_s
        again = f" Try again in {wait_s} s." if wait_s else ""
        super().__init__(f"{why}{again}")


class _Keys(NamedTuple):
    """Under which a try is counted; `known` is there where its user signed in, with no failure."""

    own: str
    there: str
    anywhere: str
    known: str

    @classmethod
    def of(cls, name: str, address: str) -> "_Keys":
        there = customer(address)
        return cls(*map(sha256, (f"{name}\n{there}", there, f"{name}\n", f"{name}\n{there}\nknown")))


class SigningIn:
    """Sign-in by password. Safe to use from several threads."""

    def __init__(
        self, records: Records, sessions: Sessions, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._records, self._sessions, self._clock = records, sessions, clock
        self._hasher = hasher()
        self._nobodys = self._hasher.hash("no user has this password")
        self._room = threading.BoundedSemaphore(AT_ONCE)

    def sign_in(self, name: str, password: str, address: str, before: str = "") -> str:
        """Return the token of a new session. Raises Refused, which never says what was wrong."""
        name = storable(name).strip().lower()[:64]
        keys, hash_ = self._tried(name, password, address)
        with self._records.recorded() as (connection, trail):
            if hash_ and _hash_of(connection, name) == hash_:  # unless it was changed meanwhile
                if self._hasher.check_needs_rehash(hash_):
                    new = str(self._hasher.hash(composed(password)))
                    connection.execute(update(users).where(users.c.name == name).values(hash=new))
                    trail.add("", HASHED_AGAIN, name, {"password": sha256(new)})
                _forget(connection, keys)
                _note_known(connection, keys.known, at(self._clock()))
                return self._sessions.begun(connection, trail, name, before, address)
            is_known = connection.execute(select(users.c.name).where(users.c.name == name)).first() is not None
            trail.add("", FAILED, name if is_known else "", {"address": address})
        raise Refused(self._next_wait_s(keys.own))

    def change_password(self, name: str, old: str, new: str, address: str, session: str) -> None:
        """Give a user who is signed in another password, and end their sessions but the one of this token.

        Raises UsageError for a new one that cannot be, Refused where the old one is wrong, which counts as a sign-in
        that failed.
        """
        with self._records.reading() as connection:
            row = known(connection, name)
        new = checked(new, row.name, row.display)
        if new == composed(old):
            raise UsageError(SAME)
        try:
            keys, hash_ = self._tried(name, old, address)
        except Refused as error:
            raise Refused(error.wait_s, WRONG_OLD) from None
        is_used = bool(hash_) and was_used(row, new)  # told to nobody who does not know the password
        new_hash = self._hashed(new) if hash_ and not is_used else ""
        with self._records.recorded() as (connection, trail):
            if hash_ and _hash_of(connection, name) == hash_:  # unless it was changed meanwhile
                _forget(connection, keys)
                if new_hash:
                    values = {"hash": new_hash, "must_change": False, "former": former(row)}
                    connection.execute(update(users).where(users.c.name == name).values(**values))
                    others = (sessions.c.name == name) & (sessions.c.token != sha256(session))
                    connection.execute(delete(sessions).where(others))
                    detail = {"address": address, **of_password(new_hash, must_change=False, former=former(row))}
                    trail.add("", OWN_PASSWORD, name, detail)
                    return
            else:
                trail.add("", FAILED, name, {"address": address, "asked": "another password"})
        if is_used:
            raise UsageError(SAME)
        raise Refused(self._next_wait_s(keys.own), WRONG_OLD)

    def _tried(self, name: str, password: str, address: str) -> tuple[_Keys, str]:
        """Count a try as failed, and return the hash of the password, "" where it is wrong. Raises Refused."""
        keys = _Keys.of(name, address)
        self._set_right(keys)
        with self._records.reading() as connection:  # whoever goes on trying keeps nobody from the database
            self._check_wait(connection, keys)
        with self._records.recorded() as (connection, _):
            self._check_wait(connection, keys)
            self._count(connection, keys)
            hash_ = _hash_of(connection, name)
        return keys, hash_ if self._fits(hash_ or self._nobodys, password) else ""

    def _hashed(self, password: str) -> str:
        with self._room:
            return str(self._hasher.hash(password))

    def _fits(self, hash_: str, password: str) -> bool:
        with self._room:
            return fits(hash_, password[:LONGEST_TYPED])

    def _set_right(self, keys: _Keys) -> None:
        """A time that is still to come was noted while the clock was wrong: it counts as now, from now on."""
        last_at, time = sign_in_failures.c.last_at, at(self._clock())
        query = select(last_at).where(sign_in_failures.c.key.in_(keys), last_at > time)
        with self._records.reading() as connection:
            if connection.execute(query).first() is None:
                return
        with self._records.recorded() as (connection, _):
            connection.execute(update(sign_in_failures).where(last_at > time).values(last_at=time))

    def _check_wait(self, connection: Connection, keys: _Keys) -> None:
        """Raise Refused for a try that comes too early, which counts nowhere: it was not looked at."""
        query = select(sign_in_failures).where(sign_in_failures.c.key.in_(keys))
        rows = {row.key: row for row in connection.execute(query)}
        limits = {keys.own: (FREE_TRIES, LONGEST_WAIT_S), keys.there: (FREE_TRIES_THERE, LONGEST_WAIT_THERE_S)}
        time, wait_s = self._clock(), 0.0
        if keys.known not in rows or rows[keys.known].last_at < at(time - KNOWN):
            limits[keys.anywhere] = (FREE_TRIES_ANYWHERE, LONGEST_WAIT_ANYWHERE_S)
        for key in limits.keys() & rows.keys():
            last = min(datetime.fromisoformat(rows[key].last_at), time)  # another server's clock may be ahead
            ready = last + timedelta(seconds=_wait_s(rows[key].failures, *limits[key]))
            wait_s = max(wait_s, (ready - time).total_seconds())
        if wait_s > 0:
            raise Refused(max(1, round(wait_s)))

    def _count(self, connection: Connection, keys: _Keys) -> None:
        """Count a try as failed."""
        time, count, last_at = self._clock(), sign_in_failures.c.failures, sign_in_failures.c.last_at
        is_over = or_(last_at < at(time - KNOWN), (count > 0) & (last_at < at(time - FORGOTTEN)))
        connection.execute(delete(sign_in_failures).where(is_over))
        for key in (keys.own, keys.there, keys.anywhere):
            values = {"failures": count + 1, "last_at": at(time)}
            chosen = update(sign_in_failures).where(sign_in_failures.c.key == key)
            if not connection.execute(chosen.values(**values)).rowcount:
                connection.execute(insert(sign_in_failures).values(key=key, failures=1, last_at=at(time)))

    def _next_wait_s(self, key: str) -> int:
        with self._records.reading() as connection:
            query = select(sign_in_failures.c.failures).where(sign_in_failures.c.key == key)
            return _wait_s(connection.execute(query).scalar() or 0, FREE_TRIES, LONGEST_WAIT_S)


def unlock(records: Records, name: str, by: str) -> None:
    """Forget the failures of a user's name, wherever they came from. Raises UsageError for an unknown user.

    What an address failed with other names goes on counting there.
    """
    with records.reading() as connection:  # a long trail is read while others go on writing
        name = known(connection, name).name
        query = select(audit.c.detail).where(audit.c.what == FAILED, audit.c.by == name).distinct()
        found = [from_json(detail)["address"] for detail in connection.execute(query).scalars()]
    with records.recorded() as (connection, trail):
        for address in {*found, ""}:
            keys = _Keys.of(name, address)
            which = sign_in_failures.c.key.in_((keys.own, keys.anywhere))
            connection.execute(delete(sign_in_failures).where(which))
        trail.add("", "sign-in unlocked", by, {"user": name})


def _hash_of(connection: Connection, name: str) -> str:
    """The hash of a user who may sign in by password, "" where there is none."""
    query = select(users.c.hash).where(users.c.name == name, ~users.c.is_disabled)
    return str(connection.execute(query).scalar() or "")


def _forget(connection: Connection, keys: _Keys) -> None:
    """This try had not failed, and those of this name here before it do not count any more."""
    key, count = sign_in_failures.c.key, sign_in_failures.c.failures
    connection.execute(delete(sign_in_failures).where(key == keys.own))
    elsewhere = update(sign_in_failures).where(key.in_((keys.there, keys.anywhere)))
    connection.execute(elsewhere.values(failures=count - 1))


def _note_known(connection: Connection, known: str, time: str) -> None:
    """From now on the user of this name is known here."""
    connection.execute(delete(sign_in_failures).where(sign_in_failures.c.key == known))
    connection.execute(insert(sign_in_failures).values(key=known, failures=0, last_at=time))


def _wait_s(failures: int, free: int, longest_s: int) -> int:
    """Seconds after the last of so many failures: none at first, then twice as long each time."""
    return 0 if failures < free else int(min(longest_s, 2 ** min(20, failures - free + 1)))
