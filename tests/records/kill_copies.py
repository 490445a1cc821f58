"""Programs that back up, restore or migrate; they say when they begin, and each renaming, and are killed at it."""

from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from dictation.records import database
from tests.records.backups import backed_up, restored
from tests.records.cases import Place


def back_up(told: Connection, place: Place, folder: Path) -> None:
    _work(told, lambda: backed_up(place, folder))


def bring_back(told: Connection, place: Place, backup: Path) -> None:
    _work(told, lambda: restored(backup, place, replaces=True))


def migrate(told: Connection, place: Place, migrations: Path) -> None:
    database.MIGRATIONS = migrations
    _work(told, lambda: place.open().close())


def _work(told: Connection, do: Callable[[], object]) -> None:
    rename = Path.rename

    def step(path: Path, target: Path) -> Path:
        told.send("step")
        return rename(path, target)

    Path.rename = step  # type: ignore[method-assign]
    told.send("begins")
    do()
    told.send("done")
