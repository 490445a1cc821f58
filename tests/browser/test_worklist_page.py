"""The worklist over the page: found, chosen and opened by keys; no sound crosses a change of case.

What is asked for, said and done runs in the page (worklist.js); what is seen of it is tried here.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.browser.desk_page import desk_page

pytestmark = pytest.mark.browser

JOURNEYS = (Path(__file__).parent / "worklist.js").read_text(encoding="utf-8")
NAMES = ("EXAMPLE, Ada", "SPECIMEN, Bernd", "MUSTER, Cornelia", "SAMPLE, <b>Dora</b>")


def row(i: int, **more) -> dict:
    plain = {
        "id": f"{i:032x}",
        "state": "draft",
        "order_status": "scheduled",
        "priority": "routine",
        "name": NAMES[i % 4],
        "patient_id": f"P-{i}",
        "accession": f"0042-{i:04}",
        "procedure": "Chest X-ray, PA and lateral",
        "modality": "CR",
        "body_part": "CHEST",
        "is_critical": False,
        "is_communicated": False,
        "is_dictated": False,
        "locked_by": "",
        "sent_at": "",
        "created_at": f"2026-11-24T{i % 24:02}:{i % 60:02}:00+00:00",
        "changed_at": "",
    }
    return plain | more


CASES = [
    row(0, priority="stat", is_critical=True),
    row(1, locked_by="Dr. Okafor"),
    row(2, state="preliminary"),
    row(3, state="final"),
    row(4, state="final", sent_at="2026-11-24T15:00:00+00:00", is_critical=True, is_communicated=True),
    row(5, state="addended", procedure=""),
    row(6, order_status="cancelled", is_dictated=True),
    *(row(i) for i in range(7, 120)),
]


@pytest.fixture(scope="module")
def rows():
    """What the records tell, for the page that asks them."""
    return list(CASES)


@pytest.fixture(scope="module")
def desk(start, rows, tmp_path_factory):
    """One page for all of them, which is loaded anew for each; its list is longer than its first page."""
    context = start().new_context(viewport={"width": 1280, "height": 800})
    with desk_page(lambda asked: {"rows": [one for one in rows if asked["search"] in one["accession"]]}) as url:
        watched = Watched(context.new_page(), tmp_path_factory.mktemp("worklist"))
        watched.url = url
        yield watched
        context.close()


@pytest.fixture
def opened(desk, rows):
    rows[:] = CASES
    desk.page.set_viewport_size({"width": 1280, "height": 800})
    desk.page.goto(desk.url)
    desk.page.wait_for_function("window.ready")
    yield desk
    desk.was_quiet()


@pytest.mark.parametrize("journey", re.findall(r'^    "(.+)": (?:async )?\(\) =>', JOURNEYS, re.MULTILINE))
def test_what_is_done(opened, journey):
    given = [journey, {"cases": CASES, "fresh": row(200)}]
    opened.page.evaluate(f"([name, given]) => ({JOURNEYS})(name, given)", given)


def opens(page) -> None:
    page.keyboard.press("w")
    expect(page.locator("#worklist tr[aria-selected=true]")).to_have_count(1)


def test_an_order_that_comes_moves_nothing_under_the_mouse(opened, rows):
    page, place = opened.page, opened.page.locator("#worklist tr[aria-selected=true]")
    opens(page)
    for _ in range(4):
        page.keyboard.press("PageDown")
    expect(place).to_contain_text("0042-0060")
    place.hover()
    before = place.bounding_box()["y"]
    rows.insert(0, row(200, priority="stat", name="NEW, Stat"))
    page.evaluate("server.emit('worklist')")
    page.wait_for_selector("#worklist td >> text=NEW, Stat", state="attached")
    expect(place).to_contain_text("0042-0060")
    assert abs(place.bounding_box()["y"] - before) < 2
