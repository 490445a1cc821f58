"""What a database consists of, held against what this program makes: what somebody planted there is named.

SQLite's own text of each table, index, trigger and view is compared with that of a new database of the same revision:
in it stands all that SQLite does by itself (`CHECK`, `ON CONFLICT`, `COLLATE`, what a foreign key does), and no pragma
gives all of that. Of PostgreSQL the catalogue is read and compared with the tables of `schema`.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    create_engine,
    func,
    select,
    text,
)
from sqlalchemy.schema import Constraint

from dictation.records.database import upgrade
from dictation.records.schema import metadata
from dictation.records.transfer import SCHEMA_TABLE
from dictation.unseen import printable

Structure = dict[tuple[str, str], tuple[str, ...]]
"""Kind and name → definitions: of a table its columns and constraints, in their order."""

_PLANTED = "The database has {article} {kind} {name}, which this program did not make: see what it does, and drop it."
_MISSING = "The {kind} {name} of the database is missing: restore a backup, and find out who changed it."
_CHANGED = (
    "The {kind} {name} of the database is not as this program makes it: {how}; restore a backup, and find out who "
    "changed it."
)
_MISTYPED = (
    "The table {table} of the database holds what is no text or no number of this program ({columns}); restore a "
    "backup, and find out who changed it."
)
_STORED = {True: ("text", "null"), False: ("integer", "real", "null")}  # whether it is a text → as SQLite stores it
_SHOWN, _LONGEST = 2, 70  # definitions, characters
_OF_SQLITE = (  # statistics, which SQLite makes by itself when somebody asks for them
    ("table", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
    ("table", "sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
)
_PARTS = re.compile(  # of SQL: what is quoted or a comment, white space, what parts definitions, anything else
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^]]*]|--[^\n]*|/\*.*?\*/|[ \t\n\f\r]+|[(),]|.""", re.DOTALL
)
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_TYPES = {Text: "text", Integer: "integer", BigInteger: "bigint", Boolean: "boolean", Float: "double precision"}
_IN_PLACE_OF_ITS_OWN = """
SELECT kind, name FROM (
    SELECT 'operator', oprname, oprnamespace, tableoid, oid FROM pg_operator
    UNION ALL SELECT 'function', proname, pronamespace, tableoid, oid FROM pg_proc
        WHERE proname IN (SELECT proname FROM pg_proc WHERE pronamespace = CAST('pg_catalog' AS regnamespace))
) AS called (kind, name, namespace, class, id) WHERE namespace IN (
    SELECT oid FROM pg_namespace WHERE nspname = ANY(:path) AND nspname <> 'pg_catalog'
) AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = class AND objid = id AND deptype = 'e')
UNION ALL SELECT 'event trigger', evtname FROM pg_event_trigger WHERE evtenabled <> 'D' AND NOT EXISTS (
    SELECT FROM pg_depend WHERE classid = pg_event_trigger.tableoid AND objid = pg_event_trigger.oid AND deptype = 'e'
)
"""
_ON_SERVER = """
WITH named AS (
    SELECT pg_class.*, nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE pg_class.oid IN (SELECT to_regclass(quote_ident(name)) FROM unnest(CAST(:ours AS text[])) AS name)
), ours AS (
    SELECT *, (SELECT mode() WITHIN GROUP (ORDER BY relnamespace) FROM named) AS home FROM named
)
SELECT 'table', relname, concat_ws(
    ' ', attname, format_type(atttypid, atttypmod),
    CASE WHEN attcollation <> 0 THEN 'COLLATE ' || CAST(CAST(attcollation AS regcollation) AS text) END,
    CASE WHEN attgenerated <> '' THEN 'GENERATED AS ' || pg_get_expr(adbin, adrelid)
        WHEN attidentity <> '' THEN 'GENERATED AS IDENTITY' ELSE 'DEFAULT ' || pg_get_expr(adbin, adrelid) END,
    CASE WHEN attnotnull THEN 'NOT NULL' END
) FROM ours JOIN pg_attribute ON attrelid = ours.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'table', relname, pg_get_constraintdef(pg_constraint.oid) || CASE WHEN EXISTS (
    SELECT FROM pg_trigger WHERE tgconstraint = pg_constraint.oid AND tgenabled <> 'O'
) THEN ' not enforced' ELSE '' END FROM ours JOIN pg_constraint ON conrelid = ours.oid WHERE contype <> 'n'
UNION ALL SELECT 'table', relname, 'UNLOGGED' FROM ours WHERE relpersistence <> 'p'
UNION ALL SELECT 'table', relname, 'ROW LEVEL SECURITY' FROM ours WHERE relrowsecurity OR relforcerowsecurity
UNION ALL SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
    ELSE 'relation' END, relname, '' FROM ours WHERE relkind <> 'r'
UNION ALL SELECT 'table', relname, concat(
    privilege_type, ' GRANTED TO ', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE CAST(pg_get_userbyid(grantee) AS text) END
) FROM ours, aclexplode(relacl) WHERE grantee NOT IN (relowner, CAST(quote_ident(current_user) AS regrole))
UNION ALL SELECT 'table', relname, 'schema ' || nspname FROM ours WHERE relnamespace <> home
UNION ALL SELECT 'table', relname, 'child ' || CAST(CAST(inhrelid AS regclass) AS text) FROM ours
    JOIN pg_inherits ON inhparent = ours.oid
UNION ALL SELECT 'table', relname, 'parent ' || CAST(CAST(inhparent AS regclass) AS text) FROM ours
    JOIN pg_inherits ON inhrelid = ours.oid
UNION ALL SELECT 'index', pg_class.relname, replace(
    pg_get_indexdef(indexrelid), format(' INDEX %I ON %I.%I USING', pg_class.relname, nspname, ours.relname), ' INDEX'
) FROM ours JOIN pg_index ON indrelid = ours.oid JOIN pg_class ON pg_class.oid = indexrelid
    WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
UNION ALL SELECT 'trigger', tgname, '' FROM ours JOIN pg_trigger ON tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL SELECT 'rule', rulename, '' FROM ours JOIN pg_rewrite ON ev_class = ours.oid WHERE relkind = 'r'
UNION ALL SELECT 'policy', polname, '' FROM ours JOIN pg_policy ON polrelid = ours.oid
"""


