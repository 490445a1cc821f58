"""What the worklist or a dialog covers is not acted on: nothing is recorded into a case that cannot be seen."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.room import WAIT_S, Room, tap
from tests.waiting import until

pytestmark = pytest.mark.browser

NAMES = ("Abby", "Betty", "Carol", "Daisy", "Emma", "Fay", "Gia", "Hope", "Ingrid", "Joy", "Kay", "Lea")
CHEST = {"procedure": "Chest X-ray, PA", "modality": "DX"}
ORDERS = [
    {"accession": f"C{n}", "patient_id": f"C-{n}", "name": f"COVER, {name}", **CHEST} for n, name in enumerate(NAMES)
]
SENT = """
window.obeyed = [];
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) {
  if (typeof data === "string") window.obeyed.push(JSON.parse(data));
  return send.call(this, data);
};
"""
OF_NO_CASE = {"hello", "prefer", "vocabulary", "learned", "forget"}  # what a page may ask for whatever is shown


@pytest.fixture(scope="module")
def url(department):
    department.has_orders(*ORDERS)
    return department.url


@pytest.fixture
def room(start, microphone, watch, url, department):
    """A window; more of them in its context share its locks."""
    room = Room(watch(start(*microphone.switches)), url, department.records, SENT)
    room.page.evaluate("desk.capture.late_ms = Infinity")
    yield room
    room.watched.close()
    assert room.watched.complaints == []


def marks(room, words: str) -> None:
    """Open the worklist, find a case and mark its row with the arrow."""
    room.search(words)
    room.press("ArrowUp", "ArrowDown")
    room.until_shown("#worklist tr[aria-selected=true]", words)


def recorded(room, case: str) -> int:
    """How often the microphone was switched on for a case."""
    return len(
        [one for one in room.page.evaluate("obeyed") if one["do"] == "listen" and one["on"] and one["case"] == case]
    )


def told(room, *texts: str) -> None:
    """Wait until an error of the page has each of these texts."""
    for text in texts:
        expect(room.page.locator("#notices > .error", has_text=text)).not_to_have_count(0)


def listens(room) -> None:
    room.until("document.body.hasAttribute('data-listening')")


def is_off(room) -> None:
    room.until("desk.capture.state === 'off' && !desk.capture.isWanted")


PRESSES = {
    "the key": ("Abby", "Betty", lambda room: room.press("F9")),
    "the button": ("Carol", "Daisy", lambda room: room.page.click("#bar .record")),
    "pedal software": ("Emma", "Fay", lambda room: room.page.evaluate("desk.emit('key', { name: 'toggle' })")),
}


@pytest.mark.parametrize("how", PRESSES)
def test_dictating_over_the_worklist_goes_into_the_row_that_was_marked(room, how):
    first, second, press = PRESSES[how]
    room.find(first)
    of_first = room.case
    marks(room, second)
    press(room)
    listens(room)
    expect(room.page.locator("#worklist")).to_be_hidden()
    room.until_shown("#banner", second)
    until(lambda: recorded(room, room.case) == 1)
    assert room.case != of_first and recorded(room, of_first) == 0
    room.press("F9")
    is_off(room)


def test_without_a_row_that_was_marked_by_hand_nothing_is_recorded_and_that_is_said(room):
    room.find("Abby")
    of_first = room.case
    room.press("w")
    room.until("document.querySelector('#worklist tr[aria-selected=true]')")  # the first one, by itself
    look = """(({ backgroundColor, outlineStyle }) => backgroundColor + outlineStyle)(
      getComputedStyle(document.querySelector('#worklist tr[aria-selected=true]')))"""
    offered = room.page.evaluate(look)
    room.press("F9")
    told(room, "Nothing is recorded", "marked")
    room.press("ArrowDown", "ArrowUp")
    assert room.page.evaluate(look) != offered, "a row that nobody marked looks like one that was marked"
    room.press("Escape", "w")
    room.until("document.querySelector('#worklist tr[aria-selected=true]')")
    assert room.page.evaluate(look) == offered
    assert room.case == of_first and recorded(room, of_first) == 0
    assert not room.page.evaluate("desk.capture.isWanted")
    room.press("Escape", "F9")
    listens(room)
    until(lambda: recorded(room, of_first) == 1)
    room.press("F9")
    is_off(room)


@pytest.mark.parametrize("how", ["tapped", "held"])
def test_a_worklist_that_opens_ends_what_is_being_dictated_and_says_of_whom(room, how):
    room.find("Gia")
    of_gia = room.case
    if how == "tapped":
        tap(room.page)
    else:
        room.page.keyboard.down("F9")
    listens(room)
    room.press("Alt+w")
    is_off(room)
    told(room, "dictation of COVER, Gia has ended")
    assert not room.page.evaluate("document.body.hasAttribute('data-listening')")
    if how == "held":
        room.page.keyboard.up("F9")
    room.press("Escape")
    assert room.case == of_gia and room.page.evaluate("desk.capture.state") == "off"
    room.find("Abby")
    told(room, "dictation of COVER, Gia has ended")
    assert room.page.locator("#notices .whose:visible").count() == 0  # it names the patient itself


def test_a_key_that_is_held_while_the_marked_row_opens_records_no_half_of_a_sentence(room):
    room.find("Abby")
    marks(room, "Hope")
    room.page.keyboard.down("F9")
    room.until("document.querySelector('#worklist').hidden && desk.capture.awaited === null")
    told(room, "say it again")
    room.page.keyboard.up("F9")
    room.until_shown("#banner", "Hope")
    assert recorded(room, room.case) == 0


@pytest.mark.parametrize("cover", ["the worklist", "help", "preferences"])
def test_no_key_and_no_button_acts_on_a_case_that_is_covered(room, cover):
    room.find({"the worklist": "Ingrid", "help": "Joy", "preferences": "Kay"}[cover])  # one that nobody dictated yet
    room.type("Heart normal.")
    before = room.draft.pad.text
    room.press({"the worklist": "w", "help": "F1", "preferences": "Control+,"}[cover])
    room.until("document.querySelector('dialog:modal, #worklist:not([hidden]) tr[aria-selected=true]')")
    room.page.evaluate("document.activeElement.blur(); obeyed.length = 0; 0")
    keys = room.page.evaluate("desk.keys.list().filter((one) => !one.scope).map((one) => one.key)")
    own = {"F1", "Escape", "Ctrl+,", "w", "Alt+w", "Ctrl+m", "Alt+Shift+o", "Alt+Shift+p"}
    for key in [one for one in keys if one not in own]:
        room.page.evaluate("(name) => desk.keys.run(name)", key)  # as a button, a pedal or a spoken word does
        if len(key) > 1:
            room.press("+".join({"Ctrl": "Control"}.get(part, part) for part in key.split("+")))
        assert room.page.evaluate("document.querySelectorAll('dialog:modal').length") <= (cover != "the worklist"), key
    done = [one["do"] for one in room.page.evaluate("obeyed") if one["do"] not in OF_NO_CASE]
    assert done == [] and room.page.evaluate("desk.capture.state") == "off"
    assert room.page.evaluate("!desk.capture.isWanted")
    said = "#notices > .error" if cover == "the worklist" else "dialog:modal > .refused"
    expect(room.page.locator(said, has_text=re.compile("was not done|Nothing is recorded"))).not_to_have_count(0)
    room.press("Escape")
    room.until("!document.querySelector('dialog:modal, #worklist:not([hidden])')")
    assert room.draft.pad.text == before


def test_what_the_worklist_covers_takes_no_focus_no_letter_and_no_paste(room):
    room.find("Lea")
    room.type("Lungs clear.")
    before = room.draft.pad.text
    room.press("Alt+w")
    room.until("document.activeElement.matches('#worklist input')")
    under = "document.activeElement.closest('#pad, #report, #columns, #cards, #image, #panel')"
    for _ in range(40):
        room.press("Tab")
        assert not room.page.evaluate(f"Boolean({under})")
    room.page.evaluate("document.querySelector('#pad .text').focus()")
    room.page.keyboard.insert_text("pasted into another patient")
    room.press("Escape")
    room.page.evaluate("desk.pad.settled()")
    assert room.draft.pad.text == before
    assert "pasted" not in room.shown("#pad .text")


def test_two_windows_never_record_at_once(room, url):
    room.find("Carol")
    other = room.page.context.new_page()
    other.goto(url)
    other.wait_for_function("window.desk?.state && desk.connected", timeout=WAIT_S * 1000)
    room.page.bring_to_front()
    room.press("F9")
    listens(room)
    other.bring_to_front()
    tap(other)
    other.wait_for_function("document.body.hasAttribute('data-listening')", timeout=WAIT_S * 1000)
    is_off(room)
    expect(room.page.locator("#notices > .error").last).to_contain_text("another window", timeout=WAIT_S * 1000)
    assert other.evaluate("desk.capture.state") == "on"
    tap(other)
    other.wait_for_function("desk.capture.state === 'off'")
    other.close()


def test_dictation_is_not_begun_under_a_dialog_and_what_runs_can_be_stopped_there(room):
    room.find("Emma")
    room.press("F1", "F9")
    room.until_shown("dialog:modal > .refused", "Nothing is recorded")
    assert not room.page.evaluate("desk.capture.isWanted")
    room.press("Escape", "F9")
    listens(room)
    room.press("F1", "F9")
    is_off(room)


@pytest.fixture
def another(room):
    """A case to open while a dialog lies over the one before."""
    room.find("Lea")
    lea = room.case
    room.find("Kay")
    return lea


def opens(room, case: str) -> None:
    room.page.evaluate("(id) => { desk.worklist.openCase(id); }", case)
    room.until(f"desk.state.case === '{case}'")


@pytest.mark.parametrize("keys", [("Alt+t",), ("Alt+m",), ("k",)])
def test_a_dialog_of_a_case_is_closed_when_another_opens_and_does_nothing_there(room, another, keys):
    if keys == ("k",):
        room.type("Large right pneumothorax with mediastinal shift. Tension pneumothorax.")
        room.compare()
    room.press(*keys)
    room.until("document.querySelector('dialog:modal')")
    label = room.page.evaluate("document.querySelector('dialog:modal').ariaLabel")
    opens(room, another)
    told(room, f"“{label}” was closed")
    expect(room.page.locator("dialog:modal")).to_have_count(0)
    room.page.evaluate("obeyed.length = 0; 0")
    room.page.keyboard.type("Dr. Brown")
    room.press("ArrowDown", "Enter")
    room.page.evaluate("desk.send({ do: 'cursor', at: 0 })")  # behind whatever the keys did
    sent = {one["do"] for one in room.page.evaluate("obeyed")}
    assert not sent & {"communicate", "template", "macro"}, sent
