"""What somebody planted into the tables themselves is named by the doctor, and no restore brings it along."""

import hashlib
import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dictation.errors import DictationError
from dictation.records.database import Database, known_revisions
from dictation.records.structure import planted
from pipelines.doctor import examine
from tests.records.backups import backed_up, restored
from tests.records.cases import Place, draft, opened
from tests.records.store_schema import FOLDER, load

IN_SQLITE = [  # the table, what its definition says, what it is made to say, what is told
    ("recordings", "flac TEXT NOT NULL,", "flac TEXT NOT NULL ON CONFLICT IGNORE,", "flac TEXT NOT NULL ON CONFLICT"),
    ("versions", "PRIMARY KEY (case_id, number)", "PRIMARY KEY (case_id, number) ON CONFLICT REPLACE", "REPLACE"),
    ("recordings", "UNIQUE (recording)", "UNIQUE (recording) ON CONFLICT IGNORE", "UNIQUE (recording) ON CONFLICT"),
    ("audit", "hash TEXT NOT NULL,", "hash TEXT NOT NULL CHECK (number < 900),", "CHECK (number < 900)"),
    ("holds", "PRIMARY KEY (case_id),", "PRIMARY KEY (case_id), CHECK (reason != ''),", "CHECK (reason != …)"),
    ("users", "name TEXT NOT NULL,", "name TEXT COLLATE NOCASE NOT NULL,", "COLLATE NOCASE"),
    ("users", "DEFAULT '' NOT NULL", "DEFAULT 'x' NOT NULL", "former TEXT DEFAULT … NOT NULL"),
    ("drafts", "REFERENCES cases (id)", "REFERENCES cases (id) ON DELETE CASCADE", "ON DELETE CASCADE"),
    ("holds", "REFERENCES cases (id)", "REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED", "DEFERRABLE"),
    ("holds", "FOREIGN KEY(case_id) REFERENCES cases (id)", "CHECK (1)", "FOREIGN KEY(case_id) REFERENCES cases (id)"),
    ("sessions", "created_at TEXT NOT NULL", "created_at TEXT NOT\xa0NULL", "created_at TEXT NOT?NULL"),
    ("inbox", "stamp TEXT NOT NULL,", "stamp TEXT NOT NULL /* \x1b[2J */,", "stamp TEXT NOT NULL /* ?[2J */"),
]
IN_POSTGRES = [  # what is done to a database, what is told
    ("ALTER TABLE audit ADD CHECK (number < 900)", "table audit .* CHECK \\(\\(number < 900\\)\\)"),
    ("ALTER TABLE holds ALTER reason SET DEFAULT 'x'", "table holds .* reason text .* DEFAULT …::text"),
    ('ALTER TABLE users ALTER name TYPE text COLLATE "default"', 'table users .* name text COLLATE "default"'),
    ("ALTER TABLE users ALTER display DROP NOT NULL", 'table users .* display text COLLATE "C"'),
    ("ALTER TABLE users ADD sly text", "table users .* sly text"),
    ('ALTER TABLE holds ALTER at TYPE varchar(99) COLLATE "C"', "table holds .* at character varying\\(99\\)"),
    (
        "ALTER TABLE drafts DROP CONSTRAINT drafts_case_id_fkey, "
        "ADD FOREIGN KEY (case_id) REFERENCES cases(id) ON DELETE CASCADE",
        "table drafts .* ON DELETE CASCADE",
    ),
    ("ALTER TABLE holds DROP CONSTRAINT holds_case_id_fkey", "table holds .* lacks FOREIGN KEY"),
    ("ALTER TABLE holds DISABLE TRIGGER ALL", "table holds .* FOREIGN KEY .* not enforced"),
    ("ALTER TABLE holds SET UNLOGGED", "table holds .* UNLOGGED"),
    ("ALTER TABLE holds ENABLE ROW LEVEL SECURITY", "table holds .* ROW LEVEL SECURITY"),
    ("CREATE TABLE sly () INHERITS (inbox)", "table inbox .* child sly"),
    ("CREATE UNIQUE INDEX sly ON inbox (stamp, file)", "index sly, which"),
    ("DROP INDEX cases_in_order; CREATE INDEX cases_in_order ON cases (urgency)", "index cases_in_order .* not as"),
    ("DROP INDEX cases_in_order", "index cases_in_order .* is missing"),
    ("ALTER TABLE inbox ADD sly integer GENERATED ALWAYS AS (1) STORED", "table inbox .* sly integer GENERATED"),
    (
        "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
        "CREATE TRIGGER sly BEFORE UPDATE ON alembic_version EXECUTE FUNCTION planted()",
        "trigger sly, which",
    ),
    (
        "CREATE FUNCTION planted(text, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true'; "
        "CREATE OPERATOR = (LEFTARG = text, RIGHTARG = varchar, FUNCTION = planted)",
        "operator =, which",
    ),
    (
        "CREATE FUNCTION lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT NULL'",
        "function lower, which",
    ),
    (
        "CREATE FUNCTION planted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
        "CREATE EVENT TRIGGER sly ON ddl_command_end EXECUTE FUNCTION planted()",
        "event trigger sly, which",
    ),
    ("CREATE TABLE sly (); ALTER TABLE case_readers INHERIT sly", "table case_readers .* parent sly"),
    ("GRANT SELECT ON holds TO PUBLIC", "table holds .* SELECT GRANTED TO PUBLIC"),
    ("CREATE ROLE sly; GRANT SELECT ON holds TO sly", "table holds .* SELECT GRANTED TO sly"),
    ("ALTER ROLE CURRENT_USER SET search_path = public, pg_catalog", "setting search_path public, pg_catalog, which"),
    (
        "CREATE SCHEMA sly; CREATE TABLE sly.holds (LIKE holds INCLUDING ALL); "
        "ALTER ROLE CURRENT_USER SET search_path = sly, public",
        "table holds .* schema sly",
    ),
]


