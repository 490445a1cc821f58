"""The editor of a dictation, the keys and their overlay, driven as a radiologist does."""

import pytest

from tests.browser.desk_page import desk_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address():
    with desk_page(lambda asked: {"rows": []}) as url:
        yield url


@pytest.fixture(scope="module")
def browser(start):
    return start()


@pytest.fixture
def opened(address, browser, watch):
    watched = watch(browser)
    watched.page.goto(address)
    watched.page.wait_for_function("window.ready")
    yield watched
    assert watched.strangers == []
    assert watched.complaints == []


def bar_boxes(page) -> dict:
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("#bar > *")].filter((part) => part.checkVisibility())
            .map((part) => { const box = part.getBoundingClientRect();
              return [part.className, [box.left, box.top, box.width, box.height]]; }))"""
    )


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (3840, 2160), (800, 1200)])
def test_the_page_fits_its_window_and_the_bar_stays_whatever_it_says(opened, size):
    page = opened.page
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    before = bar_boxes(page)
    page.evaluate(
        """() => { const put = (part, text) => { document.querySelector(`#bar ${part}`).textContent = text; };
          put(".clock", "12:34"); put(".kept", "12.3 s not on the server"); put(".level", "too quiet");
          put(".message", "The microphone was unplugged; connect it again, then press F9: what was said is kept.");
          document.body.dataset.stage = "review"; document.body.dataset.listening = ""; }"""
    )
    assert bar_boxes(page) == before
    root = "document.documentElement"
    assert page.evaluate(f"[{root}.scrollWidth, {root}.scrollHeight]") == list(size)
