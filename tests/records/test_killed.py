"""kill -9 at random moments: the sound is there, no version is torn, the chain is whole, the draft is a saved one."""

import random
import sys
import time
from dataclasses import dataclass, field

import numpy as np
import pytest

from dictation.audio import Journal, Recording
from dictation.records import Records
from dictation.records.sound import faults, sound_path
from tests.records import kill_nine
from tests.records.cases import OTHER_PAGE, Place, version
from tests.records.forking import forking
from tests.records.kill_nine import BLOCK, BLOCKS, TEXTS

SEED = 20260301
LONGEST_LIFE_S = 0.8  # about three cases
LOST_BLOCKS = 10  # 1 s

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGKILL: TerminateProcess is tried there"
)


@dataclass
class Told:
    """What the program said of one case: the last number that it announced and confirmed of each step."""

    case: str
    journal: str = ""
    last: dict[str, int] = field(default_factory=dict)

    def number(self, what: str) -> int:
        return self.last.get(what, -1)


def killed(place: Place, life_s: float) -> list[Told]:
    """Let the program work for so many seconds, kill it, and return what it said of each case."""
    context = forking("tests.records.kill_nine")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=kill_nine.work, args=(theirs, place), daemon=True)
    process.start()
    theirs.close()
    cases: list[Told] = []
    end = float("inf")
    try:
        while True:
            if ours.poll(max(0.0, min(60.0, end - time.monotonic()))):
                what, value = ours.recv()
                end = min(end, time.monotonic() + life_s)
                if what == "case":
                    cases.append(Told(value))
                elif what == "journal":
                    cases[-1].journal = value
                else:
                    cases[-1].last[what] = value
            elif end < float("inf"):
                process.kill()
                end = float("inf")
            else:
                raise AssertionError("the program neither works nor ends")
    except EOFError:
        process.join()
    assert process.exitcode == -9, "the program ended by itself"
    return cases


def check(records: Records, place: Place, told: Told) -> int:
    """Hold one case against what was said of it; return how many blocks of sound were lost."""
    assert faults(records, told.case) == ()
    stored = records.load(told.case)
    if told.last:
        saved = int(stored.draft.fields.get("n", -1))
        assert told.number("saved") <= saved <= told.number("saving")
        assert len(stored.draft.decisions) == max(0, saved - BLOCKS)
    count = len(stored.versions)
    assert max(0, told.number("signed")) <= count <= max(0, told.number("signing"))
    assert [(one.number, one.text) for one in stored.versions] == [(n + 1, TEXTS[n]) for n in range(count)]
    assert stored.state == ("draft", "preliminary", "final", "addended")[count]
    assert [entry.what for entry in records.audit(told.case)].count("signed") == count
    if not told.journal:
        return 0
    (recording,) = records.recordings(told.case)
    path = sound_path(records, recording)
    if told.number("archived") > 0:
        assert path.suffix == ".flac" and not (place.home / "captures" / told.journal).exists()
    elif path.suffix == ".capture":
        Journal.open(path).close()
    taken = max(0, told.number("taken"))
    if taken == 0:
        return 0
    heard = Recording(path).samples()
    assert np.array_equal(heard, kill_nine.noise(told.case)[: len(heard)])
    return max(0, taken - len(heard) // BLOCK)


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.soak)])
def test_a_program_that_is_killed_at_any_moment_loses_nothing(place: Place, kills: int):
    place.open().close()
    rng = random.Random(SEED)
    seen: dict[str, int] = {"cases": 0, "versions": 0, "lost blocks": 0}
    midway: dict[str, int] = {}
    for _ in range(kills):
        cases = killed(place, rng.uniform(0, LONGEST_LIFE_S))
        records = place.open()
        assert records.verify() == ()
        present = {row.id for row in records.worklist(limit=500).rows}
        for told in cases:
            if told.case not in present:
                assert told is cases[-1] and not told.last and not told.journal, "a case that was worked on is gone"
                continue
            lost = check(records, place, told)
            assert lost <= LOST_BLOCKS
            seen["cases"] += 1
            seen["versions"] += len(records.versions(told.case))
            seen["lost blocks"] += lost
        if cases and cases[-1].case in present:
            carry_on(records, cases[-1].case)
            for begun, done in (("saving", "saved"), ("signing", "signed"), ("archiving", "archived")):
                midway[begun] = midway.get(begun, 0) + (cases[-1].number(begun) > cases[-1].number(done))
        records.close()
    print(f"{kills} kills, seed {SEED}: {seen}, killed in the middle of {midway}")
    assert seen["cases"] >= kills / 2


def carry_on(records: Records, case_id: str) -> None:
    """Another page takes the case of the dead one and signs it."""
    records.take_over(case_id, OTHER_PAGE, "Dr B")
    stored = records.load(case_id)
    count = len(stored.versions)
    if count < 3:
        following = version(stored.draft, TEXTS[count], ("preliminary", "final", "addended")[count])
        assert records.sign(stored.draft, following, OTHER_PAGE).number == count + 1
    assert records.verify() == ()
