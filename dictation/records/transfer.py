"""The whole database at one moment → one SQLite file of the same schema, and from there into PostgreSQL.

Nobody who writes waits for it: SQLite's online copy and PostgreSQL's REPEATABLE READ both read one snapshot.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, MetaData, delete, func, insert, inspect, select, text

from dictation.errors import DictationError
from dictation.private import private_file
from dictation.records.database import FILE, Database, upgrade

SCHEMA_TABLE = "alembic_version"
_PAGES = 4096  # of SQLite at once
_ROWS = 500  # in memory


def snapshot(database: Database, home: Path) -> str:
    """Copy a database, as it is now, into a new SQLite file in `home`; return the revision of its schema.

    Raises DictationError where there are no tables, they are a newer program's, or the disk does not take the copy.
    """
    file = home / FILE
    try:
        private_file(file)
    except OSError as error:
        raise DictationError(f"{home}: cannot be written ({error.strerror}); check its rights.") from error
    with database.reading() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET TRANSACTION READ ONLY"))
        revision = database.revision(connection)
        if not revision:
            raise DictationError(f"{database.name}: holds no cases yet; they come with the first start of the app.")
        if database.is_sqlite:
            _copy_file(connection, file, database.name)
            return revision
        target = Database.as_it_is("", home)
        try:
            with target.writing() as written:
                upgrade(written, revision)
                pour(connection, written)
        finally:
            target.close()
    return revision


def pour(source: Connection, target: Connection) -> None:
    """Copy all rows between two databases of the same schema. What the tables of `target` held goes."""
    there = {*inspect(source).get_table_names()}  # either may hold more
    ours = [name for name in inspect(target).get_table_names() if name != SCHEMA_TABLE and name in there]
    read, written = MetaData(), MetaData()
    read.reflect(source, only=ours)
    written.reflect(target, only=ours)
    tables = [table for table in written.sorted_tables if table.name in ours]
    for table in reversed(tables):
        target.execute(delete(table))
    for table in tables:
        query = select(*(read.tables[table.name].c[column.name] for column in table.columns))
        for rows in source.execute(query.execution_options(yield_per=_ROWS)).mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])


def counts(connection: Connection) -> dict[str, int]:
    """Return how many rows each table of an SQLite file has."""
    tables = MetaData()
    tables.reflect(connection)
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in sorted(tables.tables.items())
        if name != SCHEMA_TABLE
    }


def integrity(file: Path) -> str:
    """Return "" for an SQLite file that is whole, and else one sentence."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as connection:
            is_whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            is_whole = is_whole and not connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.Error:
        is_whole = False
    return "" if is_whole else f"{file}: is damaged; use another backup."


def _copy_file(connection: Connection, file: Path, name: str) -> None:
    source = cast(sqlite3.Connection, connection.connection.driver_connection)
    try:
        with closing(sqlite3.connect(file)) as target:
            target.execute("PRAGMA synchronous=OFF")  # forced onto the disk as a whole, below
            source.backup(target, pages=_PAGES, sleep=0)
            target.execute("PRAGMA journal_mode=DELETE")  # it can be read where nothing can be written
    except sqlite3.Error as error:
        is_full = "full" in str(error) or "I/O" in str(error)
        where, why = (file, "the disk is full; free space") if is_full else (name, "cannot be read; check the disk")
        raise DictationError(f"{where}: {why}.") from error
