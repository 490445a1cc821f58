"""The microphone of the page, in a real Chromium: every sample once and in order, whatever happens on the way."""

import base64
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from dictation.audio import SAMPLE_RATE, Journal, Recording
from dictation.audio.capture import from_pcm
from dictation.speech.live import finish_from
from tests.browser.capture_server import load_ear
from tests.browser.conftest import ROOT, Program, held_port
from tests.browser.room import tap
from tests.speech.live_sessions import said
from tests.waiting import until

pytestmark = pytest.mark.browser

WAIT_MS = 60_000
BLOCK = 1600
HALF = SAMPLE_RATE // 2
SAMPLES = ["01_left_effusion", "03_no_pneumothorax"]
SAID = np.concatenate(
    [
        said("effusion", "lungs", "nodule", "impression", pause_s=0.6, before_s=0.0),
        *(Recording(ROOT / "audio_samples" / name / f"{name}.flac").samples() for name in SAMPLES),
    ]
)
OTHER = "2" * 32
EAR = cache(load_ear)


class Captures(Program):
    """The server, and what it has in its folder."""

    def __init__(self, port: int, folder: Path) -> None:
        self.folder = folder
        command = ("-m", "tests.browser.capture_server", "{port}", str(folder))
        super().__init__(port, "told", folder / "log.txt", *command)

    def told(self) -> dict:
        with urlopen(f"{self.url}told") as answer:
            return json.load(answer)

    def sign(self, take: str) -> None:
        urlopen(f"{self.url}sign/{take}").close()

    def takes(self, case: str) -> list[str]:
        return [take for take, kept in self.told()["takes"].items() if kept["case"] == case]

    def told_to_listen(self, take: str) -> list[tuple[bool, int]]:
        """(Whether on, the block) of each command to listen to a take, or no more."""
        commands = [one for one in self.told()["commands"] if one["do"] == "listen" and one["take"] == take]
        return [(one["on"], one["block"]) for one in commands]

    def journal(self, take: str) -> Journal:
        """A copy of the file: the server has the lock."""
        copy = self.folder / f"{take}.copy"
        copy.write_bytes((self.folder / self.told()["takes"][take]["file"]).read_bytes())
        return Journal.open(copy)

    def sound(self, take: str) -> np.ndarray:
        """What is on disk of a take; no block is missing."""
        with self.journal(take) as journal:
            assert journal.gaps == []
            return journal.read(0, journal.samples)

    def ends(self, take: str) -> list[int]:
        """The last blocks of its stretches."""
        with self.journal(take) as journal:
            return sorted(end - 1 for end in journal.ends)


