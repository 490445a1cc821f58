"""A database of an older program comes to the newest schema only where nobody else has the cases open.

A server of the older program would go on with tables that are no longer those it knows.
"""

import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text

from dictation.errors import UsageError
from dictation.records import in_use, swapping
from dictation.records.database import (
    PATIENCE_S,
    USE_LOCK,
    Database,
    alone_on_server,
    is_there,
    newest_revision,
    upgrade,
)

_ENDING_S = 5.0  # in which a program that was stopped has ended, or one that starts has looked


def is_older(url: str, home: Path) -> bool:
    """Tell whether the database of `url` ("": the file in `home`) is there and of an older program."""
    if not is_there(url, home):
        return False
    with closing(Database.as_it_is(url, home)) as database, database.reading() as connection:
        return database.revision(connection) not in ("", newest_revision())


def migrate(url: str, home: Path) -> None:
    """Bring an older database to the newest schema; to be called by who does not have it open themselves.

    Raises UsageError where somebody has, here or, with PostgreSQL, on another machine; DictationError where it cannot
    be done. Then nothing was changed.
    """
    with swapping.alone(home, PATIENCE_S):  # no restore meanwhile, and one program of this machine at a time
        if not is_older(url, home):
            return
        with closing(Database.as_it_is(url, home)) as database:
            try:
                with in_use.alone(home, _ENDING_S):
                    pass  # who comes from here on is of this program, and waits
            except UsageError as error:
                raise UsageError(_refusal(database.name)) from error
            if not database.is_sqlite:
                _migrate_on_server(database)
                return
        Database.open(url, home).close()


def _migrate_on_server(database: Database) -> None:
    with database.writing() as connection:
        alone_on_server(connection)
        if database.revision(connection) != newest_revision():
            _check_unused(connection, database.name)
            upgrade(connection)


def _check_unused(connection: Connection, name: str) -> None:
    """Take the lock of all who work with a PostgreSQL database until the transaction ends."""
    ends_s = time.monotonic() + _ENDING_S
    while not connection.execute(text(f"SELECT pg_catalog.pg_try_advisory_xact_lock({USE_LOCK})")).scalar():
        if time.monotonic() > ends_s:
            raise UsageError(_refusal(name))
        time.sleep(0.1)


def _refusal(name: str) -> str:
    return (
        f"{name}: is of an older version of this program, and {in_use.WHO}; stop that, make a backup, and start again: "
        "the cases are brought up to date then."
    )