def rewritten(file: Path, table: str, old: str, new: str) -> None:
    """Change the definition of a table, and nothing else."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        query = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ? AND instr(sql, ?)"
        assert connection.execute(query, (old, new, table, old)).rowcount == 1


def faults_of(place: Place) -> tuple[str, ...]:
    with closing(place.open()) as records:
        return records.verify()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a HOME that holds one case, and a backup of it."""
    folder = tmp_path_factory.mktemp("made")
    place = Place("", folder / "home")
    with closing(place.open()) as records:
        opened(records, draft("Lungs clear."))
    backed_up(place, folder / "backups").path.rename(folder / "backup")
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Place:
    """A HOME of its own with the same, in SQLite."""
    return Place("", Path(shutil.copytree(made / "home", tmp_path / "home")))


@pytest.mark.parametrize(("table", "old", "new", "told"), IN_SQLITE)
def test_a_definition_that_was_changed_is_named_with_what_differs(
    here: Place, table: str, old: str, new: str, told: str
):
    rewritten(here.home / "records.sqlite3", table, old, new)
    (fault,) = faults_of(here)
    assert f"The table {table} of the database is not as this program makes it: " in fault and told in fault, fault
    assert fault.isprintable() and len(fault) < 400


def test_the_doctor_says_no_to_a_table_that_swallows_what_is_written(here: Place, settings):
    of_home = settings.model_copy(update={"home": here.home})
    assert next(one["ok"] for one in examine(of_home)["checks"] if one["name"] == "records")
    rewritten(here.home / "records.sqlite3", *IN_SQLITE[1][:3])
    check = next(one for one in examine(of_home)["checks"] if one["name"] == "records")
    assert not check["ok"] and "table versions" in check["state"] and "ON CONFLICT REPLACE" in check["state"]


