"""The normals of a template on the served page: what gave way stands there until it is confirmed."""

import pytest
from playwright.sync_api import expect

from tests.browser.room import Room

pytestmark = pytest.mark.browser
TEMPLATE = "ct_abdomen_pelvis_normal"


@pytest.fixture
def room(watch, browser, department):
    watched = watch(browser)
    room = Room(watched, department.url, department.records)
    room.page.evaluate(f"desk.send({{ do: 'template', name: '{TEMPLATE}' }})")
    yield room
    watched.shoot("normals")
    watched.was_quiet()
    watched.page.close()


def test_what_gave_way_is_listed_until_it_is_confirmed_and_the_dialog_names_what_is_not_mentioned(room):
    room.type("There is a 12 mm hypodense lesion in segment 7, likely a cyst.")
    room.until_shown("#report .gave-way", "1 normal replaced: Liver")
    room.compare()
    room.until_shown("#cards .gave-way", "Liver")
    room.until_shown("#columns", "Spleen", "Adrenals")
    room.press("Control+Enter")
    room.until_shown("dialog.signing .organs", "Not mentioned: Lower chest.")
    room.until_shown("dialog.signing .blockers", "Normals replaced: Liver.")
    room.watched.shoot("normals_signing")
    room.press("y")  # whatever else is left
    room.until("!document.querySelector('#cards .gave-way')")
    room.until("!document.querySelector('dialog.signing .blockers').innerText.includes('Liver')")
    room.press("Escape")
    room.until_kept(lambda draft: len(draft.confirmed) == 1)
    room.again()
    room.until_review()
    expect(room.page.locator("#cards .gave-way")).to_have_count(0)


def test_a_digit_on_the_card_says_to_which_organ_a_finding_belongs(room):
    room.type("There is a 5 cm mass.")
    room.compare()
    room.until_shown("#cards .card.now", "To which organ does this belong?", "5 Spleen")
    room.watched.shoot("normals_question")
    room.page.locator("#cards .card.now").focus()
    room.press("5")
    room.until(
        "![...document.querySelectorAll('#cards .card')].some((card) => card.innerText.includes('To which organ'))"
    )
    assert room.until_kept(lambda draft: draft.organs).organs == {"There is a 5 cm mass.": "Spleen"}
    room.until_shown("#cards .gave-way", "Spleen")
