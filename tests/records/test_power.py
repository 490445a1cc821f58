"""A power failure takes no more than the last second: what SQLite left in the system's memory is forced onto the disk.

The power is not cut here: the database is copied at the moment at which the disk has confirmed its log.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest
from sqlalchemy import Engine, event

from dictation.records import Records, forcing
from tests.records.cases import PAGE, Place, draft, opened

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def on_disk(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue[Path]:
    """A copy of HOME for each time that the log was forced onto the disk."""
    copies: Queue[Path] = Queue()
    log, normal = place.home / "records.sqlite3-wal", os.fsync

    def fsync(descriptor: int) -> None:
        normal(descriptor)
        if log.exists() and os.path.samestat(os.fstat(descriptor), log.stat()):
            copies.put(Path(shutil.copytree(place.home, tmp_path / f"copy{copies.qsize()}_{os.urandom(4).hex()}")))

    monkeypatch.setattr(os, "fsync", fsync)
    return copies


def saved(records: Records, case, count: int = 5) -> None:
    for number in range(count):
        records.save(case.model_copy(update={"fields": {"n": str(number)}}), PAGE)


def number_in(home: Path, case_id: str) -> str | None:
    records = Records.open_at("", home)
    try:
        return records.load(case_id).draft.fields.get("n")
    finally:
        records.close()


def test_the_last_save_of_a_burst_is_forced_onto_the_disk(place: Place, on_disk: Queue[Path]):
    records = place.open()
    case = opened(records, draft())
    saved(records, case)
    while number_in(on_disk.get(timeout=30), case.id) != "4":
        pass
    records.close()


def test_what_was_saved_is_on_the_disk_once_the_records_are_closed(
    place: Place, on_disk: Queue[Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(forcing, "TO_DISK_S", 1e6)
    other, records = place.open(), place.open()
    case = opened(records, draft())
    saved(records, case)
    records.close()
    assert number_in(on_disk.get_nowait(), case.id) == "4"
    other.close()


def test_after_the_disk_refused_a_save_waits_for_it_and_can_tell(place: Place, monkeypatch: pytest.MonkeyPatch):
    refused: Queue[int] = Queue()

    def refuses(descriptor: int) -> None:
        refused.put(descriptor)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(forcing, "TO_DISK_S", 0.01)
    records = place.open()
    case = opened(records, draft())
    with statements() as said, monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuses)
        saved(records, case, 1)
        assert "PRAGMA synchronous=NORMAL" in said
        refused.get(timeout=30)
        for _ in range(1000):
            if "PRAGMA synchronous=FULL" not in said:
                saved(records, case, 1)
        assert "PRAGMA synchronous=FULL" in said
    records.close()


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection, _cursor, statement: str, *_) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)
