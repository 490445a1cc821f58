"""An exam has one case: the page asks where it is not so."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.room import Room

pytestmark = pytest.mark.browser

SAID = "Findings: Small left pleural effusion. Impression: Small left pleural effusion."


@pytest.fixture
def room(department, browser, watch):
    opened = Room(watch(browser), department.url, department.records)
    yield opened
    opened.watched.was_quiet()


ORDER = {"accession": "W-SECOND", "name": "EXAMPLE, Wilma", "patient_id": "W-2", "procedure": "Chest X-ray"}


def gives_order(room, folder, order) -> None:
    """Give an order as a file to a new case."""
    room.new_case()
    file = folder / "order.json"
    file.write_text(json.dumps(order))
    room.give(file)
    expect(room.page.locator("dialog.second")).to_be_visible()


def test_a_second_case_of_an_exam_is_told_at_once_and_one_key_leads_to_the_first_or_its_addendum(
    room, department, tmp_path
):
    department.has_orders(ORDER)
    first = department.case("W-SECOND")
    gives_order(room, tmp_path, ORDER)
    room.until_shown("dialog.second", "A case of this exam (W-SECOND) is there already: draft.", "Go to that case")
    room.watched.shoot("second-case")
    room.press("Enter")
    room.until(f"desk.state.case === '{first}' && desk.state.lock.mine")
    room.until_shown("#banner", "Wilma")
    room.type(SAID)
    room.compare()
    room.sign()
    gives_order(room, tmp_path, ORDER)
    room.until_shown("dialog.second", "has a signed report (final)", "make an addendum")
    room.watched.shoot("second-case-signed")
    room.press("Enter")
    room.until(f"desk.state.case === '{first}'")
    expect(room.page.locator("dialog.addendum")).to_be_visible()
    room.press("Escape")
    gives_order(room, tmp_path, ORDER)
    second = room.case
    room.press("m")
    room.until_kept(lambda draft: draft.orders and draft.second_meant == ("W-SECOND",))
    assert second != first and "second case of an exam meant" in [one.what for one in room.records.audit(second)]