def planted(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each part of a database that this program did not make, or did not make so.

    An SQLite database may be of any revision, one on PostgreSQL is of the newest.
    """
    found, ours = _found_and_ours(connection)
    yield from _added(found, ours)
    for kind, name in sorted(ours):
        if (kind, name) not in found:
            yield _MISSING.format(kind=kind, name=name)
        elif how := _difference(ours[kind, name], found[kind, name]):
            yield _CHANGED.format(kind=kind, name=name, how=how)


def added(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each part that no version of this program makes: it may run whenever a table is used.

    No table is read for it.
    """
    return _added(*_found_and_ours(connection))


def _added(found: Structure, ours: Structure) -> Iterator[str]:
    for kind, name in sorted({*found} - {*ours}):
        yield _PLANTED.format(article="an" if kind[0] in "aeiou" else "a", kind=kind, name=_shown(name))


def _found_and_ours(connection: Connection) -> tuple[Structure, Structure]:
    if connection.dialect.name == "sqlite":
        return structure(connection), _made(MigrationContext.configure(connection).get_current_revision() or "head")
    if taking := _in_place_of_its_own(connection):  # with one of them, the catalogue may be told otherwise
        return taking, {}
    return _on_server(connection), _ours_on_server()


def mistyped(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each table of SQLite that holds what is no text, or no number, where it is to be one.

    SQLite keeps anything anywhere, and whoever reads it takes it for a text.
    """
    for table in metadata.sorted_tables if connection.dialect.name == "sqlite" else ():
        kinds = [func.typeof(one).not_in(_STORED[isinstance(one.type, Text)]) for one in table.columns]
        found = connection.execute(select(*map(func.max, kinds))).one()
        if names := [one.name for one, is_wrong in zip(table.columns, found, strict=True) if is_wrong]:
            yield _MISTYPED.format(table=table.name, columns=", ".join(names))


def structure(connection: Connection) -> Structure:
    """Return what an SQLite database consists of, but for the statistics that SQLite makes."""
    found: Structure = {}
    for kind, name, sql in connection.execute(text("SELECT type, name, sql FROM sqlite_master")).all():
        if (kind, name, sql) not in _OF_SQLITE:  # two may have one name, where somebody wrote into that table
            found[kind, name] = (*found.get((kind, name), ()), *_definitions(sql or ""))
    return found


@cache
def _made(revision: str) -> Structure:
    """What a new SQLite database of a revision consists of."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade(connection, revision)
            return structure(connection)
    finally:
        engine.dispose()


def _definitions(sql: str) -> tuple[str, ...]:
    """`CREATE TABLE t (a TEXT, CHECK (a != '')) STRICT` → `CREATE TABLE t`, `a TEXT`, `CHECK (a != '')`, `STRICT`.

    White space is one blank: only what SQLite takes for it, as `NOT\xa0NULL` is a name there.
    """
    found, depth = [""], 0
    for part in _PARTS.findall(sql):
        depth += (part == "(") - (part == ")")
        if (part, depth) in (("(", 1), (")", 0), (",", 1)):
            found.append("")
        else:
            found[-1] += " " if part[0] in " \t\n\f\r" else part
    return tuple(filter(None, map(str.strip, found)))


def _in_place_of_its_own(connection: Connection) -> Structure:
    """What PostgreSQL runs in the place of its own functions and operators, and event triggers.

    A function for the very types of a call is taken before PostgreSQL's own, which may convert them; so the catalogue
    is asked where only its own are found.
    """
    seen = (
        "SELECT CAST(pg_catalog.current_schemas(false) AS pg_catalog.text[]), pg_catalog.current_setting('search_path')"
    )
    path, setting = connection.execute(text(seen)).one()
    within = text("SELECT pg_catalog.set_config('search_path', :path, true)")
    connection.execute(within, {"path": "pg_catalog"})
    rows = connection.execute(text(_IN_PLACE_OF_ITS_OWN), {"path": path}).all()
    connection.execute(within, {"path": setting})
    found: Structure = dict.fromkeys(((kind, name) for kind, name in rows), ())
    if "pg_catalog" in path[1:]:  # whoever may write into what stands before it replaces all that is called
        found["setting", f"search_path {setting}"] = ()
    return found


def _on_server(connection: Connection) -> Structure:
    rows = connection.execute(text(_ON_SERVER), {"ours": [*metadata.tables, SCHEMA_TABLE]}).all()
    return {
        (kind, name): tuple(sorted(definition for *_, definition in same))
        for (kind, name), same in groupby(sorted(map(tuple, rows)), lambda row: (row[0], row[1]))
    }


def _ours_on_server() -> Structure:
    """What PostgreSQL's catalogue says of the tables as the migrations make them."""
    version = 'version_num character varying(32) COLLATE "default" NOT NULL'
    ours: Structure = {("table", SCHEMA_TABLE): ("PRIMARY KEY (version_num)", version)}
    for name, table in metadata.tables.items():
        definitions = [*map(_column, table.columns), *map(_constraint, table.constraints)]
        ours["table", name] = tuple(sorted(definitions))
        for index in table.indexes:
            ours["index", str(index.name)] = (f"CREATE INDEX btree {_names(index.columns)}",)
    return ours


def _column(column: Column[Any]) -> str:
    type_ = _TYPES[type(column.type)]
    default = getattr(column.server_default, "arg", None)
    said = f"'{default}'::{type_}" if isinstance(default, str) else default
    return " ".join((
        column.name, type_, *(['COLLATE "C"'] if type_ == "text" else []),
        *([] if default is None else [f"DEFAULT {said}"]), *([] if column.nullable else ["NOT NULL"]),
    ))  # fmt: skip


def _constraint(constraint: Constraint) -> str:
    match constraint:
        case PrimaryKeyConstraint():
            return f"PRIMARY KEY {_names(constraint.columns)}"
        case UniqueConstraint():
            return f"UNIQUE {_names(constraint.columns)}"
        case ForeignKeyConstraint():
            there = [one.column for one in constraint.elements]
            return f"FOREIGN KEY {_names(constraint.columns)} REFERENCES {there[0].table.name}{_names(there)}"
    raise NotImplementedError(f"{constraint!r}: say how PostgreSQL tells of it")


def _names(columns: Iterable[Any]) -> str:
    return f"({', '.join(column.name for column in columns)})"


def _difference(ours: tuple[str, ...], found: tuple[str, ...]) -> str:
    """How what was found differs, "" where it does not."""
    if ours == found:
        return ""
    more, less = [one for one in found if one not in ours], [one for one in ours if one not in found]
    said = [f"it {verb} {_listed(some)}" for verb, some in (("has", more), ("lacks", less)) if some]
    return " and ".join(said) or "its parts stand in another order, or twice"


def _listed(definitions: list[str]) -> str:
    left = len(definitions) - _SHOWN
    return ", ".join(map(_shown, definitions[:_SHOWN])) + (f" and {left} more" if left > 0 else "")


def _shown(said: str) -> str:
    """What somebody else wrote, for the inside of a sentence: short, no text that may be a patient's, no control."""
    plain = printable(_LITERAL.sub("…", said))
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"
