"""The page as a department has it: signed in, behind nginx with TLS on a sub-path, with every time-out as nginx has it.

What a proxy may break is tried once each: addresses, cookies, sockets, uploads, answers that come in pieces, sound.
"""

import json

import pytest
from playwright.sync_api import expect

import dictation
from dictation.records import Records
from dictation.records.sound import sound_path
from dictation.records.users import Users
from dictation.settings import Settings
from tests.browser.proxy import PATH, serving_behind
from tests.browser.room import Room
from tests.browser.test_reading_room import (  # noqa: F401
    ORDERS,
    browser,
    enter,
    test_a_viewer_opens_a_case_by_an_address_that_works_once,
    test_files_are_given_and_an_image_is_shown_and_taken_away_after_a_reload_too,
)
from tests.browser.test_users import OUT, PASSWORD, USERS, ends_session, fills_in, kept_samples, signs_in_again
from tests.review.department import chose_their_own

pytestmark = pytest.mark.browser

SILENT_S = 130  # twice what nginx waits, and a little
WORDS = frozenset({"left", "pleural", "effusion", "heart", "size", "normal"})  # of the clip
REPORT = "FINDINGS: Small left pleural effusion. Heart size is normal."


@pytest.fixture(scope="module")
def proxied(home, own_folders, tmp_path_factory):
    records = Records.open(Settings(home=home))
    role, display = USERS["ann"]
    Users(records).add("ann", display, role, PASSWORD.format(name="ann"), "test")
    chose_their_own(records, "ann")
    records.close()
    (home / "orders").mkdir()
    for order in ORDERS:
        (home / "orders" / f"{order['accession']}.json").write_text(json.dumps(order), encoding="utf-8")
    asked = {"ORDERS": str(home / "orders"), "SIGN_IN": "password", "PROXIES": "127.0.0.1"}
    environment = {f"DICTATION_{name}": value for name, value in asked.items()}
    with serving_behind(home, tmp_path_factory.mktemp("nginx"), **environment) as both:
        yield both


@pytest.fixture(scope="module")
def url(proxied):
    return proxied[0]


@pytest.fixture(scope="module")
def records(url, home):
    records = Records.open(Settings(home=home))
    yield records
    records.close()


@pytest.fixture
def watch(watch, url):
    """Opens pages of profiles in which ann is signed in."""

    def one(browser, **options):  # noqa: F811
        watched = watch(browser, permissions=["microphone"], ignore_https_errors=True, **options)
        form = {"name": "ann", "password": PASSWORD.format(name="ann")}
        own = {"sec-fetch-site": "same-origin"}
        assert watched.page.request.post(f"{url}sign-in", form=form, headers=own).ok
        return watched

    return one


@pytest.mark.realtime
def test_a_case_from_signing_in_to_signing_out(watch, browser, url, records, microphone):  # noqa: F811
    length_s = microphone.says("two_parts")
    watched = watch(browser)
    shared, before = watched.page.context, len(records.audit())
    shared.clear_cookies()
    watched.page.goto(url)
    watched.page.wait_for_url(f"{url}sign-in")
    fills_in(watched.page, "ann")
    watched.page.wait_for_url(url)
    room = Room(watched, "", records)
    assert url.startswith("https://") and url.endswith(PATH)
    [cookie] = [one for one in shared.cookies() if "session" in one["name"]]
    kept = {name: cookie[name] for name in ("name", "path", "secure", "httpOnly", "sameSite")}
    assert kept == {
        "name": "__Secure-dictation_session", "path": PATH.rstrip("/"), "secure": True, "httpOnly": True,
        "sameSite": "Strict",
    }  # fmt: skip
    case = room.case
    room.paste(REPORT)
    room.press("F9")
    room.until_heard(1.5)
    ends_session(records, "ann")  # while somebody speaks: the socket is closed with 4401
    room.until(OUT)
    expect(room.page.locator("#pad")).to_be_hidden()  # who is signed out reads no more
    room.until_heard(length_s)
    room.press("F9")
    signs_in_again(room, "ann")
    room.until("desk.capture.sending.takes.size === 0")
    room.until_review()
    assert room.case == case
    assert kept_samples(records, case) == room.page.evaluate("desk.capture.samples")
    (kept_sound,) = records.recordings(case)
    heard = {*dictation.transcribe(sound_path(records, kept_sound)).text.lower().replace(".", " ").split()} & WORDS
    assert {"heart", "size", "normal"} <= heard, "a fake microphone may begin late on a busy machine; the end it gives"
    plays = "(id) => { window.sound = new Audio(pane.address(id, 0, 2)); return sound.play(); }"
    room.page.evaluate(plays, kept_sound.recording)
    room.until("sound.currentTime > 0.2")
    signed = room.sign()
    assert (signed.state, signed.author) == ("final", "Dr. Ann Example")
    assert heard <= {*signed.text.lower().replace(".", " ").split()}
    room.press("Alt+Shift+o")
    room.page.wait_for_url(f"{url}sign-in")
    assert room.page.request.get(f"{url}who").status == 401
    assert [one for one in shared.cookies() if "session" in one["name"]] == []
    assert watched.strangers == []
    told = [(entry.what, entry.by) for entry in records.audit()[before:] if entry.what.startswith("signed ")]
    steps = ("signed in", "signed in", "signed without patient or exam", "signed out")
    assert told == [(step, "ann") for step in steps]


@pytest.mark.soak
def test_a_silent_page_stays_connected(enter):  # noqa: F811
    room = enter()
    room.page.evaluate("window.first = desk.socket")
    room.page.wait_for_timeout(SILENT_S * 1000)
    assert room.page.evaluate("desk.socket === window.first && desk.connected && first.readyState === WebSocket.OPEN")
    room.type("Lungs are clear.")