def plant(backup: Path, *change: str) -> None:
    """Change a definition in a backup, and its manifest with it."""
    file = backup / "home" / "records.sqlite3"
    rewritten(file, *change)
    manifest = json.loads((backup / "manifest.json").read_bytes())
    manifest["files"][file.name]["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (backup / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(("table", "old", "new", "told"), [IN_SQLITE[n] for n in (1, 3, 7)])
def test_a_restore_refuses_such_a_table_or_takes_its_rows_alone(
    made: Path, tmp_path: Path, table: str, old: str, new: str, told: str
):
    backup = Path(shutil.copytree(made / "backup", tmp_path / "backup"))
    plant(backup, table, old, new)
    place = Place("", tmp_path / "target")
    with pytest.raises(DictationError, match=f"table {table} .*--anyway"):
        restored(backup, place)
    (fault,) = restored(backup, place, anyway=True).faults
    assert told in fault and faults_of(place) == ()
    with closing(place.open()) as records:
        assert len(records.worklist().rows) == 1


@pytest.mark.parametrize(
    ("kind", "name", "table", "sql"),
    [  # SQLite itself gives no such names to anybody
        ("trigger", "sqlite_sly", "drafts", "CREATE TRIGGER sqlite_sly AFTER UPDATE ON drafts BEGIN SELECT 1; END"),
        ("view", "sqlite_stat1", "sqlite_stat1", "CREATE VIEW sqlite_stat1 AS SELECT * FROM drafts"),
        ("trigger", "drafts", "drafts", "CREATE TRIGGER drafts AFTER UPDATE ON drafts BEGIN SELECT 1; END"),
    ],
)
def test_a_name_that_sqlite_keeps_for_itself_hides_nothing(here: Place, kind: str, name: str, table: str, sql: str):
    with closing(sqlite3.connect(here.home / "records.sqlite3")) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", (kind, name, table, sql))
    assert faults_of(here) == (
        f"The database has a {kind} {name}, which this program did not make: see what it does, and drop it.",
    )


def test_statistics_that_sqlite_made_are_no_fault(here: Place):
    here.tamper("ANALYZE")
    assert faults_of(here) == ()


@pytest.mark.parametrize("revision", sorted(known_revisions()))
def test_a_database_of_an_older_program_is_as_this_one_makes_it_before_and_after_it_migrates(
    tmp_path: Path, revision: str
):
    """As it was made then, and not as migrations of today would make it."""
    home = tmp_path / "home"
    home.mkdir()
    with closing(sqlite3.connect(home / "records.sqlite3")) as connection:
        connection.executescript((FOLDER / f"{revision}.sql").read_text(encoding="utf-8"))
    with closing(Database.as_it_is("", home)) as database, database.reading() as connection:
        assert list(planted(connection)) == []
    with closing(Database.open("", home)) as database, database.reading() as connection:
        assert list(planted(connection)) == []


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_what_was_planted_into_postgresql_is_named_and_what_was_migrated_is_not(place: Place):
    for revision in sorted(known_revisions()):
        load(revision, place)
        with closing(place.open()) as records:
            assert records.verify() == (), revision
            for statement, told in IN_POSTGRES if revision == known_revisions()[0] else ():
                faults = _while(place, statement)
                assert len(faults) == 1 and re.search(told, faults[0]), (statement, faults)
            assert records.verify() == ()
        place.tamper("DROP SCHEMA public CASCADE")
        place.tamper("CREATE SCHEMA public")
        shutil.rmtree(place.home)


NOTED = (
    "CREATE SEQUENCE ran; CREATE FUNCTION note() RETURNS text IMMUTABLE LANGUAGE sql "
    "AS $$SELECT CAST(nextval('public.ran') AS text)$$"
)
WAITING = [  # what is done to an empty database, and to one that holds cases; what is told
    (
        "",
        "CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN PERFORM note(); END$$; "
        "CREATE EVENT TRIGGER sly ON ddl_command_end EXECUTE FUNCTION noted()",
        "an event trigger sly",
    ),
    (
        "",
        "CREATE FUNCTION pg_try_advisory_lock(integer) RETURNS boolean LANGUAGE sql AS $$SELECT note() <> ''$$",
        "a function pg_try_advisory_lock",
    ),
    ("", "CREATE VIEW alembic_version AS SELECT note() AS version_num", "a view alembic_version"),
    ("", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", "SELECT GRANTED TO PUBLIC"),
    ("full", "CREATE INDEX sly ON cases ((owner || note()))", "an index sly"),
    (
        "full",
        "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM note(); END$$; "
        "CREATE TRIGGER sly BEFORE DELETE ON cases FOR EACH ROW EXECUTE FUNCTION noted()",
        "a trigger sly",
    ),
]


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("kept", "statement", "told"), WAITING)
def test_what_waits_in_postgresql_for_a_restore_never_runs_and_is_refused_whatever_is_asked(
    made: Path, place: Place, kept: str, statement: str, told: str
):
    if kept:
        restored(made / "backup", place)
    place.tamper(NOTED)
    place.tamper(statement)
    planted_at = rows(place, "SELECT last_value, is_called FROM ran")
    try:
        for anyway in (False, True):
            with pytest.raises(DictationError, match=f"{told}.* Nothing was changed."):
                restored(made / "backup", place, replaces=True, anyway=anyway)
            assert rows(place, "SELECT last_value, is_called FROM ran") == planted_at
    finally:  # these are not of the schema that the next test drops
        place.tamper("DROP EVENT TRIGGER IF EXISTS sly")
        place.tamper("ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC")


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_a_table_that_was_changed_is_set_aside_unread(made: Path, place: Place):
    restored(made / "backup", place)
    place.tamper(NOTED)
    place.tamper("DROP INDEX cases_in_order; CREATE INDEX cases_in_order ON cases ((owner || note()))")
    planted_at = rows(place, "SELECT last_value FROM ran")
    with pytest.raises(DictationError, match="--replace"):
        restored(made / "backup", place)
    restored(made / "backup", place, replaces=True)
    assert faults_of(place) == () and rows(place, "SELECT last_value FROM ran") == planted_at


def rows(place: Place, query: str) -> list[tuple[object, ...]]:
    with closing(Database.as_it_is(place.url, place.home)) as database, database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def _while(place: Place, statement: str) -> list[str]:
    """What is found in a transaction that does this, and is then undone."""
    with closing(Database.as_it_is(place.url, place.home)) as database, database.engine.connect() as connection:
        connection.exec_driver_sql(statement)
        if path := re.search(r"SET search_path = (.*)", statement):  # as in the next connection
            connection.exec_driver_sql(f"SET LOCAL search_path = {path[1]}")
        found = list(planted(connection))
        connection.rollback()
        return found
