"""Sentences on the page in a real Chromium: each stays with the case that it is about.

What is told, shown and closed runs in the page (notices.js); what is seen of it is measured here.
"""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dictation.review.page import notice
from tests.browser.asking import drawn
from tests.browser.conftest import Watched
from tests.browser.pane_page import pane, tell
from tests.exchange.chest import chest_view

pytestmark = pytest.mark.browser

JOURNEYS = (Path(__file__).parent / "notices.js").read_text(encoding="utf-8")
OPEN = "a" * 32


@pytest.fixture(scope="module")
def paned(start, tmp_path_factory):
    """One page for all of them, which is loaded anew for each."""
    folder = tmp_path_factory.mktemp("notices")
    context = start().new_context(viewport={"width": 1280, "height": 800})
    with pane(Watched(context.new_page(), folder), chest_view(), folder) as watched:
        yield watched
    context.close()


@pytest.fixture
def page(paned):
    """The page with the case OPEN in review, and nothing told."""
    paned.page.set_viewport_size({"width": 1280, "height": 800})
    paned.page.goto(paned.url)
    tell(paned.page, chest_view())
    paned.page.evaluate(f"desk.state.case = '{OPEN}'; desk.emit('case', desk.state)")
    yield paned.page
    paned.was_quiet()


@pytest.mark.parametrize("journey", re.findall(r'^    "(.+)": (?:async )?\(\) =>', JOURNEYS, re.MULTILINE))
def test_what_is_told(page, journey):
    page.evaluate(f"([name, plain]) => ({JOURNEYS})(name, plain)", [journey, notice("", None)])


def hears(page, *texts: str) -> None:
    """Errors of the open case are told."""
    for text in texts:
        page.evaluate(f"window.hear({json.dumps(notice(text, OPEN))})")
    drawn(page)  # what it covers is known to the rest by then


def box(page, part: str) -> dict:
    return page.locator(part).bounding_box()


def end(page, part: str) -> float:
    found = box(page, part)
    return found["y"] + found["height"]


def test_many_errors_leave_the_patient_in_sight(page):
    hears(page, *(f"Error {number}." for number in range(60)))
    page.click("#notices .older button")
    expect(page.locator("#notices .older button")).to_be_visible()
    assert box(page, "#notices")["y"] > end(page, "#banner")
    hears(page, "The newest.")
    assert end(page, "#notices p:has-text('The newest.')") <= end(page, "#notices") + 1
    page.set_viewport_size({"width": 640, "height": 400})  # at twice the size
    drawn(page)
    assert box(page, "#notices")["y"] >= end(page, "#banner") and end(page, "#notices") <= box(page, "#bar")["y"]


def test_the_last_card_can_be_scrolled_out_from_under_standing_errors_and_nothing_else_moves(page):
    places = """[...document.querySelectorAll('#columns tbody, #cards .card, #image canvas')].map(
        (one) => JSON.stringify(one.getBoundingClientRect()))"""
    drawn(page)
    before = page.evaluate(places)
    hears(page, *(f"Error {number}: " + "the last words were not heard. " * 12 for number in range(3)))
    assert page.evaluate(places) == before
    top = box(page, "#notices")["y"]
    for region, last in (("#cards", "#cards > :last-child"), ("#columns", "#columns > :last-child")):
        page.evaluate("(region) => document.querySelector(region).scrollTo(0, 1e6)", region)
        assert end(page, last) <= top, last
