"""kill -9 in the middle of a backup, a restore or a migration leaves the old state or the new one, and it verifies."""

import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from dictation.records import backed_up as names
from dictation.records import database, swapping
from dictation.records.backup_check import check
from tests.records import kill_copies
from tests.records.backups import backed_up, filled, restored, rows, verified
from tests.records.cases import Place
from tests.records.forking import forking

SEED = 20261126
FEW, CASES = 4, 4
PATIENCE_S = 300.0
STEPS = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{revision}", "{before}"


def upgrade():
    op.add_column("cases", sa.Column("more{revision}", sa.Text, nullable=False, server_default="x"))
    op.create_table("copy{revision}", sa.Column("number", sa.Integer, primary_key=True), sa.Column("what", sa.Text))
    op.execute("INSERT INTO copy{revision} SELECT number, what FROM audit")
    op.execute("UPDATE cases SET more{revision} = search")
    op.create_index("index{revision}", "copy{revision}", ["what"])
"""

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL: TerminateProcess is tried there"),
    pytest.mark.parametrize("kills", [FEW, pytest.param(100, marks=pytest.mark.soak)]),
]


class Killer:
    """Starts a program again and again, and kills it at a random moment, every other time just at a step of it."""

    def __init__(self, work: Callable, *arguments: object) -> None:
        self._work, self._arguments = work, arguments
        self._context = forking("tests.records.kill_copies")
        self._rng = random.Random(SEED)
        self._whole_s, self._steps = 0.0, 0
        self.ends: Counter[str] = Counter()

    def let_live(self) -> None:
        """Run it to its end, and see how long that takes."""
        self._run(float("inf"), 0)

    def kill(self) -> None:
        """Run it, and kill it."""
        step = self._rng.randint(1, self._steps) if self._steps and self._rng.random() < 0.5 else 0
        self._run(float("inf") if step else self._rng.uniform(0, self._whole_s), step)

    def _run(self, life_s: float, last_step: int) -> None:
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=self._work, args=(theirs, *self._arguments), daemon=True)
        process.start()
        theirs.close()
        said, steps, began_s = ours.recv(), 0, time.monotonic()
        ends_s = began_s + life_s
        try:
            while ours.poll(max(0.0, min(PATIENCE_S, ends_s - time.monotonic()))):
                said = ours.recv()
                steps += said == "step"
                if steps == last_step > 0:
                    ends_s = min(ends_s, time.monotonic() + self._rng.uniform(0, 0.005))
            process.kill()
        except EOFError:
            pass
        took_s = time.monotonic() - began_s
        process.join()
        assert process.exitcode in (0, -9), f"the program ended by itself ({process.exitcode})"
        if said == "done":
            self._whole_s, self._steps = took_s, steps
        self.ends[said] += 1


def test_a_killed_backup_is_none_and_harms_nothing(place: Place, tmp_path: Path, kills: int):
    ids = sorted(filled(place, CASES))
    folder = tmp_path / "backups"
    killer = Killer(kill_copies.back_up, place, folder)
    killer.let_live()
    present = 1
    for _ in range(kills):
        killer.kill()
        whole = [path for path in folder.iterdir() if names.is_name(path.name)]
        assert len(whole) - present in (0, 1), "a backup that was there is gone"
        present = len(whole)
        assert check(max(whole)) == ()
        assert verified(place) == ids
    print(f"{kills} kills, seed {SEED}: {dict(killer.ends)}, {present} backups")
    backed_up(place, folder)
    assert not list(folder.glob("*.part"))
    assert all(check(path) == () for path in folder.iterdir() if names.is_name(path.name))


def test_a_killed_restore_leaves_the_old_cases_or_the_new_ones(elsewhere: Place, tmp_path: Path, kills: int):
    place = Place("", tmp_path / "source")
    new = sorted(filled(place, CASES))
    backup = backed_up(place, tmp_path / "backups").path
    old = sorted(filled(elsewhere, 2))
    own = backed_up(elsewhere, tmp_path / "own").path
    killer = Killer(kill_copies.bring_back, elsewhere, backup)
    killer.let_live()
    assert verified(elsewhere) == new
    found: Counter[str] = Counter()
    for number in range(kills):
        restored(own, elsewhere, replaces=True)
        forget_what_was_set_aside(elsewhere)
        killer.kill()
        halfway = [path.name.partition("-")[0] for path in elsewhere.home.iterdir() if "ing-" in path.name]
        present = verified(elsewhere)
        assert present in (old, new)
        found["new" if present == new else "old", *halfway] += 1
        if number % 2:
            restored(backup, elsewhere, replaces=True)
            assert verified(elsewhere) == new
    print(f"{kills} kills, seed {SEED}: {dict(killer.ends)}; {dict(found)}")
    restored(backup, elsewhere, replaces=True)
    assert swapping.left_over(elsewhere.home) == [] and verified(elsewhere) == new


def test_a_restore_that_stops_at_any_step_is_finished_or_undone(elsewhere: Place, tmp_path: Path, kills: int):
    place, real = Place("", tmp_path / "source"), Path.rename
    new = sorted(filled(place))
    backup = backed_up(place, tmp_path / "backups").path
    old = sorted(filled(elsewhere, 1))
    own = backed_up(elsewhere, tmp_path / "own").path

    def stopped_at(step: int) -> int:
        """Restore over the old cases and stop before that renaming; return how many there were."""
        done: list[str] = []

        def rename(path: Path, target: Path) -> Path:
            if len(done) == step:
                raise KeyboardInterrupt
            done.append(path.name)
            return real(path, target)

        with pytest.MonkeyPatch.context() as patched, suppress(KeyboardInterrupt):
            patched.setattr(Path, "rename", rename)
            restored(backup, elsewhere, replaces=True)
        return len(done)

    steps, ends = stopped_at(-1), []
    assert steps > 10 and verified(elsewhere) == new
    stops = range(steps) if kills > FEW else sorted({*range(3), *random.Random(SEED).sample(range(3, steps), 3)})
    for step in stops:
        restored(own, elsewhere, replaces=True)
        assert verified(elsewhere) == old
        forget_what_was_set_aside(elsewhere)
        assert stopped_at(step) == step
        present = verified(elsewhere)
        ends.append("new" if present == new else "old")
        assert present in (old, new)
        assert not [path.name for path in elsewhere.home.glob("taking-*")]
    assert ends == sorted(ends, reverse=True) and ends.index("new") in (1, 2), ends


def test_a_killed_migration_leaves_the_old_schema_or_the_new_one(place: Place, tmp_path: Path, kills: int, monkeypatch):
    filled(place, CASES)
    migrations = Path(shutil.copytree(database.MIGRATIONS, tmp_path / "migrations"))
    before = newest = database.newest_revision()
    for number in range(9001, 9007):
        step = STEPS.format(revision=number, before=before)
        (migrations / "versions" / f"{number}_more.py").write_text(step, encoding="utf-8")
        before = str(number)
    old = backed_up(place, tmp_path / "backups").path
    counts = {name: len(found) for name, found in rows(place).items()}
    killer = Killer(kill_copies.migrate, place, migrations)
    killer.let_live()
    found: Counter[str] = Counter()
    for _ in range(kills):
        renewed(place, old)
        counts["audit"] = len(rows(place)["audit"])
        killer.kill()
        after = rows(place)
        revision = after["alembic_version"][0][0]
        found[revision] += 1
        assert revision in (newest, before)
        assert {name: len(after[name]) for name in counts} == counts
        added = {name: len(there) for name, there in after.items() if name not in counts}
        assert added == ({} if revision == newest else {f"copy{n}": counts["audit"] for n in range(9001, 9007)})
        with monkeypatch.context() as patched:
            patched.setattr(database, "MIGRATIONS", migrations)
            place.open().close()
            # A file is held against a new one of its revision, which has these tables; a server against our own alone.
            for number in range(9001, 9007) if place.url else ():
                place.tamper(f"DROP TABLE copy{number}")
            assert len(verified(place)) == CASES + 1
    print(f"{kills} kills, seed {SEED}: {dict(killer.ends)}, schema afterwards {dict(found)}")


def renewed(place: Place, backup: Path) -> None:
    """The place as it was before it was migrated."""
    if place.url:
        place.tamper("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    shutil.rmtree(place.home)
    restored(backup, place)
    with closing(place.open()):
        pass


def forget_what_was_set_aside(place: Place) -> None:
    for path in place.home.glob("before-*"):
        shutil.rmtree(path)
