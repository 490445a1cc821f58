"""Buttons of dictation microphones and pedals in a real Chromium: the reports that devices send are replayed."""

import json
from pathlib import Path

import pytest

from dictation.keypress import KEYS
from dictation.review.buttons import button_map
from tests.browser.page_server import Answer, file_of, page_served
from tests.waiting import until

pytestmark = pytest.mark.browser

FED = (Path(__file__).parent / "hid_fed.js").read_text("utf-8")
PAGE = (Path(__file__).parent / "hid_page.html").read_text("utf-8")


OBEYS = "(done.length = 0, desk.heard.key({ name: 'toggle' }), done.length)"  # which page does is settled in its time
DOES = {  # action → what is called on the page
    None: [],
    "dictate": ["press"],
    "toggle": ["toggle"],
    "stop": ["stop"],
    "next": ["n"],
    "previous": ["p"],
    "play": [" "],
    "accept": ["h"],
    "undo": ["Ctrl+z"],
    "redo": ["Ctrl+y"],
}


@pytest.fixture(scope="module")
def address():
    own = {"/": Answer(PAGE.encode()), "/hid.json": Answer(json.dumps(button_map()).encode(), "json")}
    with page_served(lambda path, _: own.get(path) or file_of(path.removeprefix("/assets/"))) as url:
        yield url


@pytest.fixture(scope="module")
def context(start):
    context = start().new_context()
    context.add_init_script(FED)
    return context


@pytest.fixture
def page(context, address):
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("globalThis.ready && document.hasFocus()")
    yield page
    page.close()


def plugged(page, device: dict) -> None:
    page.evaluate("(one) => { globalThis.device = navigator.hid.plug(new FedDevice(one)); }", device)
    page.wait_for_function("device.opened && told.length")


def sent(page, report: list[int]) -> list[str]:
    """Replay one report; → what the page was asked for because of it."""
    return page.evaluate("(bytes) => { done.length = 0; device.send(bytes); return [...done]; }", report)


def report(button: dict) -> list[int]:
    """Nine bytes as the device sends them while this button alone is down."""
    bytes_ = [0] * 9
    bytes_[button["byte"]] = button["value"]
    return with_header(bytes_, button)


def with_header(bytes_: list[int], button: dict) -> list[int]:
    if button["only"]:
        bytes_[button["only"]["byte"]] = button["only"]["value"]
    return bytes_


def test_every_button_of_every_device_does_what_its_row_says(page):
    for device in button_map()["devices"]:
        page.evaluate("told.length = 0")
        plugged(page, device)
        assert page.evaluate("told") == [[f"{device['name']} is connected.", False]]
        for button in button_map()["layouts"][device["layout"]]:
            name = (device["name"], button["button"])
            assert sent(page, report(button)) == DOES[button["action"]], name
            assert sent(page, report(button)) == [], f"a report that is sent again is no second press: {name}"
            up = sent(page, with_header([0] * 9, button))
            assert up == (["release"] if button["action"] == "dictate" else []), name
        page.evaluate("navigator.hid.pull(device)")


SPEECHMIKE = next(one for one in button_map()["devices"] if one["layout"] == "speechmike")
PEDAL = next(one for one in button_map()["devices"] if one["layout"] == "infinity")


def test_two_buttons_at_once_are_two(page):
    plugged(page, PEDAL)
    assert sent(page, [0b010, 0]) == ["press"]
    assert sent(page, [0b110, 0]) == ["n"]
    assert sent(page, [0b100, 0]) == ["release"]


