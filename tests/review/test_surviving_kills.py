"""kill -9 of the whole app at random moments of a scripted case: what is spoken, typed, decided and signed counts once.

The page goes on meanwhile, as a browser does: it records, types, and sends again what was not answered.
"""

import random
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import pytest

from dictation.audio import Journal, Recording
from dictation.audio.capture import to_pcm
from dictation.records import Records
from dictation.records.sound import faults, sound_path
from dictation.review.listening import BLOCK_SAMPLES
from tests.records.cases import Place
from tests.review.mortal_server import mortal
from tests.review.wire_page import NO_IMPRESSION, WirePage, WireTake
from tests.speech.live_sessions import KEY_WORDS, blocks, said

SEED = 20261126
LONGEST_LIFE_S = 5.0
MOMENTS = ("type", "cursor", "take", "listen", "decide", "compare", "sign", "addendum")
PATIENCE_S = 120.0

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL: TerminateProcess is tried there"),
]


def spoken(*names: str) -> list[bytes]:
    """What a microphone gives, in whole blocks."""
    sound = said(*names)
    whole = np.concatenate([sound, np.zeros(-len(sound) % BLOCK_SAMPLES, np.float32)])
    return [to_pcm(block) for block in blocks(whole, BLOCK_SAMPLES)]


@dataclass
class Work:
    """What a page did to one case, and what it knows to be done."""

    number: int
    case: str = ""
    typed: list[str] = field(default_factory=list)
    """Words that the server has confirmed."""
    typing: str = ""
    sound: list[bytes] = field(default_factory=list)
    take: WireTake | None = None
    signing: int = 0
    signed: int = 0
    is_done: bool = False


