"""A backup that is made while four people dictate comes back verified, with all that was confirmed before it began."""

import sys
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from dictation.audio import Journal, Recording
from dictation.audio.capture import to_pcm
from dictation.records import Records, sound
from dictation.records.sound import sound_path
from dictation.review.listening import BLOCK_SAMPLES
from tests.records.backups import command, program
from tests.records.cases import Place
from tests.review.mortal_server import mortal
from tests.review.test_surviving_kills import holds, spoken
from tests.review.wire_page import NO_IMPRESSION, WirePage, WireTake

PATIENCE_S = 120.0
WHOLE_CLIP = 45  # blocks: more than the longest has
CLIPS = ("effusion", "nodule", "lungs", "impression")

pytestmark = [pytest.mark.realtime, pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")]


class Dictation:
    """Somebody who dictates the same clips again and again, and types and signs between them, until told to end."""

    def __init__(self, page: WirePage, number: int) -> None:
        self.page, self.number = page, number
        self.case, self.typed, self.signed = "", 0, 0
        self.takes: dict[str, list[bytes]] = {}
        self.take: WireTake | None = None
        self.error: BaseException | None = None
        self._ending = threading.Event()
        self.goes_on = threading.Event()
        """While set, one clip follows the other without a pause in which something is typed."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def confirmed(self) -> tuple[str, int, int, dict[str, int]]:
        """The case, and what of it the server has confirmed: marks typed, signatures, blocks of each take."""
        case, typed, signed = self.case, self.typed, self.signed
        return case, typed, signed, {id: take.saved for id, take in self.page.takes.items()}

    def taken(self) -> int:
        """How many blocks the server has taken."""
        return sum(take.taken for take in self.page.takes.values())

    def end(self) -> None:
        self._ending.set()
        self._thread.join(PATIENCE_S)
        if self.error is not None:
            raise self.error
        assert not self._thread.is_alive(), self.page.describe()

    def _run(self) -> None:
        try:
            page, work = self.page, 0
            self.case = page.new()
            take = page.begin()
            sent = self.takes[take.id] = []
            while not self._ending.is_set():
                if not take.is_on:
                    self._type()
                for block in spoken(CLIPS[(self.number + work) % len(CLIPS)]):
                    sent.append(block)
                    if not take.is_on:
                        page.on(take)
                    page.add(take, block)
                    time.sleep(0.1)
                if not self.goes_on.is_set():
                    page.off(take)
                work += 1
            if take.is_on:
                page.off(take)
            page.settle(PATIENCE_S)
        except BaseException as error:
            self.error = error

    def _type(self) -> None:
        answer = self.page.type(f"Mark{self.number}n{self.typed}. ", 0, timeout_s=PATIENCE_S)
        assert answer["ok"], answer
        self.typed += 1


@pytest.mark.parametrize(("place", "elsewhere"), [("sqlite", "sqlite"), ("postgresql", "postgresql")], indirect=True)
def test_a_backup_during_four_dictations_comes_back_verified(place: Place, elsewhere: Place, tmp_path: Path):
    with mortal(place) as server, ExitStack() as stack:
        pages = [stack.enter_context(WirePage(server.url)) for _ in range(4)]
        sign_one(pages[0])
        people = [Dictation(page, number) for number, page in enumerate(pages)]
        for one in people:
            one.page.until(lambda one=one: any(take.saved > WHOLE_CLIP for take in one.page.takes.values()), PATIENCE_S)
            one.goes_on.set()
        for one in people:
            one.page.until(lambda one=one: any(take.is_on for take in one.page.takes.values()), PATIENCE_S)
        (tmp_path / "backups").mkdir()
        before, taken = [one.confirmed() for one in people], [one.taken() for one in people]
        made = program(place, "backup", tmp_path / "backups")
        meanwhile = [one.taken() - then for one, then in zip(people, taken, strict=True)]
        assert made.returncode == 0, made.stderr
        for one, (_, _, _, saved) in zip(people, before, strict=True):
            one.page.until(
                lambda one=one, saved=saved: sum(one.confirmed()[3].values()) > sum(saved.values()), PATIENCE_S
            )
            one.end()
    assert all(blocks > 0 for blocks in meanwhile), "somebody waited for the backup"
    checked = command(place, "backup", "--check", made.stdout.strip())
    assert checked.returncode == 0, checked.stderr
    done = command(elsewhere, "restore", made.stdout.strip())
    assert done.returncode == 0 and "restored and verified: 5 cases" in done.stderr, done.stderr
    with closing(elsewhere.open()) as records:
        assert records.verify() == () and sound.faults(records) == ()
        for one, (case, typed, _, saved) in zip(people, before, strict=True):
            text = records.load(case).draft.pad.text
            assert [text.count(f"Mark{one.number}n{number}.") for number in range(typed)] == [1] * typed
            for take, blocks in saved.items():
                if take in one.takes:
                    kept = sound_in(records, take)
                    assert len(kept) >= 2 * BLOCK_SAMPLES * blocks > 0
                    assert kept == b"".join(one.takes[take])[: len(kept)]
    with mortal(elsewhere) as server, WirePage(server.url) as page:
        page.open(before[1][0])
        page.until(lambda: holds(page.text, CLIPS[1]), PATIENCE_S)


def sign_one(page: WirePage) -> None:
    """A case that is signed and archived before the backup begins."""
    page.new()
    take = page.begin()
    page.dictate(take, spoken("lungs"), block_s=0)
    page.until(lambda: holds(page.text, "lungs"), PATIENCE_S)
    page.obeyed("compare", timeout_s=PATIENCE_S)
    page.until(lambda: page.state["case"]["stage"] == "review", PATIENCE_S)
    page.obeyed("sign", author="Dr. A. Example", overrides=NO_IMPRESSION, timeout_s=PATIENCE_S)


def sound_in(records: Records, take: str) -> bytes:
    """The sound of a take, as 16-bit PCM."""
    recording = records.recording_of(take)
    assert recording is not None, "a dictation is not in the backup"
    path = sound_path(records, recording)
    if path.suffix != ".capture":
        return to_pcm(Recording(path).samples())
    with Journal.open(path) as journal:
        return to_pcm(journal.read(0, journal.samples))