def test_a_report_that_is_not_of_buttons_presses_nothing(page):
    plugged(page, SPEECHMIKE)
    assert sent(page, [0x9E, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) == []  # moved
    assert sent(page, [0x80]) == []  # cut short


def test_a_device_of_another_kind_is_left_alone(page):
    mouse = {**PEDAL, "vendorId": 0x046D, "productId": 0xC077}
    page.evaluate("(one) => { globalThis.mouse = navigator.hid.plug(new FedDevice(one)); }", mouse)
    plugged(page, PEDAL)  # which came later, and is there
    assert page.evaluate("[mouse.opened, told.length]") == [False, 1]


def test_it_is_connected_by_a_button_and_its_filters_name_every_device(page):
    page.evaluate("(one) => { globalThis.device = new FedDevice(one); navigator.hid.chosen = [device]; }", SPEECHMIKE)
    page.get_by_role("button", name="Connect").click()
    page.wait_for_function("told.length")
    filters = page.evaluate("navigator.hid.filters.map((one) => [one.vendorId, one.productId])")
    assert {tuple(one) for one in filters} == {(one["vendorId"], one["productId"]) for one in button_map()["devices"]}
    assert page.evaluate("desk.buttons.names()") == [SPEECHMIKE["name"]]


def test_a_device_that_was_allowed_before_is_there_after_a_reload(page):
    page.evaluate("(one) => { sessionStorage.before = JSON.stringify([one]); }", PEDAL)
    page.reload()
    page.wait_for_function("globalThis.ready && navigator.hid.allowed[0].opened")
    page.evaluate("globalThis.device = navigator.hid.allowed[0]")
    page.evaluate("sessionStorage.clear()")
    assert sent(page, [0b010, 0]) == ["press"]


def test_unplugged_while_held_is_told_once_and_nothing_is_cut(page):
    plugged(page, PEDAL)
    sent(page, [0b010, 0])
    page.evaluate("told.length = 0; done.length = 0; navigator.hid.pull(device)")
    [[text, error]] = page.evaluate("told")
    assert "was disconnected" in text and "F9" in text and error
    assert page.evaluate("done") == []


def test_a_device_that_another_program_holds_is_named_with_the_way_out(page):
    page.evaluate(
        "(one) => { const device = new FedDevice(one); device.broken = true; navigator.hid.plug(device); }", PEDAL
    )
    page.wait_for_function("told.length")
    [[text, error]] = page.evaluate("told")
    assert PEDAL["name"] in text and "close the program" in text and error


def test_a_key_of_pedal_software_does_what_the_button_does(page):
    def pressed(name: str) -> list[str]:
        return page.evaluate("(name) => { done.length = 0; desk.heard.key({ name }); return [...done]; }", name)

    page.wait_for_function(OBEYS)
    assert [pressed(name) for name in KEYS] == [DOES[name] for name in KEYS]
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_function("globalThis.ready")
    other.evaluate("dispatchEvent(new Event('focus'))")
    page.wait_for_function(f"!{OBEYS}")
    assert pressed("next") == [], "the page that was looked at last is meant"
    page.evaluate("document.body.setAttribute('data-listening', '')")
    assert pressed("next") == DOES["next"], "or the one that listens"
    other.close()


COVERS = {
    "a dialog": "document.body.insertAdjacentHTML('beforeend', '<dialog></dialog>');"
    "document.querySelector('dialog').showModal()",
    "the worklist": "document.body.insertAdjacentHTML('beforeend', '<section id=worklist></section>')",
}


@pytest.mark.parametrize("cover", COVERS)
def test_what_lies_behind_a_dialog_or_the_worklist_is_not_touched_and_dictation_goes_on(page, cover):
    told_how = {"a dialog": "close this first", "the worklist": "Esc closes the list"}
    plugged(page, PEDAL)
    page.evaluate(COVERS[cover])
    assert sent(page, [0b100, 0]) == [], "next"
    sent(page, [0, 0])
    page.wait_for_function(OBEYS)
    for name in ("next", "previous", "accept", "play"):
        assert page.evaluate("(name) => { done.length = 0; desk.heard.key({ name }); return [...done]; }", name) == []
        told = page.locator("dialog:modal > [role=alert]").all_inner_texts() or page.evaluate("told.slice(-1)")[0][:1]
        assert [f"“{name}” of the pedal" in text and told_how[cover] in text for text in told] == [True]
    assert sent(page, [0b010, 0]) == ["press"]
    assert sent(page, [0, 0]) == ["release"]
    page.evaluate(
        "document.querySelector('dialog')?.close(); document.querySelector('#worklist')?.toggleAttribute('hidden')"
    )
    page.wait_for_function("!document.querySelector('dialog .refused')")
    assert sent(page, [0b100, 0]) == ["n"]


def test_next_means_a_field_where_there_is_no_difference(page):
    plugged(page, PEDAL)
    page.evaluate("desk.idle = ['n']")
    assert sent(page, [0b100, 0]) == ["g"]


def test_of_two_pages_the_one_that_was_looked_at_last_obeys(page, context, address):
    plugged(page, PEDAL)
    other = context.new_page()
    other.goto(address)
    other.wait_for_function("globalThis.ready")
    plugged(other, PEDAL)
    other.evaluate("dispatchEvent(new Event('focus'))")
    other.wait_for_function(OBEYS)
    page.wait_for_function(f"!{OBEYS}")
    assert sent(other, [0b010, 0]) == ["press"]
    assert sent(page, [0b010, 0]) == []
    other.close()
    until(lambda: (sent(page, [0, 0]), sent(page, [0b010, 0]))[1] == ["press"], "the page that is left obeys")
    assert sent(page, [0, 0]) == ["release"]


@pytest.fixture(scope="module")
def desk(start, department, microphone):
    """The page as it is served, with a microphone and a pedal."""
    context = start(*microphone.switches).new_context()
    context.add_init_script(FED)
    page = context.new_page()
    page.goto(department.url)
    page.wait_for_function("window.desk?.state && document.hasFocus()", timeout=60_000)
    return page


def held(page) -> None:
    """Wait until the pedal that is down is held, and not tapped."""
    page.wait_for_function("performance.now() - desk.capture.downAt > desk.capture.held_ms + 50")


def listening(page, on: bool) -> None:
    page.wait_for_function("(on) => document.body.hasAttribute('data-listening') === on", arg=on)


def test_on_the_real_page_a_held_pedal_dictates_and_its_release_ends_it(desk):
    desk.evaluate("(one) => { globalThis.device = navigator.hid.plug(new FedDevice(one)); }", PEDAL)
    desk.wait_for_function("device.opened")
    desk.evaluate("device.send([2, 0])")
    listening(desk, True)
    held(desk)
    desk.evaluate("device.send([0, 0])")
    listening(desk, False)
