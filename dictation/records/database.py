"""One database, SQLite or PostgreSQL: opened, brought to the newest schema, and its errors as one sentence.

A transaction is either on the disk when it ends, or (`durable=False`) about a second later: a killed program loses
neither, a power failure may take that second. `Forcing` sees to it with SQLite, which by itself leaves the last ones in
the memory of the system; PostgreSQL does (three times its `wal_writer_delay`, 0.6 s).
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dictation.errors import DictationError, MissingError, UsageError
from dictation.extras import install_command
from dictation.private import private_file
from dictation.records.forcing import Forcing
from dictation.records.in_use import RESTORING, WHO

FILE = "records.sqlite3"
PATIENCE_S = 20  # for another program that is writing, before a person is told
_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x72616469  # "radi": one program at a time migrates a PostgreSQL database
USE_LOCK = 0x72616475  # "radu": shared by each connection that works with it; a restore has it alone
_ENDING_S = 5  # in which PostgreSQL sees that a program has ended
_LOCK_TIMEOUT = "55P03"


class Database:
    """An open database of the newest schema. Safe to use from several threads; close it."""

    def __init__(self, engine: Engine, name: str, *, is_read_only: bool) -> None:
        self._engine, self.name = engine, name
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._forcing = Forcing(_log(engine.url)) if self.is_sqlite and not is_read_only else None

    @classmethod
    def open(cls, url: str, home: Path, *, is_read_only: bool = False) -> "Database":
        """Open the database of `url` ("": a file in `home`), and migrate it, one program at a time.

        `is_read_only`: it is taken as it is, and stays so. Raises UsageError for a URL of another kind, MissingError
        without the driver, DictationError where the database cannot be reached, was made by a newer program, or would
        have to be made or migrated to be read.
        """
        place = _place(url, home)
        name = _name(place)
        with _plainly(name):
            engine = _engine(place, is_read_only=is_read_only, is_in_use=not is_read_only)
            database = cls(engine, name, is_read_only=is_read_only)
            try:
                if is_read_only:
                    database._check_schema()
                else:
                    database._migrate()
            except BaseException:
                database.close()
                raise
        return database

    @classmethod
    def as_it_is(cls, url: str, home: Path, *, is_in_use: bool = False) -> "Database":
        """Open the database of `url` whatever its schema, which stays so: for copies of the whole of it.

        `is_in_use`: as by `open`, no restore begins while it is open. Raises as `open` does; a file of SQLite must be
        there.
        """
        place = _place(url, home)
        if place.drivername == "sqlite":
            _check_there(place)
        database = cls(_engine(place, is_read_only=False, is_in_use=is_in_use), _name(place), is_read_only=False)
        if is_in_use and not database.is_sqlite:
            with database.reading():  # from now on, not from its first use on
                pass
        return database

    @property
    def engine(self) -> Engine:
        """What connects; for copies of the whole database, everybody else reads and writes."""
        return self._engine

    def revision(self, connection: Connection) -> str:
        """Return the schema of the database, "" where it has none. Raises DictationError for a newer program's."""
        return revision_in(connection, self.name)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees the database as it is now, whatever is written meanwhile."""
        options = {"begins": "BEGIN"} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._connection(**options) as connection:
            yield connection

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """Give a connection whose changes count together at the end, or not at all where something is raised."""
        forcing = self._forcing
        is_waiting = durable or (forcing is not None and forcing.is_refused)
        options = {"begins": "BEGIN IMMEDIATE", "durable": is_waiting} if self.is_sqlite else {}
        with self._connection(**options) as connection:
            if not self.is_sqlite and not durable:
                connection.execute(text("SET LOCAL synchronous_commit TO OFF"))
            yield connection
        if forcing is not None and not durable:
            forcing.wrote()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other program out of a PostgreSQL database. Raises UsageError where one has it in use."""
        with _plainly(self.name), self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            ends_s = time.monotonic() + _ENDING_S
            while not connection.execute(text(f"SELECT pg_catalog.pg_try_advisory_lock({USE_LOCK})")).scalar():
                if time.monotonic() > ends_s:
                    raise UsageError(f"{self.name}: {WHO}, here or on another machine; stop it first.")
                time.sleep(0.1)
            try:
                yield
            finally:
                connection.invalidate()  # the lock goes with it

    def close(self) -> None:
        """Give back what is open, with all of it on the disk. The database can be opened again."""
        if self._forcing is not None:
            self._forcing.end()
        self._engine.dispose()

    @contextmanager
    def _connection(self, **options: Any) -> Iterator[Connection]:
        with _plainly(self.name), self._engine.connect() as connection:
            connection.execution_options(**options)
            with connection.begin():
                yield connection

    def _migrate(self) -> None:
        with self._alone(), self._connection(begins="BEGIN IMMEDIATE", durable=True) as connection:
            if not self.is_sqlite:  # held until the transaction ends
                alone_on_server(connection)
            if self.revision(connection) != newest_revision():
                upgrade(connection)

    def _check_schema(self) -> None:
        with self.reading() as connection:
            if self.revision(connection) != newest_revision():
                raise DictationError(
                    f"{self.name}: was made by an older version of this program; it will be migrated when the app "
                    "starts."
                )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other programs from opening the file meanwhile; PostgreSQL has a lock of its own."""
        if not self.is_sqlite or not self._engine.url.database:
            yield
            return
        path = Path(self._engine.url.database)
        try:
            with FileLock(f"{path}.lock", timeout=PATIENCE_S, mode=0o600):
                private_file(path)
                with closing(self._engine.raw_connection()) as connection:
                    connection.cursor().execute("PRAGMA journal_mode=WAL")
                yield
        except sqlite3.Error as error:
            raise DictationError(f"{self.name}: {_why(error)}") from error
        except Timeout as error:
            raise DictationError(f"{self.name}: another program is changing it; wait and start again.") from error
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise DictationError(
                f"{self.name}: cannot be opened ({why}); check the path and its rights, or choose another folder with "
                "DICTATION_HOME."
            ) from error


def is_file(url: str) -> bool:
    """Tell whether a URL ("": SQLite in HOME) names a file. Raises UsageError for a URL of another kind."""
    return _place(url, Path()).drivername == "sqlite"


def is_there(url: str, home: Path) -> bool:
    """Tell whether the file of a database is there; a server is taken to be."""
    place = _place(url, home)
    return place.drivername != "sqlite" or Path(place.database or "").exists()


def alone_on_server(connection: Connection) -> None:
    """Keep other programs from migrating a PostgreSQL database until the transaction ends."""
    connection.execute(text(f"SELECT pg_catalog.pg_advisory_xact_lock({_ADVISORY_LOCK})"))


def revision_in(connection: Connection, name: str) -> str:
    """Return the schema that a database has, "" for none. Raises DictationError for a newer program's."""
    heads = MigrationContext.configure(connection).get_current_heads()
    if len(heads) > 1:
        raise DictationError(f"{name}: says that it is of {len(heads)} versions at once; restore it from a backup.")
    present = heads[0] if heads else None
    if present is not None and present not in known_revisions():
        raise DictationError(f"{name}: was made by a newer version of this program; update it here.")
    return present or ""


