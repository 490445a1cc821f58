"""A HOME with something of everything, and backups and restores of it."""

import os
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import MetaData, create_engine, select
from typer.testing import CliRunner

from dictation.audio import Journal
from dictation.case.draft import Draft
from dictation.exam import Order
from dictation.records import Records, sound
from dictation.records.backup import BackedUp, back_up
from dictation.records.restore import Restored, restore
from pipelines.cli import app
from tests.conftest import ROOT
from tests.records.cases import AT, PAGE, Place, decision, draft, opened, version

BLOCK, BLOCKS = 1600, 12
OF_THE_USER = {
    "vocabulary.txt": "Dr Öhman\n",
    "preferences.json": "{}",
    "corrections.json": "{}",
    "learned.json": "{}",
    "verdicts.jsonl": "",
    "macros.toml": "",
    "templates/chest.toml": "",
    "macros/knee.toml": "",
    "calibration/whisper.json": "{}",
    "users/ada.example/macros.toml": "",
    "users/ada_token/templates/chest.toml": "",
}
OF_THE_MACHINE = {"key_token": "SECRET", "port": "1", "uploads/voice.wav": "SECRET", "images/half.part": "SECRET"}


def filled(place: Place, cases: int = 2) -> tuple[str, ...]:
    """Fill a HOME: signed cases with sound and image, and one that a page dictates; return their ids."""
    with closing(place.open()) as records:
        ids = [signed(records, number) for number in range(cases)]
        case = opened(records, draft("Heart normal."))
        with captured(records, case, "in progress"):
            pass
    for name, text in {**OF_THE_USER, **OF_THE_MACHINE}.items():
        path = place.home / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text, encoding="utf-8")
    return (*ids, case.id)


def signed(records: Records, number: int) -> str:
    """A case with sound and an image, signed twice, archived and closed."""
    order = Order(accession=f"A{number}", patient_id=f"P{number}", name="DOE^Jané", procedure="Chest", modality="CR")
    case = opened(records, draft("Lungs clear.", orders=(order,), images=("one.dcm",)))
    image = records.home / "images" / case.id / "one.dcm"
    image.parent.mkdir(parents=True, mode=0o700)
    image.write_bytes(case.id.encode())
    captured(records, case, f"take {number}").close(finished=True)
    for state in ("preliminary", "final"):
        case = case.model_copy(update={"decisions": (*case.decisions, decision(state))})
        records.save(case, PAGE)
        records.sign(case, version(case, f"Lungs {state}.", state), PAGE)
    records.mark_sent(case.id, "Dr A")
    assert sound.archive(records, case.id, records.home / "captures") == ()
    records.release(case.id, PAGE)
    return case.id


def captured(records: Records, case: Draft, take: str, blocks: int = BLOCKS) -> Journal:
    """A capture of a case with that many blocks of noise, still open."""
    journal = Journal.create(records.home / "captures", block_samples=BLOCK)
    started_at = AT + timedelta(minutes=len(records.recordings()))
    records.add_recording(case.id, take, journal.id, journal.path.name, started_at)
    for number, block in enumerate(noise(case.id).reshape(-1, BLOCK)[:blocks]):
        journal.append(number, block)
    return journal


def noise(case_id: str) -> np.ndarray:
    random = np.random.default_rng(int(case_id, 16))
    return (random.integers(-(2**15), 2**15, BLOCKS * BLOCK) / 2**15).astype(np.float32)


def backed_up(place: Place, folder: Path, told: list[str] | None = None, *, is_quick: bool = False) -> BackedUp:
    folder.mkdir(exist_ok=True, mode=0o700)
    said = told if told is not None else []
    return back_up(place.url, place.home, folder, by="Dr A", is_quick=is_quick, told=said.append)


def restored(backup: Path, place: Place, *, replaces: bool = False, anyway: bool = False) -> Restored:
    return restore(
        backup, place.url, place.home, by="Dr A", replaces=replaces, anyway=anyway, told=lambda sentence: None
    )


def command(place: Place, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `dictation` with these arguments within this process, for that place."""
    done = CliRunner().invoke(app, [*map(str, arguments)], env=environment(place))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def program(place: Place, *arguments: object, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run it as a program of its own, where that is the point; `before` is Python that runs first."""
    return subprocess.run(
        [sys.executable, "-c", f"{before}\nfrom pipelines.cli import main\nmain()", *map(str, arguments)],
        cwd=ROOT, env=environment(place), capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def environment(place: Place) -> dict[str, str]:
    return {**os.environ, "DICTATION_HOME": str(place.home), "DICTATION_DATABASE_URL": place.url}


def rows(place: Place) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in an order that both databases have."""
    url = place.url.replace("postgresql:", "postgresql+psycopg:") or f"sqlite:///{place.home}/records.sqlite3"
    engine, tables = create_engine(url), MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        found = {
            name: sorted(tuple(row) for row in connection.execute(select(table)))
            for name, table in tables.tables.items()
        }
    engine.dispose()
    return found


def verified(place: Place) -> list[str]:
    """The ids of all cases of a place where everything is as it was written."""
    with closing(place.open()) as records:
        assert records.verify() == (), records.verify()
        assert sound.faults(records) == ()
        return sorted(row.id for row in records.worklist(limit=500).rows)
