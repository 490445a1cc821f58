"""kill -9 while sound is deleted: each recording is marked and in the trail, or not marked and has its file."""

import random
import sys
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import pytest

from dictation.records import Records
from dictation.records.recordings import PURGED
from dictation.records.sound import faults
from tests.records import purge_killed
from tests.records.cases import PAGE, Place
from tests.records.forking import forking
from tests.records.spoken import dictated, kept_sound, signed

SEED = 20261126
CASES = 12  # that are due in each round
LONGEST_LIFE_S = 0.06  # after the last that it told of; one takes about that long

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGKILL: TerminateProcess is tried there"
)


def killed(place: Place, count: int, life_s: float) -> None:
    """Let the program delete so many recordings and work for so many seconds more, and kill it."""
    ours, process = begun(place)
    for _ in range(count):
        ours.recv()
    time.sleep(life_s)
    process.kill()
    process.join()


def begun(place: Place) -> tuple[Connection, BaseProcess]:
    """Start the program; return what it says, and itself."""
    context = forking("tests.records.purge_killed")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=purge_killed.work, args=(theirs, place), daemon=True)
    process.start()
    theirs.close()
    assert ours.recv() == "begun"
    return ours, process


def check(records: Records, case_id: str) -> tuple[int, int]:
    """Hold a case against the rule; return how many recordings are marked, and how many of them have a file still."""
    case, (kept,) = records.load(case_id).draft, records.recordings(case_id)
    (has_file,) = kept_sound(records, case)
    deleted = [entry.detail["recording"] for entry in records.audit(case_id) if entry.what == PURGED]
    assert deleted == ([kept.recording] if kept.purged_at else [])
    assert has_file or kept.purged_at
    return bool(kept.purged_at), bool(kept.purged_at) and has_file


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.soak)])
def test_a_purge_that_is_killed_at_any_moment_is_finished_by_the_next(place: Place, kills: int):
    rng = random.Random(SEED)
    cases: list[str] = []
    records = place.open()
    live = dictated(records)
    midway = between = 0
    for _ in range(kills):
        due = [signed(records, dictated(records)).id for _ in range(CASES)]
        cases += due
        records.close()
        killed(place, rng.randrange(CASES), rng.uniform(0, LONGEST_LIFE_S))
        records = place.open()
        assert records.verify() == () == faults(records)
        found = [check(records, case) for case in due]
        midway += 0 < sum(marked for marked, _ in found) < CASES
        between += sum(has_file for _, has_file in found)
    records.close()
    ours, process = begun(place)
    while ours.recv() != "done":
        pass
    process.join()
    records = place.open()
    assert [check(records, case) for case in cases] == [(True, False)] * len(cases)
    assert kept_sound(records, live) == [True]
    assert records.verify() == () == faults(records)
    assert between or kills < 100
    print(f"{kills} kills, seed {SEED}: {midway} in the middle, {between} between mark and file")
    records.release(live.id, PAGE)
    records.close()
