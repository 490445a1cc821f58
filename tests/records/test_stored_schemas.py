"""A stored database of each schema that there ever was comes to the newest one, with all its rows, in either database.

Each lies in `schemas/REVISION.sql`, as SQLite dumps it; `python -m tests.records.store_schema` makes the next one.
"""

from contextlib import closing

import pytest

from dictation.records.database import known_revisions
from tests.records.backups import rows
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