def known_revisions() -> tuple[str, ...]:
    """Return the schemas that this program knows, the newest first."""
    return _revisions(MIGRATIONS)


@cache
def _revisions(migrations: Path) -> tuple[str, ...]:
    """Read once: each opening of a database asks several times, and a program keeps the steps it began with."""
    script = ScriptDirectory.from_config(migration_config(migrations))
    return tuple(step.revision for step in script.walk_revisions())


def newest_revision() -> str:
    """Return the schema that this program works with."""
    return known_revisions()[0]


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate within the transaction of a connection."""
    config = migration_config(MIGRATIONS)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _place(url: str, home: Path) -> URL:
    if not url:
        return URL.create("sqlite", database=str(home / FILE))
    try:
        place = make_url(url)
    except (ArgumentError, ValueError):
        place = URL.create("")
    if place.drivername in _POSTGRES:
        return place.set(drivername="postgresql+psycopg")
    if place.drivername == "sqlite" and place.database and place.database != ":memory:":
        return place
    raise UsageError("DICTATION_DATABASE_URL: is no postgresql://user@host/name and no sqlite:///path; correct it.")


def migration_config(migrations: Path) -> Config:
    """What Alembic needs to find the steps from one schema to the next."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def _log(place: URL) -> Path:
    """The write-ahead log that SQLite keeps beside the file, also where a link leads there."""
    return Path(f"{Path(place.database or '').resolve()}-wal")