class Script:
    """A person at a page who works on one case after the other until told to end; in a thread."""

    def __init__(self, page: WirePage) -> None:
        self.page = page
        self.works: list[Work] = []
        self.error: BaseException | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="script", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Finish the case that is open."""
        self._ending.set()
        self._thread.join(PATIENCE_S)
        self.check()
        assert not self._thread.is_alive(), f"the script hangs: {self.page.describe()}"

    def check(self) -> None:
        """Raise what went wrong in the script."""
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            for number in count():
                if self._ending.is_set():
                    return
                work = Work(number)
                self.works.append(work)
                self._case(work)
        except BaseException as error:
            self.error = error

    def _case(self, work: Work) -> None:
        page = self.page
        work.case = page.new()
        self._type(work, "FINDINGS: Small left pleural effusion. ")
        work.take = page.begin()
        self._speak(work, "effusion")
        self._type(work, f"Mark{work.number}a. ", at=10)
        page.obeyed("cursor", version=page.state["pad"]["version"], at=len(page.text), timeout_s=PATIENCE_S)
        self._speak(work, "nodule")
        page.until(lambda: holds(page.text, "effusion", "nodule"), PATIENCE_S)
        self._type(work, f" Mark{work.number}b. IMPRESSION: Small right pleural effusion.")
        self._review()
        decide(page)
        self._sign(work)
        page.obeyed("addendum", reason="later", timeout_s=PATIENCE_S)
        page.until(lambda: "Mark" not in page.text, PATIENCE_S)
        self._type(work, f"Mark{work.number}c. A rib is broken.")
        self._review()
        self._sign(work)
        page.settle(PATIENCE_S)
        work.is_done = True

    def _type(self, work: Work, text: str, at: int | None = None) -> None:
        work.typing = text
        answer = self.page.type(text, at, timeout_s=PATIENCE_S)
        assert answer["ok"], answer
        work.typed.append(text)
        work.typing = ""

    def _speak(self, work: Work, name: str) -> None:
        sound = spoken(name)
        work.sound += sound
        assert work.take is not None
        self.page.dictate(work.take, sound)

    def _review(self) -> None:
        page = self.page
        while True:
            connection = page.connections
            page.obeyed("compare", timeout_s=PATIENCE_S)
            page.until(lambda c=connection: page.connections > c or page.state["case"]["stage"] == "review", PATIENCE_S)
            if page.state["case"]["stage"] == "review":
                return

    def _sign(self, work: Work) -> None:
        work.signing += 1
        for _ in range(200):
            whose = {"identity": NO_IMPRESSION["identity"]}
            if self.page.ask("sign", author="Dr. A. Example", overrides=whose, timeout_s=PATIENCE_S)["ok"]:
                work.signed += 1
                return
            time.sleep(0.1)
            if self.page.state["case"]["stage"] != "review":
                self._review()
        raise AssertionError(f"not signed: {self.page.refused[-1]}")


def decide(page: WirePage) -> None:
    """Dismiss all cards: one at least, as the impression names the other side."""
    page.until(lambda: "data-d=" in page.state["pane"]["cards"], PATIENCE_S)
    cards = dict.fromkeys(re.findall(r'data-d="([^"]+)"', page.state["pane"]["cards"]))
    for card in cards:
        page.obeyed("decide", id=card, action="dismiss", reason="both sides", timeout_s=PATIENCE_S)


def holds(text: str, *names: str) -> bool:
    """Whether the words of these clips stand in a text in their order."""
    rest = iter(re.findall(r"[a-z]+", text.lower()))
    return all(word in rest for name in names for word in KEY_WORDS[name])


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.soak)])
def test_a_server_that_is_killed_at_any_moment_loses_and_doubles_nothing(place: Place, kills: int):
    rng = random.Random(SEED)
    with mortal(place) as server:
        moment = Moment()
        with WirePage(server.url, posted=moment.posted) as page:
            script = Script(page)
            for _ in range(kills):
                moment.wait(rng, script)
                server.kill()
                records = place.open()
                assert records.verify() == ()
                for work in script.works[-1:]:
                    check_midway(records, work)
                records.close()
                server.start()
            script.end()
            assert [text for command, text in page.refused if command["do"] not in ("sign", "compare")] == []
        records = place.open()
        assert records.verify() == ()
        for work in script.works:
            check_done(records, work)
        records.close()


class Moment:
    """Waits for the moment of the next kill: after some seconds, or just after a command of a kind was sent."""

    def __init__(self) -> None:
        self._kind, self._is_there = "", threading.Event()

    def posted(self, command: dict) -> None:
        """A command was sent."""
        if command["do"] == self._kind:
            self._is_there.set()

    def wait(self, rng: random.Random, script: Script) -> None:
        """Wait for the next moment."""
        self._kind = rng.choice(MOMENTS) if rng.random() < 0.5 else ""
        self._is_there.clear()
        life_s, after_s = rng.uniform(0, LONGEST_LIFE_S), rng.uniform(0, 0.08)
        if self._is_there.wait(life_s if not self._kind else 2 * LONGEST_LIFE_S):
            time.sleep(after_s)
        script.check()


def check_midway(records: Records, work: Work) -> None:
    """The server is dead: everything that it confirmed is on the disk, once."""
    if not work.typed:
        return
    stored = records.load(work.case)
    texts = [version.text for version in stored.versions] + [stored.draft.pad.text]
    for text in work.typed:
        for mark in re.findall(r"Mark\w+", text):
            assert any(one.count(mark) == 1 for one in texts), f"{mark} was confirmed and is gone"
    for mark in re.findall(r"Mark\w+", " ".join([*work.typed, work.typing])):
        assert all(one.count(mark) <= 1 for one in texts), f"{mark} is there twice"
    assert work.signed <= len(stored.versions) <= work.signing
    assert [version.number for version in stored.versions] == list(range(1, len(stored.versions) + 1))
    take = work.take
    recording = records.recording_of(take.id) if take is not None else None
    if take is None or recording is None:
        return
    path = sound_path(records, recording)
    taken = max(take.taken, take.saved)
    if path.suffix == ".capture":
        with Journal.open(path) as journal:
            kept = journal.read(0, journal.samples)
            assert taken <= journal.taken_blocks, "a block that was taken is lost"
    else:
        kept = Recording(path).samples()
        assert taken <= len(kept) // BLOCK_SAMPLES, "a block that was taken is lost"
    assert to_pcm(kept) == b"".join(work.sound)[: 2 * len(kept)]


def check_done(records: Records, work: Work) -> None:
    """Hold a finished case against what its page did."""
    assert work.is_done and work.take is not None
    stored = records.load(work.case)
    assert faults(records, work.case) == ()
    first, second = stored.versions
    assert (first.state, second.state) == ("final", "addended")
    assert second.text.startswith(first.text)
    text = first.text
    for mark in "ab":
        assert text.count(f"Mark{work.number}{mark}") == 1
    assert second.text.count(f"Mark{work.number}c") == 1 and f"Mark{work.number}c" in stored.draft.pad.text
    for name in ("effusion", "nodule"):  # each at its organ
        assert holds(text, name), "words are gone, or out of order"
    for word in ("pneumothorax", "nodule", "lobe"):
        assert len(re.findall(word, text.lower())) == 1, "a word is doubled"
    (recording,) = records.recordings(work.case)
    assert first.recordings.keys() == {recording.recording}
    kept = to_pcm(Recording(sound_path(records, recording)).samples())
    assert kept == b"".join(work.sound)


def test_a_disk_that_is_full_for_a_while_costs_nothing_and_stops_nobody_for_good(tmp_path):
    place = Place("", tmp_path / "home")
    with mortal(place) as server, WirePage(server.url) as page, WirePage(server.url) as other:
        case = page.new()
        there = other.new()
        assert other.type("Heart normal.")["ok"]
        take, sound = page.begin(), spoken("effusion", "lungs")
        page.speak(take, sound[:20])
        page.until(lambda: take.saved == 20)
        full(server.pid, 4096)
        page.add(take, *sound[20:])
        page.until(lambda: any("free space" in text for text in page.notices))
        assert not other.ask("type", version=other.state["pad"]["version"], start=0, stop=0, text="Lost?")["ok"]
        assert sorted(take.blocks)[-1] == len(sound) - 1, "what was not taken is in the browser"
        full(server.pid, None)
        assert other.type(" Kept.")["ok"]
        page.until(lambda: not take.blocks)
        page.off(take)
        page.until_review()
        assert holds(page.text, "effusion", "lungs") and other.text == "Heart normal. Kept."
        page.settle()
    records = place.open()
    recording = records.recording_of(take.id)
    assert recording is not None and records.verify() == ()
    with Journal.open(sound_path(records, recording)) as journal:
        assert to_pcm(journal.read(0, journal.samples)) == b"".join(sound)
    assert holds(records.load(case).draft.pad.text, "effusion", "lungs")
    assert records.load(there).draft.pad.text == "Heart normal. Kept."
    records.close()


def full(pid: int, most: int | None) -> None:
    """Let no file of a program grow beyond so many bytes; None: as far as it will."""
    import resource  # not on Windows, where none of this is tried

    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if most is None else most, hard))
