"""Store a small database of a schema as SQL text: `python -m tests.records.store_schema REVISION`.

It goes on from the stored database of the schema before, so that a case of each time is in it; where the schema is the
newest one, a case of today is added. All of it is invented.
"""

import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from dictation.private import private_file, private_folder
from dictation.records import trail
from dictation.records.database import FILE, Database, known_revisions, newest_revision, upgrade
from dictation.records.trail import Trail
from dictation.records.transfer import pour
from tests.records.cases import PAGE, Place, decision, draft, opened, version

FOLDER = Path(__file__).parent / "schemas"


def load(revision: str, place: Place) -> None:
    """Make the database of a place that of `schemas/REVISION.sql`, with its head beside it."""
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder)
        with closing(sqlite3.connect(stored / FILE)) as connection:
            connection.executescript((FOLDER / f"{revision}.sql").read_text(encoding="utf-8"))
        private_folder(place.home)
        if not place.url:
            private_file(place.home / FILE)
        source, target = Database.as_it_is("", stored), Database.as_it_is(place.url, place.home)
        try:
            with source.reading() as read, target.writing() as written:
                upgrade(written, revision)
                pour(read, written)
                head = Trail(written)
        finally:
            source.close()
            target.close()
    (place.home / trail.HEAD_FILE).unlink(missing_ok=True)
    trail.write_head(place.home / trail.HEAD_FILE, head.count, head.hash)


def store(revision: str) -> Path:
    """Write `schemas/REVISION.sql`."""
    known = known_revisions()
    with tempfile.TemporaryDirectory() as folder:
        place = Place("", Path(folder))
        if older := known[known.index(revision) + 1 :]:
            load(older[0], place)
        else:
            private_file(place.home / FILE)
        database = Database.as_it_is("", place.home)
        with database.writing() as connection:
            upgrade(connection, revision)
        database.close()
        if revision == newest_revision():
            _add(place)
        with closing(sqlite3.connect(place.home / FILE)) as connection:
            text = "\n".join(connection.iterdump())
    file = FOLDER / f"{revision}.sql"
    FOLDER.mkdir(exist_ok=True)
    file.write_text(f"{text}\n", encoding="utf-8")
    return file


def _add(place: Place) -> None:
    """A case that was ordered, seen, dictated, signed and sent, and one that a page has open."""
    from datetime import UTC, datetime

    from sqlalchemy import insert, update

    from dictation.records import ordering, studying
    from dictation.records.schema import cases, orders, studies
    from dictation.records.text import sha256

    name = newest_revision()
    with closing(place.open()) as records:
        case = opened(records, draft("Lungs clear. Größe 5 mm."))
        at = datetime.now(UTC)
        records.add_recording(case.id, f"take {name}", f"recording {name}", f"{name}.capture", at)
        with records.recorded() as (connection, entries):
            kept = {"case_id": case.id, "received_at": at.isoformat()}
            order = {"content": case.orders[0].model_dump_json(), "status": "active", "priority": "stat"}
            connection.execute(insert(orders).values(accession=f"A{name}", **order, **kept))
            connection.execute(update(cases).where(cases.c.id == case.id).values(order_status="active"))
            connection.execute(insert(studies).values(study_uid="1.2.3", accession=f"A{name}", facts="{}", **kept))
            ordering.remember_file(connection, entries, f"{name:0>64}", "1 2")
            hash_ = sha256(json.dumps([order["content"], "active", "stat"]))
            entries.add(case.id, ordering.RECEIVED, "", {"order": sha256(f"A{name}"), "sha256": hash_})
            hash_ = sha256(json.dumps(["1.2.3", f"A{name}", "{}"]))
            entries.add(case.id, studying.RECEIVED, "", {"image": "one.dcm", studying.STUDY: hash_})
        for state in ("preliminary", "final"):
            case = case.model_copy(update={"decisions": (*case.decisions, decision(state))})
            records.sign(case, version(case, f"Lungs {state}.", state), PAGE)
        records.mark_sent(case.id, "Dr A")
        records.release(case.id, PAGE)
        opened(records, draft("Heart normal."))


if __name__ == "__main__":
    print(store(sys.argv[1] if len(sys.argv) > 1 else newest_revision()))
