"""Nobody talks to a microphone that has stopped: it warns before, it says so until that is noticed, all of it aloud."""

import pytest

from tests.browser.test_capture import case as case
from tests.browser.test_capture import held, listening, opened, resting, tap
from tests.browser.test_capture import program as program
from tests.browser.test_capture import speaking as speaking
from tests.browser.test_capture import wav as wav

pytestmark = pytest.mark.browser

NOTES = """
window.notes = [];
const { start } = OscillatorNode.prototype;
OscillatorNode.prototype.start = function (at) { notes.push(this.frequency.value); return start.call(this, at); };
"""
ON, OFF, WARNING, STOPPED = [660, 990], [990, 500], [780, 780, 780], [440, 330, 220]


@pytest.fixture
def page(program, speaking, case, watch):
    """A page that listens to nobody: what its microphone gives is said by the tests."""
    watched = watch(speaking, permissions=["microphone"])
    watched.page.add_init_script(NOTES)
    opened(watched.page, program, case)
    watched.page.evaluate("desk.capture.microphone.onBlock = () => {}; 0")
    yield watched.page
    assert watched.strangers == []


def says(page, peak: float, seconds: float) -> None:
    """The microphone gives so many seconds of this loudness; no tone sounds by then."""
    page.evaluate(
        """([peak, blocks]) => { for (let i = 0; i < blocks; i++) {
          desk.capture.tones.until_ms = -Infinity;
          desk.capture.heard({ pcm: new ArrayBuffer(3200), peak }); } }""",
        [peak, round(seconds * 10)],
    )


def begins(page) -> None:
    tap(page)
    page.wait_for_function("desk.capture.state === 'on'")
    says(page, 0.4, 1)
    listening(page)


def light(page) -> tuple[str, str]:
    """What it is, and what it says at arm's length."""
    told = "[...document.querySelectorAll('#light:popover-open > b')].map((one) => one.innerText).join(' ').trim()"
    return page.evaluate(f"[desk.capture.light.is, {told}]")


def notes(page) -> list[int]:
    """What was heard since the last time."""
    return [round(one) for one in page.evaluate("notes.splice(0)")]


def test_starting_and_stopping_sound_different(page):
    begins(page)
    assert notes(page) == ON
    tap(page)
    resting(page)
    assert notes(page) == OFF and light(page) == ["", ""]


def test_before_it_ends_by_itself_it_warns_and_a_voice_puts_that_away(page):
    begins(page)
    notes(page)
    says(page, 0.001, 49.5)
    assert light(page) == ["", ""] and notes(page) == []
    says(page, 0.001, 2)
    assert light(page) == ["warning", "SILENCE: recording ends in 9 s"] and notes(page) == WARNING
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('#light b')).fontSize)") >= 24
    says(page, 0.001, 5)
    assert light(page) == ["warning", "SILENCE: recording ends in 4 s"] and notes(page) == []
    says(page, 0.4, 0.2)
    assert light(page) == ["", ""] and page.evaluate("desk.capture.state") == "on"


def test_how_long_before_is_a_setting_and_none_is_one(page):
    page.evaluate("desk.state.preferences = { warn_s: 15 }")
    begins(page)
    says(page, 0.001, 45.5)
    assert light(page)[0] == "warning"
    says(page, 0.4, 0.2)
    page.evaluate("desk.state.preferences = { warn_s: 0 }")
    says(page, 0.001, 59)
    assert light(page) == ["", ""]


def test_a_microphone_that_falls_silent_under_a_held_key_is_told_and_does_not_end(page):
    page.keyboard.down("F9")
    page.wait_for_function("desk.capture.state === 'on'")
    says(page, 0.4, 1)
    listening(page)
    notes(page)
    says(page, 0.001, 49.5)
    assert light(page) == ["", ""] and notes(page) == []
    says(page, 0.001, 15)
    assert light(page) == ["warning", "NOTHING HEARD: is the microphone on? 64 s"] and notes(page) == WARNING
    assert page.evaluate("desk.capture.state") == "on"
    held(page)
    page.keyboard.up("F9")
    resting(page)
    assert notes(page) == OFF and light(page) == ["", ""]


def test_after_it_has_ended_it_says_so_until_somebody_has_noticed(page):
    page.evaluate("window.rests = desk.capture.microphone.onRest; desk.capture.microphone.onRest = () => {}; 0")
    begins(page)
    says(page, 0.001, 61)
    resting(page)
    assert light(page) == ["stopped", "NOT RECORDING: 60 s of silence"]
    assert notes(page)[-3:] == STOPPED
    page.evaluate("desk.emit('case', { ...desk.state })")
    assert light(page)[0] == "stopped"
    page.evaluate("desk.capture.saidAt = -Infinity; desk.capture.tones.until_ms = -Infinity")
    page.evaluate("for (let i = 0; i < 4; i++) rests(0.3)")
    assert light(page) == ["stopped", "NOT RECORDING: you are speaking"] and notes(page) == STOPPED
    page.click("#light")
    assert light(page) == ["", ""]
    page.evaluate("for (let i = 0; i < 40; i++) rests(0.3)")
    assert notes(page) == [] and light(page) == ["", ""]


def test_going_on_puts_it_away(page):
    begins(page)
    says(page, 0.001, 61)
    resting(page)
    begins(page)
    assert light(page) == ["", ""]


def test_the_tap_tells_how_loud_it_is_while_it_is_off(page):
    """A real microphone that goes on speaking: only its loudness leaves the tap."""
    begins(page)
    says(page, 0.001, 61)
    resting(page)
    page.wait_for_function("document.querySelector('#light b').innerText.includes('you are speaking')")
    assert page.evaluate("desk.capture.state") == "off"


def test_a_microphone_that_gives_nothing_from_the_start_is_told_early_held_or_tapped(page):
    page.keyboard.down("F9")
    page.wait_for_function("desk.capture.state === 'on'")
    says(page, 0.001, 7)
    assert light(page) == ["", ""]
    says(page, 0.001, 1.5)
    assert light(page) == ["warning", "NOTHING HEARD: is the microphone on? 8 s"]
    held(page)
    page.keyboard.up("F9")
    resting(page)
    assert light(page) == ["", ""]


@pytest.mark.parametrize(("tones", "heard"), [("warnings", WARNING), ("none", [])])
def test_which_tones_there_are_is_a_setting(page, tones, heard):
    page.evaluate("(tones) => { desk.state.preferences = { tones }; }", tones)
    begins(page)
    says(page, 0.001, 52)
    assert light(page)[0] == "warning" and notes(page) == heard
