"""What goes wrong at the microphone and on the way to disk: nothing that was said is lost, and the page says so."""

import time

import pytest

pytestmark = pytest.mark.browser

WAIT_MS = 30_000

# Keeps every microphone that was opened, so that a test can see whether it is still open.
WATCH_MICROPHONES = """
window.opened = [];
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => { const s = await open(wish); window.opened.push(s); return s; };
"""
STILL_OPEN = "opened.filter((s) => s.getTracks().some((t) => t.readyState === 'live')).length"


@pytest.fixture(scope="module")
def speaking(start):
    """A browser whose microphone beeps."""
    return start("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@pytest.fixture
def page(served, speaking, watch):
    page = watch(speaking).page
    page.add_init_script(WATCH_MICROPHONES)
    page.goto(served)
    state(page, "idle")
    return page


def state(page, *names: str) -> str:
    page.wait_for_selector(", ".join(f'#bar .bar[data-state="{name}"]' for name in names), timeout=WAIT_MS)
    return page.get_attribute("#bar .bar", "data-state")


def dictate(page, until: str) -> None:
    page.keyboard.press("F9")
    state(page, "recording")
    page.wait_for_function(f"document.querySelector('#bar .clock').textContent >= '{until}'", timeout=WAIT_MS)


def kept(home) -> set[str]:
    folder = home / "recordings"
    return {file.name for file in folder.iterdir()} if folder.exists() else set()


def asks_before_closing(page) -> bool:
    """Whether closing the tab would warn. Where it does not, gradio hangs up: nothing more can be done on that page."""
    return page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))")


def sent(page) -> None:
    """Waits until the program has answered that it has the recording."""
    state(page, "transcribing", "ready")


@pytest.mark.parametrize("broken", ["AudioWorklet.prototype.addModule", "AudioContext.prototype.resume"])
def test_a_sound_system_that_fails_closes_the_microphone_and_the_next_f9_records(page, broken):
    page.evaluate(f"() => {{ window.whole = {broken}; {broken} = async () => {{ throw new Error('broken'); }}; }}")
    page.keyboard.press("F9")
    state(page, "error")
    assert page.evaluate("opened.length") == 1
    assert page.evaluate(STILL_OPEN) == 0
    page.evaluate(f"() => {{ {broken} = window.whole; }}")
    dictate(page, "0:01")
    assert page.evaluate(STILL_OPEN) == 1


def test_an_unplugged_microphone_is_told_and_what_was_said_can_be_sent(page, home):
    before = kept(home)
    dictate(page, "0:01")
    page.evaluate("opened[0].getTracks()[0].dispatchEvent(new Event('ended'))")
    state(page, "error")
    assert "disconnected" in page.inner_text("#bar .message")
    assert page.evaluate(STILL_OPEN) == 0
    assert asks_before_closing(page)
    with page.expect_download() as saved:
        page.click("#bar .save")
    assert saved.value.path().read_bytes()[:4] == b"RIFF"
    page.click("#bar .retry")
    sent(page)
    assert len(kept(home) - before) == 1
    assert not asks_before_closing(page)


def test_a_short_addition_is_kept_while_the_first_part_is_still_worked_on(page, home):
    before = kept(home)
    dictate(page, "0:02")
    page.keyboard.press("F9")
    state(page, "transcribing", "ready", "error")
    page.keyboard.press("F9")
    state(page, "recording")
    time.sleep(0.2)  # a word
    page.keyboard.press("F9")
    sent(page)
    assert len(kept(home) - before) == 2
    state(page, "ready")
    assert not asks_before_closing(page)


def test_until_the_program_has_kept_it_a_recording_is_not_counted_as_sent(page, home):
    before = kept(home)
    dictate(page, "0:01")
    page.route("**/queue/join*", lambda route: None)  # what the page says does not arrive
    page.keyboard.press("F9")
    state(page, "sending")
    time.sleep(1)
    assert state(page, "sending")
    assert asks_before_closing(page)
    assert kept(home) == before


def test_who_stays_after_the_warning_can_still_send(page, home):
    before = kept(home)
    dictate(page, "0:01")
    assert asks_before_closing(page)
    page.keyboard.press("F9")
    sent(page)
    assert len(kept(home) - before) == 1
