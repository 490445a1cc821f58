"""The microphone on the served page itself: a reload and a killed server in the middle of a sentence."""

import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from dictation.audio import Journal
from dictation.review.preferences import Preferences, keep_preferences
from tests.browser.conftest import ROOT, START_S, Watched
from tests.browser.test_capture import (
    KEEP_TAPPED,
    WAIT_S,
    all_sent,
    follows,
    listening,
    resting,
    spoken,
    tap,
    tapped,
    until,
)
from tests.browser.test_capture import speaking as speaking
from tests.browser.test_capture import wav as wav

pytestmark = pytest.mark.browser

FREE_PX = """(() => {
  const [kept, sound] = ["#bar .kept", "#bar .sound"].map((name) => document.querySelector(name)), words = new Range();
  kept.textContent = '1200 s not yet on the server';
  words.selectNodeContents(kept);
  return sound.getBoundingClientRect().left - words.getBoundingClientRect().right;
})()"""  # between what is told and the level beside it


class Served:
    """`dictation serve` on one port, again after a kill."""

    def __init__(self, home) -> None:
        self.home = home
        keep_preferences(home, Preferences(microphone_open=False))  # the sound begins with the key
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "pipelines", "serve", "--port", str(self.port), "--recognizer", "whisper"]
        environment = {**os.environ, "DICTATION_HOME": str(self.home)}
        with (self.home / "log.txt").open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, (self.home / "log.txt").read_text()
                time.sleep(0.2)
        pytest.fail("the page was not served")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def sounds(self) -> list[np.ndarray]:
        """What is in each capture, in the order in which they began; no block is missing."""
        found = []
        for path in sorted((self.home / "captures").glob("*.capture"), key=lambda path: path.stat().st_ctime_ns):
            copy = self.home / "copy.capture"
            copy.write_bytes(path.read_bytes())
            with Journal.open(copy) as journal:
                assert journal.gaps == []
                found.append(journal.read(0, journal.samples))
        return found


@pytest.fixture(scope="module")
def app(tmp_path_factory, own_folders):
    app = Served(tmp_path_factory.mktemp("home"))
    yield app
    app.kill()


def test_a_killed_server_and_a_reload_lose_no_block_of_a_case(app, speaking, tmp_path):
    context = speaking.new_context(viewport={"width": 1280, "height": 800}, permissions=["microphone"])
    watched = Watched(context.new_page(), tmp_path)
    page = watched.page
    page.goto(f"http://127.0.0.1:{app.port}/")
    page.wait_for_function("window.desk?.connected && desk.state", timeout=WAIT_S * 1000)
    page.evaluate(KEEP_TAPPED)
    case = page.evaluate("desk.state.case")
    tap(page)
    listening(page)
    spoken(page, 2.0)
    app.kill()
    page.wait_for_function("Number(document.querySelector('#bar .kept').dataset.unsent) > 2", timeout=WAIT_S * 1000)
    assert "not yet on the server" in page.inner_text("#bar .kept")
    assert page.evaluate(FREE_PX) > 0
    watched.shoot("not_on_the_server")
    app.start()
    page.wait_for_function("desk.connected", timeout=WAIT_S * 1000)
    assert page.evaluate("desk.state.case") == case
    spoken(page, 1.0)
    first = tapped(page)
    page.reload()
    page.wait_for_function("window.desk?.connected && desk.state", timeout=WAIT_S * 1000)
    page.evaluate(KEEP_TAPPED)
    listening(page)
    assert page.evaluate("desk.state.case") == case
    spoken(page, 2.0)
    tap(page)
    resting(page)
    all_sent(page)
    before, after = app.sounds()
    np.testing.assert_array_equal(before[: len(first)], first)
    np.testing.assert_array_equal(after[-len(tapped(page)) :], tapped(page))
    assert follows(before) >= 6 and follows(after) >= 2
    until(lambda: page.evaluate("!['listening', 'finishing'].includes(document.querySelector('#bar').dataset.state)"))
    takes = page.evaluate("desk.state.takes")
    assert len(takes) == 2 and watched.strangers == []
    context.close()
