"""The microphone on the served page itself: a reload and a killed server in the middle of a sentence."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from dictation.audio import Journal
from tests.browser.conftest import held_port, serve
from tests.browser.room import READY
from tests.browser.test_capture import KEEP_TAPPED, WAIT_MS, begins, ends, follows, listening, spoken, tapped
from tests.browser.test_capture import speaking as speaking
from tests.browser.test_capture import wav as wav

pytestmark = [pytest.mark.browser, pytest.mark.realtime]

FREE_PX = """(() => {
  const [kept, sound] = ["#bar .kept", "#bar .sound"].map((name) => document.querySelector(name)), words = new Range();
  kept.textContent = '1200 s not yet on the server';
  words.selectNodeContents(kept);
  return sound.getBoundingClientRect().left - words.getBoundingClientRect().right;
})()"""  # between what is told and the level beside it


def sounds(home: Path) -> list[np.ndarray]:
    """What is in each capture, in the order in which they began; no block is missing."""
    found = []
    for path in sorted((home / "captures").glob("*.capture"), key=lambda path: path.stat().st_ctime_ns):
        copy = home / "copy.capture"
        copy.write_bytes(path.read_bytes())
        with Journal.open(copy) as journal:
            assert journal.gaps == []
            found.append(journal.read(0, journal.samples))
    return found


@pytest.fixture
def app(home, own_folders):
    with held_port() as port:
        app = serve(port, home)
        app.start()
        yield app
        app.kill()


def test_a_killed_server_and_a_reload_lose_no_block_of_a_case(app, home, speaking, watch):
    watched = watch(speaking, permissions=["microphone"])
    page = watched.page
    page.set_default_timeout(WAIT_MS)
    page.goto(app.url)
    page.wait_for_function(READY)
    page.evaluate(KEEP_TAPPED)
    case = page.evaluate("desk.state.case")
    begins(page)
    spoken(page, 2.0)
    app.kill()
    page.wait_for_function("Number(document.querySelector('#bar .kept').dataset.unsent) > 2")
    expect(page.locator("#bar .kept")).to_contain_text("not yet on the server")
    assert page.evaluate(FREE_PX) > 0
    watched.shoot("not_on_the_server")
    app.start()
    page.wait_for_function("desk.connected")
    assert page.evaluate("desk.state.case") == case
    spoken(page, 1.0)
    first = tapped(page)
    page.reload()
    page.wait_for_function(READY)
    page.evaluate(KEEP_TAPPED)
    listening(page)
    assert page.evaluate("desk.state.case") == case
    spoken(page, 2.0)
    ends(page)
    before, after = sounds(home)
    np.testing.assert_array_equal(before[: len(first)], first)
    np.testing.assert_array_equal(after[-len(tapped(page)) :], tapped(page))
    assert follows(before) >= 6 and follows(after) >= 2
    page.wait_for_function("!['listening', 'finishing'].includes(document.querySelector('#bar').dataset.state)")
    assert len(page.evaluate("desk.state.takes")) == 2 and watched.strangers == []
