"""The page behind nginx with TLS, on a sub-path, with every time-out as nginx has it."""

import pytest

from tests.browser.proxy import serving_behind
from tests.browser.test_reading_room import (  # noqa: F401
    ATTENDING,
    browser,
    enter,
    given_orders,
    microphone,
    records,
    test_a_case_from_the_first_word_to_the_addendum,
    test_a_viewer_opens_a_case_by_an_address_that_works_once,
    test_files_are_given_and_an_image_is_shown,
)

pytestmark = pytest.mark.browser

SILENT_S = 130  # twice what nginx waits, and a little


@pytest.fixture(scope="module")
def proxied(home, own_folders, tmp_path_factory):
    orders = given_orders(home)
    folder = tmp_path_factory.mktemp("nginx")
    with serving_behind(home, folder, DICTATION_ORDERS=str(orders), DICTATION_SIGNER=ATTENDING) as both:
        yield both


@pytest.fixture(scope="module")
def url(proxied):
    return proxied[0]


def test_a_proxy_that_is_started_again_costs_the_page_nothing(enter, proxied):  # noqa: F811
    room = enter()
    room.type("Lungs are clear.")
    _, proxy = proxied
    proxy.stop()
    room.until("!desk.connected")
    room.press("t")
    room.until("document.activeElement.matches('#pad .text')")
    room.page.keyboard.type(" Heart normal.")
    proxy.start()
    room.until("desk.connected")
    room.until_kept(lambda draft: draft.pad.text == "Lungs are clear. Heart normal.")
    room.watched.complaints.clear()  # the browser says that nobody answered


@pytest.mark.soak
def test_a_silent_page_stays_connected(enter):  # noqa: F811
    room = enter()
    room.page.evaluate("window.first = desk.socket")
    room.page.wait_for_timeout(SILENT_S * 1000)
    assert room.page.evaluate("desk.socket === window.first && desk.connected && first.readyState === WebSocket.OPEN")
    room.type("Lungs are clear.")