def _name(place: URL) -> str:
    """The database for people: without a password, and without the user's name."""
    if place.drivername == "sqlite":
        return str(place.database)
    host = place.host or place.query.get("host") or "this machine"
    return f"The PostgreSQL database {place.database or ''} on {host}".replace("  ", " ")


def _engine(place: URL, *, is_read_only: bool, is_in_use: bool = False) -> Engine:
    if place.drivername != "sqlite":
        try:
            import psycopg  # noqa: F401
        except ImportError as error:
            fix = install_command("postgres")
            raise MissingError(f"PostgreSQL needs the package psycopg; install it with {fix}.") from error
        engine = create_engine(
            place,
            hide_parameters=True,
            pool_pre_ping=True,
            max_overflow=40,
            connect_args={"connect_timeout": PATIENCE_S},
        )
        if is_in_use:
            event.listen(engine, "connect", lambda connection, _record: _take_part(connection, _name(place)))
        return engine
    options: dict[str, Any] = {"creator": lambda: _as_it_is(place)} if is_read_only else {}
    engine = create_engine(place, hide_parameters=True, max_overflow=40, **options)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, and nowhere else
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={PATIENCE_S * 1000}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('durable', True) else 'NORMAL'}")
        connection.exec_driver_sql(options.get("begins", "BEGIN"))

    return engine


def _take_part(connection: Any, name: str) -> None:
    """Let no restore begin as long as a new connection to PostgreSQL lives; each has the lock, so one that broke is
    no gap. Raises UsageError where a restore is at it."""
    try:
        connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'")
        connection.execute(f"SELECT pg_catalog.pg_advisory_lock_shared({USE_LOCK})")
        connection.commit()
    except Exception as error:
        connection.close()
        if getattr(error, "sqlstate", None) == _LOCK_TIMEOUT:
            raise UsageError(f"{name}: {RESTORING}") from error
        raise


def _as_it_is(place: URL) -> sqlite3.Connection:
    """Open a file of SQLite to be read; where there is no log, without the files that SQLite makes to share it."""
    path = _check_there(place)
    return sqlite3.connect(f"{path.as_uri()}?{'mode=ro' if _log(place).exists() else 'immutable=1'}", uri=True)


def _check_there(place: URL) -> Path:
    path = Path(place.database or "").resolve()
    if not path.exists():
        raise DictationError(f"{_name(place)}: is not there yet; it will be made when the app starts.")
    return path


@contextmanager
def _plainly(name: str) -> Iterator[None]:
    """Turn what a database raises into one sentence: its own messages may quote what was to be stored."""
    try:
        yield
    except PoolTimeout as error:
        raise DictationError(f"{name}: is too busy; wait and try again.") from error
    except DBAPIError as error:
        raise DictationError(f"{name}: {_why(error.orig)}") from error
    except SQLAlchemyError as error:
        raise DictationError(f"{name}: cannot be used ({type(error).__name__}); check it.") from error


def _why(error: BaseException | None) -> str:
    """What a driver's error means, and the fix."""
    said, code = str(error), getattr(error, "sqlstate", None)
    if "is full" in said or "disk I/O error" in said or code == "53100":
        return "the disk does not take what is to be kept; free space. What was kept before is still there."
    if "is locked" in said or code in ("40P01", "55P03"):
        return "another program is writing for too long; wait and try again."
    if "readonly" in said or "unable to open" in said:
        return "cannot be written; check the path and its rights."
    if "malformed" in said or "not a database" in said or "Could not decode" in said:
        return "is damaged; restore it from a backup."
    if type(error).__name__ == "OperationalError":
        return "cannot be reached; check that it is running, and DICTATION_DATABASE_URL."
    return f"cannot be used ({type(error).__name__}); check it."
