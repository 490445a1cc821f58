"""The page behind another tab, as it lies under the image viewer: it goes on hearing, and is dictated to from outside.

Chromium is started by hand and without Playwright's defaults, which keep pages in the background awake and tell them
that they are seen: so the page is hidden as any other. `make soak` covers it for ten minutes.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from tests.browser.conftest import ROOT
from tests.browser.get_chromium import found, whole
from tests.browser.test_surviving import CLIPS, RATE, SENT, WAIT_MS, sound_is_as_sent, text_of
from tests.records.cases import Place
from tests.review.mortal_server import mortal
from tests.speech.live_sessions import KEY_WORDS, said
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.realtime]

PARTS = 4  # of the time; words are to come in each
COUNT = """() => {
  window.count = { partials: 0, shown: 0, ticks: 0 };
  desk.on("partial", () => { count.partials++; });
  document.addEventListener("visibilitychange", () => { count.shown += !document.hidden; });
  setInterval(() => { count.ticks++; }, 100);
}"""


@pytest.fixture
def server(tmp_path, monkeypatch):
    with mortal(Place("", tmp_path / "home"), monkeypatch) as server:
        yield server


@pytest.fixture
def page(start, server, tmp_path):
    """A page whose microphone says the clips over and over, in a browser that Playwright did not start."""
    wav, profile = tmp_path / "said.wav", tmp_path / "profile"
    soundfile.write(wav, said(*CLIPS, pause_s=0.8), RATE, subtype="PCM_16")
    switches = (
        "--headless=new",
        "--no-sandbox",
        "--no-first-run",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}",
    )
    browser = subprocess.Popen([whole() or found(), *switches, "about:blank"], stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port_of(profile)}"
        over = start.driver.chromium.connect_over_cdp(address, no_defaults=True)
        page = over.contexts[0].pages[0]
        page.set_default_timeout(WAIT_MS)
        page.add_init_script(SENT)
        page.goto(server.url)
        page.wait_for_function("window.desk?.connected && desk.state")
        yield page
        over.close()
    finally:
        browser.terminate()
        browser.wait()


def port_of(profile: Path) -> str:
    """Where a browser that was just started listens."""
    told = profile / "DevToolsActivePort"
    return until(lambda: told.exists() and told.read_text().split(), "the browser does not start", WAIT_MS / 1000)[0]


def covered(page) -> None:
    """Bring another tab to the front."""
    cover = page.context.new_page()
    cover.bring_to_front()
    page.wait_for_function("document.hidden", polling=100)


def press(server, name: str) -> None:
    """`dictation key NAME`, as pedal software runs it."""
    command = [sys.executable, "-m", "pipelines", "key", name]
    environment = {**os.environ, "DICTATION_HOME": str(server.place.home)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("seconds", [10, pytest.param(600, marks=pytest.mark.soak)])
def test_a_covered_page_loses_no_sound_and_its_words_go_on(page, server, seconds):
    case = page.evaluate("desk.state.case")
    page.evaluate(COUNT)
    covered(page)
    press(server, "toggle")
    partials, unsent_s = [], 0.0
    for part in range(1, PARTS + 1):
        before = page.evaluate("count.partials")
        page.wait_for_function(
            f"desk.capture.samples >= {seconds * RATE * part // PARTS}", polling=500, timeout=WAIT_MS + 1000 * seconds
        )
        partials.append(page.evaluate("count.partials") - before)
        unsent_s = max(unsent_s, page.evaluate("desk.capture.sending.unsent_s"))
    press(server, "toggle")
    page.wait_for_function("desk.capture.state === 'off' && desk.capture.sending.unsent_s === 0", polling=100)
    page.wait_for_function("desk.state.stage === 'review'", polling=100)
    assert page.evaluate("document.hidden && count.shown") == 0, "somebody saw the page"
    heard = page.evaluate("desk.capture.samples")
    kept_s = sound_is_as_sent(server, page, case)
    assert round(kept_s * RATE) == heard
    least = min(partials) if seconds > 60 else sum(partials[PARTS // 2 :])  # a busy machine may take a quarter of 10 s
    assert least > 0, partials
    said_s = len(said(*CLIPS, pause_s=0.8)) / RATE
    words = text_of(server, case).lower()
    rounds = {word: words.count(word) for name in CLIPS for word in KEY_WORDS[name]}
    ticks = page.evaluate("count.ticks")
    print(
        f"\n{kept_s:.1f} s hidden: {-(-heard // 1600)} blocks, none lost; at most {unsent_s:.1f} s not yet sent; ",
        end="",
    )
    print(f"partials in each quarter: {partials}; a timer of 0.1 s came {ticks} times; words: {rounds}")
    assert min(rounds.values()) >= int(kept_s // said_s), rounds
