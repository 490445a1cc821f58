"""A stored database of each schema that there ever was comes to the newest one, with all its rows, in either database.

Each lies in `schemas/REVISION.sql`, as SQLite dumps it; `python -m tests.records.store_schema` makes the next one.
"""

from contextlib import ExitStack, closing

import pytest

from dictation.records.database import Database, known_revisions
from dictation.records.in_use import Use
from tests.records.backups import command, rows
from tests.records.cases import Place
from tests.records.store_schema import FOLDER, load

MADE = "python -m tests.records.store_schema"


@pytest.mark.parametrize("revision", sorted(known_revisions()))
def test_a_stored_database_is_migrated_with_equal_counts(place: Place, revision: str):
    file = FOLDER / f"{revision}.sql"
    assert file.exists(), f"No database of the schema {revision} is stored; make {file.name} with: {MADE} {revision}"
    load(revision, place)
    before = {name: len(found) for name, found in rows(place).items()}
    assert rows(place)["alembic_version"] == [(revision,)]
    assert min(before[name] for name in ("cases", "drafts", "orders", "studies", "recordings", "versions", "inbox")) > 0
    with closing(place.open()) as records:
        after = rows(place)
        assert {name: len(after[name]) for name in before} == before
        assert after["alembic_version"] == [(known_revisions()[0],)]
        assert all("records.head: is missing" not in fault for fault in records.verify())
        assert records.verify() == ()
        for row in records.worklist(limit=500).rows:
            stored = records.load(row.id)
            assert stored.draft.id == row.id and len(stored.versions) == (0 if row.state == "draft" else 2)
        assert records.recordings()


def test_no_stored_database_is_of_a_schema_that_nobody_knows():
    assert {file.stem for file in FOLDER.glob("*.sql")} <= set(known_revisions())


@pytest.mark.parametrize(  # a file of SQLite is shared by the programs of one machine
    ("place", "is_elsewhere"), [("sqlite", False), ("postgresql", False), ("postgresql", True)], indirect=["place"]
)
def test_no_command_migrates_beneath_a_server_of_an_older_program(place: Place, is_elsewhere: bool):
    """It has the records open as every program has, and on another machine by PostgreSQL alone."""
    load("0001", place)
    before = rows(place)
    with ExitStack() as server:
        if not is_elsewhere:
            server.enter_context(closing(Use(place.home)))
        if place.url:
            server.enter_context(closing(Database.as_it_is(place.url, place.home, is_in_use=True)))
        refused = command(place, "user", "list")
        assert refused.returncode == 2 and refused.stderr.count("\n") == 1, refused.stderr
        assert "is of an older version of this program, and another program has the cases open" in refused.stderr
        assert "stop that, make a backup, and start again" in refused.stderr
        assert rows(place) == before
    assert command(place, "user", "list").returncode == 0
    assert rows(place)["alembic_version"] == [(known_revisions()[0],)]
