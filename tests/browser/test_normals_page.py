"""The normals of a template on the served page: what gave way stands there until it is confirmed."""

import pytest

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