@pytest.fixture(scope="module")
def wav(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "said.wav"
    soundfile.write(path, SAID, SAMPLE_RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Iterator[Captures]:
    with held_port() as port:
        program = Captures(port, tmp_path_factory.mktemp("captures"))
        program.start()
        yield program
        program.kill()


@pytest.fixture(scope="module")
def speaking(start, wav):
    """A browser whose microphone says all of it from the start whenever it is opened."""
    return start(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}",
    )


@pytest.fixture
def case() -> str:
    """A case of its own for each test."""
    return uuid4().hex


@pytest.fixture
def page(program, speaking, case, watch):
    watched = watch(speaking, permissions=["microphone"])
    opened(watched.page, program, case)
    yield watched.page
    assert watched.strangers == []


def opened(page, program, case: str) -> None:
    page.goto(f"{program.url}?case={case}")
    ready(page)
    page.evaluate("keepTapped()")


def ready(page) -> None:
    page.set_default_timeout(WAIT_MS)
    page.wait_for_function("window.desk?.connected && desk.capture.shownCase")  # the key comes with the first case
    page.evaluate("desk.capture.late_ms = Infinity")  # how long a busy machine takes is told in a test of its own


TAPPED = "btoa(tapped.map((bytes) => String.fromCharCode(...bytes)).join(''))"


def tapped(page) -> np.ndarray:
    """Every sample that the tap has given since the page was opened."""
    return from_pcm(base64.b64decode(page.evaluate(TAPPED)))


def listening(page) -> None:
    page.wait_for_function("document.body.hasAttribute('data-listening')")


def resting(page) -> None:
    page.wait_for_function("desk.capture.state === 'off'")


def spoken(page, seconds: float) -> None:
    """Wait until so much more was said."""
    page.evaluate("window.before = desk.capture.samples")
    page.wait_for_function(f"desk.capture.samples - before >= {seconds * SAMPLE_RATE}")


def all_sent(page) -> None:
    """Wait until all of it is on the server's disk: what the server has taken may not be there yet."""
    page.wait_for_function("desk.capture.sending.takes.size === 0")


def begins(page) -> None:
    tap(page)
    listening(page)


def speaks(page, seconds: float) -> None:
    begins(page)
    spoken(page, seconds)


def ends(page) -> None:
    """Stop, and wait until all of it is on the server's disk."""
    tap(page)
    resting(page)
    all_sent(page)


def dictate(page, seconds: float) -> None:
    speaks(page, seconds)
    ends(page)


def passes(page, seconds: float) -> None:
    """Wait until the microphone has given so much more, whether it is recorded or not."""
    clock = "desk.capture.microphone.context.currentTime"
    page.wait_for_function(f"(end) => {clock} >= end", arg=page.evaluate(clock) + seconds)


def held(page) -> None:
    """Wait until the key that is down is held, and not tapped."""
    page.wait_for_function("performance.now() - desk.capture.downAt > desk.capture.held_ms + 50")


def told_once(page, *words: str) -> None:
    """One sentence is told, and has these words."""
    page.wait_for_function("desk.told.length")
    assert [[word in text for word in words] for text in page.evaluate("desk.told")] == [[True] * len(words)]


def place(sound: np.ndarray) -> tuple[int, float]:
    """(Sample of what the microphone says at which `sound` begins, likeness there, 1 at best)."""
    size = 1 << int(np.ceil(np.log2(len(SAID) + len(sound))))
    product = np.fft.irfft(np.fft.rfft(SAID, size) * np.conj(np.fft.rfft(sound, size)), size)[: len(SAID) - len(sound)]
    energy = np.cumsum(np.square(np.append(0.0, SAID)))
    local = energy[len(sound) : -1] - energy[: -len(sound) - 1]
    likeness = product / np.sqrt(np.maximum(local, 1e-3) * np.square(sound).sum())
    at = int(np.argmax(likeness))
    return at, float(likeness[at])


def follows(sound: np.ndarray) -> int:
    """How many half seconds of speech in `sound` are what the microphone said, one behind the other.

    The browser's own fake microphone slips by some 10 ms now and then; half a block of ours would be more than that.
    """
    pieces = [(start, sound[start : start + HALF]) for start in range(0, len(sound) - HALF, HALF)]
    found = [(start, *place(piece)) for start, piece in pieces if np.abs(piece).max() > 0.2]
    alike = [at - start for start, at, likeness in found if likeness > 0.9]
    assert len(found) - len(alike) <= 1 + len(found) // 5, found  # a slip lies within a piece
    assert np.ptp(alike) < 0.05 * SAMPLE_RATE, found
    return len(alike)


def kept_whole(page, program, case: str) -> np.ndarray:
    """The sound of the one take of a case: all that the tap has given."""
    (take,) = program.takes(case)
    sound = program.sound(take)
    np.testing.assert_array_equal(sound, tapped(page))
    return sound


def heard_again(program, take: str) -> list[str]:
    """The words of a take, heard from its file at once."""
    with program.journal(take) as journal:
        return [word.text for word in finish_from(journal, EAR()).words]


@pytest.mark.realtime
def test_all_sound_arrives_once_and_in_order(page, program, case):
    dictate(page, 6.0)
    sound = kept_whole(page, program, case)
    (take,) = program.takes(case)
    assert len(sound) == page.evaluate("desk.capture.samples")
    assert follows(sound) >= 6
    until(lambda: program.told()["settled"][case])
    assert program.told()["words"][take] == heard_again(program, take)
    until(lambda: page.evaluate("desk.outbox.numbers(desk.capture.take.take)") == [])


def test_a_pause_adds_to_the_same_take_and_its_blocks_are_counted_on(page, program, case):
    dictate(page, 1.5)
    first = page.evaluate("desk.capture.take.next")
    dictate(page, 1.5)
    (take,) = program.takes(case)
    last = page.evaluate("desk.capture.take.next")
    assert program.told_to_listen(take) == [(True, 0), (False, first), (True, first), (False, last)]
    sound, given = program.sound(take), tapped(page)
    assert program.ends(take) == [first - 1, last - 1]
    cut = len(given) - (len(sound) - first * BLOCK)
    np.testing.assert_array_equal(sound[:cut], given[:cut])
    np.testing.assert_array_equal(sound[first * BLOCK :], given[cut:])


@pytest.mark.realtime
def test_reload_in_the_middle_of_a_sentence_costs_the_reload_alone(page, program, case):
    speaks(page, 3.0)
    before = tapped(page)
    page.reload()
    ready(page)
    listening(page)
    spoken(page, 2.0)
    ends(page)
    first, second = program.takes(case)
    sound = program.sound(first)
    np.testing.assert_array_equal(sound[: len(before)], before)
    assert follows(sound) >= 3 and follows(program.sound(second)) >= 2
    until(lambda: program.told()["settled"][case])
    assert [block for is_on, block in program.told_to_listen(first) if not is_on] == [-(-len(sound) // BLOCK)]


@pytest.mark.realtime
def test_a_connection_that_breaks_in_the_middle_of_a_sentence_loses_and_doubles_nothing(page, program, case):
    speaks(page, 2.0)
    page.evaluate("window.retryMs = 3000; desk.hangUp()")
    page.wait_for_function("Number(document.querySelector('.kept').dataset.unsent) > 2")
    expect(page.locator(".kept")).to_contain_text("s not saved yet")
    page.wait_for_function("desk.connected")
    spoken(page, 2.0)
    ends(page)
    assert follows(kept_whole(page, program, case)) >= 6
    (take,) = program.takes(case)
    until(lambda: program.told()["settled"].get(case))
    assert program.told()["words"][take] == heard_again(program, take)
    expect(page.locator(".kept")).to_have_text("")


def test_what_a_closed_tab_left_behind_is_sent_by_another(page, program, case):
    other = page.context.new_page()
    opened(other, program, OTHER)
    speaks(page, 1.0)
    program.kill()
    spoken(page, 2.0)
    count = page.evaluate("desk.capture.take.stored")
    before = tapped(page)[: count * BLOCK]
    page.close()
    program.start()
    other.wait_for_function("desk.connected")
    until(lambda: program.takes(case) and len(program.sound(program.takes(case)[0])) >= count * BLOCK)
    np.testing.assert_array_equal(program.sound(program.takes(case)[0])[: count * BLOCK], before)
    until(lambda: program.told()["settled"].get(case))
    until(lambda: other.evaluate("desk.outbox.takes()") == [])


@pytest.mark.realtime
def test_a_held_key_listens_until_it_is_let_go_and_no_longer(page, program, case):
    dictate(page, 0.3)  # the microphone is open now
    page.evaluate("""() => {  // in seconds of what the microphone gives, which a busy machine may skip
      const now = () => desk.capture.microphone.context.currentTime;
      addEventListener("keydown", () => { window.down ??= now(); }, true);
      addEventListener("keyup", () => { window.up = now(); }, true);
    }""")
    before = len(tapped(page))
    page.keyboard.down("F9")
    listening(page)
    spoken(page, 1.0)
    page.keyboard.up("F9")
    resting(page)
    held_s, heard = page.evaluate("up - down"), len(tapped(page)) - before
    assert held_s <= heard / SAMPLE_RATE + 0.2 and heard / SAMPLE_RATE <= held_s + 0.3 + 0.2  # 0.3 s from before it
    passes(page, 0.5)
    assert len(tapped(page)) == before + heard
    all_sent(page)
    (take,) = program.takes(case)
    assert len(program.ends(take)) == 2


def test_a_tap_is_none_less_where_the_page_is_busy_while_the_key_comes_up(page):
    dictate(page, 0.3)  # the microphone is open now
    page.evaluate("""() => {
      const key = { key: "F9", code: "F9", bubbles: true, cancelable: true };
      const [down, up] = ["keydown", "keyup"].map((type) => new KeyboardEvent(type, key));
      document.body.dispatchEvent(down);
      for (const until = performance.now() + 600; performance.now() < until;);
      document.body.dispatchEvent(up);
    }""")
    listening(page)
    spoken(page, 1.0)
    assert page.evaluate("desk.capture.state") == "on"
    tap(page)
    resting(page)


@pytest.mark.parametrize("pressed", ["the key", "the button"])
def test_a_press_while_the_take_before_still_ends_begins_the_next_one(page, program, case, pressed):
    press = (lambda: tap(page)) if pressed == "the key" else (lambda: page.click(".record"))
    speaks(page, 1.0)
    page.evaluate("slowTail()")
    tap(page)
    assert page.evaluate("desk.capture.state") == "stopping"
    press()
    press()
    press()  # the last one is meant
    page.evaluate("tail()")
    listening(page)
    spoken(page, 1.0)
    ends(page)
    (take,) = program.takes(case)
    assert len(program.ends(take)) == 2
    assert page.evaluate("desk.told") == []


def test_a_key_that_is_let_go_before_the_microphone_was_ready_says_that_nothing_was_recorded(page):
    begins(page)
    page.evaluate("slowTail()")
    tap(page)
    page.keyboard.down("F9")
    held(page)
    page.keyboard.up("F9")
    page.evaluate("tail()")
    resting(page)
    told_once(page, "nothing was recorded; press F9")
    assert not page.evaluate("document.body.hasAttribute('data-listening')")


def test_the_page_shows_that_it_does_not_listen_yet_and_says_when_that_took_long(page):
    page.evaluate(
        """() => {
            const { getUserMedia } = MediaDevices.prototype;
            navigator.mediaDevices.getUserMedia = async (asked) => {
              await new Promise((open) => { window.letOpen = open; });
              return getUserMedia.call(navigator.mediaDevices, asked);
            };
            desk.capture.late_ms = 300; }"""
    )
    tap(page)
    page.wait_for_function("window.letOpen && document.body.hasAttribute('data-opening')")
    assert not page.evaluate("document.body.hasAttribute('data-listening')")
    assert [page.inner_text(one) for one in (".what", ".level")] == ["Opening", "not yet"]
    page.wait_for_function("performance.now() - desk.capture.askedAt > 500")  # of speech that nobody hears
    page.evaluate("letOpen()")
    listening(page)
    assert page.evaluate("desk.capture.samples") > 0
    assert page.inner_text(".what") == "Stop" and not page.evaluate("document.body.hasAttribute('data-opening')")
    told_once(page, "may be missing")
    assert page.evaluate("desk.errors") == page.evaluate("desk.told"), "it stays until it is read"
    spoken(page, 0.5)
    tap(page)
    resting(page)
    page.evaluate("desk.told.length = 0; desk.capture.late_ms = Infinity; desk.capture.microphone.close()")
    page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia = async () => {
            throw new DOMException("", "NotFoundError"); }; }"""
    )
    tap(page)
    page.wait_for_function("desk.told.length")
    assert page.inner_text(".what") == "Dictate" and page.inner_text(".level") == ""


def test_an_open_microphone_that_brings_no_sample_says_so_and_is_opened_again(page):
    dictate(page, 0.3)
    page.evaluate(
        """() => { const { context } = desk.capture.microphone; window.silent = context;
            context.onstatechange = null; return context.suspend(); }"""
    )
    tap(page)
    page.wait_for_function("desk.told.length")
    assert "No sound comes from the microphone" in page.evaluate("desk.told[0]")
    assert page.inner_text(".what") == "Opening" and page.get_attribute(".record", "aria-pressed") == "true"
    assert not page.evaluate("document.body.hasAttribute('data-listening')")
    tap(page)
    resting(page)
    begins(page)
    assert page.evaluate("desk.capture.microphone.context !== silent && desk.told.length") == 1


def test_of_a_key_whose_first_sample_comes_after_it_was_let_go_nothing_is_kept_as_is_said(page, program, case):
    dictate(page, 0.3)
    (take,) = program.takes(case)
    kept = len(program.sound(take))
    page.evaluate("desk.capture.microphone.start = () => {}")  # no sample until it is let go
    page.evaluate(
        """() => { const { microphone } = desk.capture, { stop } = microphone;
            microphone.stop = () => { microphone.tap.port.postMessage("start"); return stop.call(microphone); }; }"""
    )
    page.keyboard.down("F9")
    page.wait_for_function("desk.capture.state === 'on'")
    held(page)
    page.keyboard.up("F9")
    resting(page)
    told_once(page, "nothing was recorded; press F9")
    page.wait_for_function("desk.capture.sending.unsent_s === 0")
    assert len(program.sound(take)) == kept and len(tapped(page)) > kept


def test_what_was_said_before_another_case_was_opened_is_not_in_it(page, program, case):
    speaks(page, 1.0)
    page.evaluate(f"desk.state = {{ ...desk.state, case: '{OTHER}' }}; desk.emit('case', desk.state)")
    resting(page)
    count = len(tapped(page))
    speaks(page, 1.0)
    ends(page)
    (take,) = program.takes(case)
    other = program.takes(OTHER)[-1]
    given = tapped(page)
    np.testing.assert_array_equal(program.sound(take), given[:count])
    np.testing.assert_array_equal(program.sound(other), given[count:])


def other_opens(page) -> None:
    """The case that was asked for is open."""
    page.evaluate(f"desk.state = {{ ...desk.state, case: '{OTHER}' }}; desk.emit('case', desk.state)")


def idle(page) -> bool:
    """Whether nothing is recorded, and nothing is about to be."""
    resting(page)
    return page.evaluate("!desk.capture.isWanted && !document.body.hasAttribute('data-listening')")


@pytest.mark.parametrize("held", [False, True])
def test_the_key_between_two_cases_records_nothing_says_so_and_must_be_pressed_again(page, program, case, held):
    dictate(page, 0.5)
    before, others = len(tapped(page)), len(program.takes(OTHER))
    page.evaluate(f"desk.capture.leave('{OTHER}')")
    page.keyboard.down("F9")
    if not held:
        page.keyboard.up("F9")
    page.wait_for_function("desk.told.length === 1")
    assert page.evaluate("desk.told[0]").startswith("The next case is opening – not recording; press F9 again")
    page.click(".record")
    assert idle(page) and page.evaluate("desk.told.length") == 1
    other_opens(page)
    assert idle(page), "half of a sentence is worse than none"
    page.keyboard.up("F9")
    assert page.evaluate("desk.told")[1:] == [
        "The case is open; what you said while it was opening was not recorded; press F9 and say it again."
    ]
    assert len(tapped(page)) == before
    dictate(page, 0.5)
    np.testing.assert_array_equal(program.sound(program.takes(OTHER)[-1]), tapped(page)[before:])
    assert len(program.takes(case)) == 1 and len(program.takes(OTHER)) == others + 1


NAMED = """document.body.insertAdjacentHTML(
  "afterbegin", '<header id="banner"><div class="identity"><span><b>EXAMPLE, Ada</b></span></div></header>')"""


def test_a_key_held_while_a_take_is_left_must_be_pressed_again_in_the_next_case(page, program, case):
    page.evaluate(NAMED)
    page.keyboard.down("F9")
    listening(page)
    spoken(page, 1.0)
    page.evaluate(f"desk.capture.leave('{OTHER}')")
    resting(page)
    other_opens(page)
    assert idle(page)
    ended, again = page.evaluate("desk.told")
    assert ended == (
        "The dictation of EXAMPLE, Ada has ended, as another case is opened; what you said is kept with it."
    )
    assert "press F9 and say it again" in again
    page.keyboard.up("F9")
    all_sent(page)
    kept_whole(page, program, case)


@pytest.mark.parametrize("why", ["refused", "the connection broke"])
def test_where_no_other_case_opens_the_key_dictates_into_the_one_that_stays(page, program, case, why):
    page.evaluate(f"desk.capture.leave('{OTHER}')")
    tap(page)
    assert idle(page)
    page.evaluate(f"desk.capture.stay('{OTHER}')" if why == "refused" else "desk.hangUp()")
    page.wait_for_function("desk.told.some((text) => text.startsWith('No other case was opened'))")
    page.wait_for_function("desk.connected")
    dictate(page, 0.5)
    assert len(program.takes(case)) == 1


def test_a_take_whose_microphone_opens_when_the_case_is_left_says_that_nothing_was_recorded(page, program, case):
    page.evaluate("slowOpen()")
    tap(page)
    page.wait_for_function("desk.capture.state === 'opening'")
    page.evaluate(f"desk.capture.leave('{OTHER}')")
    page.evaluate("allow()")
    other_opens(page)
    assert idle(page) and "press F9 and say it again" in page.evaluate("desk.told.at(-1)")
    assert program.takes(case) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (f"case: '{OTHER}'", "another case was opened"),
        ("lock: { mine: false, by: 'Dr. Okafor' }", "Dr. Okafor works on it now"),
        ("state: 'final', versions: [{}]", "it is signed"),
    ],
)
def test_a_take_that_somebody_else_ends_is_kept_with_its_case_and_told_once(page, program, case, change, why):
    page.evaluate(NAMED)
    speaks(page, 1.0)
    page.evaluate(f"desk.state = {{ ...desk.state, {change} }}; desk.emit('case', desk.state)")
    page.evaluate("document.querySelector('#banner b').textContent = 'EXAMPLE, Bea'; desk.emit('case', desk.state)")
    resting(page)
    page.evaluate("desk.emit('case', desk.state)")
    assert page.evaluate("desk.told") == [
        f"The dictation of EXAMPLE, Ada has ended, as {why}; what you said is kept with it."
    ]
    all_sent(page)
    kept_whole(page, program, case)


def test_a_case_that_is_taken_over_while_the_microphone_opens_is_not_dictated_into(page, program, case):
    page.evaluate("slowOpen()")
    tap(page)
    page.wait_for_function("desk.capture.state === 'opening'")
    page.evaluate("desk.state = { ...desk.state, lock: { mine: false } }; desk.emit('case', desk.state)")
    page.evaluate("allow()")
    resting(page)
    told_once(page, "open in another page")
    assert idle(page) and program.takes(case) == []


def test_a_signed_case_takes_no_sound_and_says_so(page, program):
    page.evaluate("desk.state = { ...desk.state, case: 'signed' }; desk.emit('case', desk.state)")
    page.evaluate("desk.on('answer', ({ ok, message }) => ok || desk.tell(message))")
    tap(page)
    page.wait_for_function("desk.told.some((text) => text.includes('final'))")
    resting(page)
    assert not page.evaluate("document.body.hasAttribute('data-listening')")


def test_a_chosen_microphone_that_is_missing_is_not_replaced(page):
    page.evaluate("localStorage['capture.microphone'] = JSON.stringify({ id: 'gone', label: 'SpeechMike' })")
    page.reload()
    ready(page)
    tap(page)
    page.wait_for_function("desk.told.length")
    assert page.evaluate("desk.told") == [
        "The microphone “SpeechMike” is not connected; connect it, or choose another one in the bar."
    ]
    assert page.evaluate("desk.capture.state") == "off" and not page.evaluate("desk.capture.microphone.isOpen")
    assert page.evaluate("document.activeElement.className") == "microphone"
    assert page.inner_text(".microphone option:checked") == "SpeechMike (not connected)"
    page.select_option(".microphone", "")
    begins(page)


@pytest.mark.parametrize(
    ("connected", "opens"),
    [
        ({"b": "SpeechMike", "built": "Built-in"}, None),  # its twin is no other name for it
        ({"x": "SpeechMike", "y": "Built-in"}, "x"),  # all have new ids
        ({"x": "SpeechMike", "z": "SpeechMike"}, None),  # new ids, and nobody knows which it was
        ({"b": "SpeechMike", "a": "SpeechMike"}, "a"),
    ],
)
def test_a_chosen_microphone_is_not_replaced_by_another_one_of_its_make(page, connected, opens):
    page.evaluate(
        """localStorage["capture.microphone"] =
            JSON.stringify({ id: "a", label: "SpeechMike", known: ["a", "b", "built"] })"""
    )
    page.evaluate("(devices) => connected(devices)", list(connected.items()))
    page.evaluate("desk.capture.showChoice()")
    shown = page.inner_text(".microphone option:checked")
    assert shown == "SpeechMike" if opens else shown == "SpeechMike (not connected)"
    tap(page)
    if opens:
        listening(page)
        assert page.evaluate("asked") == [opens]
        kept = page.evaluate("JSON.parse(localStorage['capture.microphone'])")
        assert kept["id"] == opens
        assert set(kept["known"]) == set(connected) | ({"b", "built"} if opens == "a" else set())
    else:
        page.wait_for_function("desk.told.length")
        assert "“SpeechMike” is not connected" in page.evaluate("desk.told[0]") and page.evaluate("asked") == []


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_chosen_microphone_is_asked_for_where_the_browser_names_none_before_it_is_allowed(page, is_allowed):
    page.evaluate("localStorage['capture.microphone'] = JSON.stringify({ id: 'a', label: 'SpeechMike', known: ['a'] })")
    page.evaluate("(isAllowed) => hidden(isAllowed)", is_allowed)
    page.evaluate("desk.capture.showChoice()")
    assert page.inner_text(".microphone option:checked") == "SpeechMike"
    tap(page)
    if is_allowed:
        listening(page)
    else:
        page.wait_for_function("desk.told.length")
        assert "does not allow the microphone" in page.evaluate("desk.told[0]")
    assert page.evaluate("asked") == ["a"]
    assert page.inner_text(".microphone option:checked") == "SpeechMike"
    assert page.evaluate("JSON.parse(localStorage['capture.microphone'])") == {
        "id": "a",
        "label": "SpeechMike",
        "known": ["a"],
    }


def test_a_chosen_microphone_is_opened_again_in_the_next_page(page):
    dictate(page, 0.2)
    names = page.locator(".microphone option").all_inner_texts()
    page.select_option(".microphone", label=names[1])
    page.reload()
    ready(page)
    assert page.inner_text(".microphone option:checked") == names[1]
    begins(page)
    assert page.evaluate("desk.capture.microphone.stream.getTracks()[0].label") == names[1]


def test_another_microphone_chosen_while_it_records_says_that_nothing_is_recorded_any_more(page):
    speaks(page, 0.5)
    page.select_option(".microphone", label=page.locator(".microphone option").all_inner_texts()[1])
    resting(page)
    assert "NOT RECORDING: another microphone was chosen" in page.inner_text("body")


def test_an_unplugged_microphone_is_told_and_what_was_said_is_kept(page, program, case):
    speaks(page, 1.0)
    page.evaluate("desk.capture.microphone.stream.getTracks()[0].dispatchEvent(new Event('ended'))")
    resting(page)
    page.wait_for_function("desk.told.some((text) => text.includes('disconnected'))")
    all_sent(page)
    kept_whole(page, program, case)


def test_a_microphone_that_is_not_allowed_is_one_sentence(start, program, case, watch):
    page = watch(start("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny")).page
    opened(page, program, case)
    tap(page)
    page.wait_for_function("desk.told.length")
    assert page.evaluate("desk.told") == [
        "The browser does not allow the microphone; allow it beside the address, then press again."
    ]
    resting(page)


@pytest.mark.parametrize("broken", ["AudioWorklet.prototype.addModule", "AudioContext.prototype.resume"])
def test_a_sound_system_that_fails_closes_the_microphone_and_the_next_press_listens(page, broken):
    page.evaluate(f"() => {{ window.whole = {broken}; {broken} = async () => {{ throw new Error('broken'); }}; }}")
    tap(page)
    page.wait_for_function("desk.told.length && desk.capture.state === 'off'")
    assert "Chrome" in page.evaluate("desk.told[0]") and not page.evaluate("Boolean(desk.capture.microphone.stream)")
    page.evaluate(f"() => {{ {broken} = window.whole; }}")
    begins(page)


def test_a_tapped_key_ends_after_the_set_silence_and_a_forgotten_one_too(page):
    page.evaluate("desk.state.preferences = { silence_s: 3 }")
    begins(page)
    page.evaluate("window.hear = (peak) => desk.capture.heard({ pcm: new ArrayBuffer(3200), peak })")
    almost = "hear(0.4); for (let i = 0; i < 29; i++) hear(0.001); hear(0.4); desk.capture.state"
    assert page.evaluate(almost) == "on"  # at once: no block of the microphone comes between
    page.evaluate("for (let i = 0; i < 31; i++) hear(0.001)")
    resting(page)
    assert "3 s of silence" in page.evaluate("desk.told.at(-1)")
    begins(page)
    page.evaluate("for (let i = 0; i < 6010; i++) desk.capture.heard({ pcm: new ArrayBuffer(2), peak: 0.4 })")
    resting(page)
    assert "10 minutes" in page.evaluate("desk.told.at(-1)")


def test_where_the_browser_keeps_nothing_the_sound_goes_to_the_server_all_the_same(page, program, case):
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };")
    page.reload()
    ready(page)
    page.evaluate("keepTapped()")
    told_once(page, "keeps no sound")
    dictate(page, 1.0)
    kept_whole(page, program, case)
    page.wait_for_function("desk.outbox.held.blocks.size === 0")


def test_a_browser_whose_disk_is_full_says_so_and_loses_nothing(page, program, case):
    page.evaluate("""() => {
      IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
    }""")
    dictate(page, 1.0)
    told_once(page, "keeps no sound")
    kept_whole(page, program, case)


def test_sound_of_a_take_that_was_signed_elsewhere_is_told_once_and_stays_in_the_browser(page, program, case):
    speaks(page, 1.0)
    (take,) = program.takes(case)
    program.sign(take)
    resting(page)
    told_once(page, "s of sound came after their report was signed")
    speaks(page, 0.5)
    assert page.evaluate("desk.capture.take.take") != take and len(program.takes(case)) == 2


def test_a_spoken_stop_ends_dictation_and_says_so(page):
    begins(page)
    page.evaluate("desk.emit('ask', { kind: 'ask', what: 'sign' })")
    assert page.evaluate("desk.capture.state") == "on"
    page.evaluate("desk.emit('ask', { kind: 'ask', what: 'stop' })")
    resting(page)
    page.wait_for_function("desk.told.length")
    assert page.evaluate("desk.told") == ["Dictation paused, as you said; press F9 to go on."]


def test_whichever_case_comes_after_a_signature_can_be_dictated_into(page):
    page.evaluate(f"desk.capture.leave('{OTHER}'); desk.capture.leave(''); 0")
    page.evaluate(f"desk.emit('case', desk.state = {{ ...desk.state, case: '{OTHER}' }}); 0")
    begins(page)
    assert page.evaluate("desk.capture.take.case") == OTHER


@pytest.fixture
def early(program, speaking, case, watch):
    """A page as it is where nothing was chosen: its microphone is open before the key."""
    page = watch(speaking, permissions=["microphone"]).page
    page.goto(f"{program.url}?open&case={case}")
    page.wait_for_function("window.desk?.capture?.microphone.isOpen && desk.capture.state === 'off'")
    page.evaluate("keepTapped()")
    return page


READY = "desk.capture.microphone.isOpen && document.querySelector('#bar .level').textContent === 'ready'"
CLOSED = "!desk.capture.microphone.isOpen && document.querySelector('#bar .level').textContent === ''"


def test_an_open_case_has_its_microphone_open_so_that_the_first_press_loses_no_word(early, program, case):
    page = early
    page.wait_for_function(READY)
    passes(page, 0.5)  # what is said before the key
    assert page.evaluate("[desk.capture.samples, tapped.length]") == [0, 0] and program.takes(case) == []
    page.evaluate("keepAhead()")
    dictate(page, 1.0)
    assert page.evaluate("ahead") == 4800, "0.3 s from before the press"
    assert page.evaluate("desk.errors") == []
    kept_whole(page, program, case)


def test_a_microphone_that_shall_not_stay_open_opens_with_the_key(early):
    page = early
    page.evaluate("desk.state.preferences.microphone_open = false; desk.capture.keepOpen(false)")
    page.wait_for_function(CLOSED)
    dictate(page, 0.5)
    page.evaluate("desk.state.preferences.microphone_open = true")
    page.evaluate("desk.capture.close().then(() => desk.capture.keepOpen(true))")
    page.wait_for_function(READY)


def test_a_case_that_another_page_has_opens_no_microphone(early):
    page = early
    page.evaluate(
        "desk.state.lock = { mine: false, by: 'Dr. B' }; desk.capture.close().then(() => desk.capture.open())"
    )
    assert not page.evaluate("desk.capture.microphone.isOpen")
