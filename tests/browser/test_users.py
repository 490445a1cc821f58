"""A department in real browsers, below a path: who sees what, a session that ends in mid-sentence, who comes next."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from dictation.audio import Recording
from dictation.records import Records
from dictation.records.schema import sessions
from dictation.records.sound import sound_path
from dictation.records.users import Users
from dictation.settings import Settings
from tests.browser.conftest import Watched, serving
from tests.browser.looking import look
from tests.browser.microphone import RATE
from tests.browser.room import READY, WAIT_S, Room
from tests.review.department import chose_their_own
from tests.waiting import until

pytestmark = pytest.mark.browser

USERS = {
    "ann": ("attending", "Dr. Ann Example"),
    "bob": ("resident", "Dr. Bob Example"),
    "eve": ("resident", "Dr. Eve"),
    "mal": ("resident", "<img src=x onerror=window.ran=1>"),
}
PASSWORD = "four wet otters of {name}"
OUT = "document.querySelector('dialog.signed-out[open]')"
HIDDEN = ("#banner", "#pad", "#report", "#columns", "#worklist", "#panel")
ROWS = (Path(__file__).parent / "stored.js").read_text("utf-8")
KEPT = f"""async () => (await ({ROWS})()).filter(([, store]) => store === "blocks").map(([name, , {{ pcm }}]) =>
  [name, pcm instanceof ArrayBuffer ? "plain" : Object.keys(pcm).sort().join()])"""
IN_CLEAR = f"""async () => {{  // all that a browser's own tools show of its stores, and what the page holds
  const fields = [...document.querySelectorAll("textarea")].map(({{ value }}) => value);
  const rows = (await ({ROWS})()).map(([, , row]) => row);
  return JSON.stringify([rows, sessionStorage, localStorage, fields]) + document.body.textContent;
}}"""
PATIENT = """(() => {  // whatever the page does in 5 s or later it does when the test says `goOn()`
  const { setTimeout } = window, waiting = [];
  window.setTimeout = (run, ms, ...more) => (ms >= 5000 ? waiting.push(run) : setTimeout(run, ms, ...more));
  window.goOn = () => { window.setTimeout = setTimeout; for (const run of waiting) run(); };
})()"""


@pytest.fixture(scope="module")
def browser(start, microphone):
    return start(*microphone.switches)


@pytest.fixture(scope="module")
def url(home, own_folders):
    records = Records.open(Settings(home=home))
    for name, (role, display) in USERS.items():
        Users(records).add(name, display, role, PASSWORD.format(name=name), "test")
    chose_their_own(records, *USERS)
    records.close()
    public = "http://127.0.0.1:{port}/reports"
    with serving(home, DICTATION_SIGN_IN="password", DICTATION_PUBLIC_URL=public) as url:
        yield f"{url}reports/"  # everything works below a path


@pytest.fixture
def records(url, home):
    records = Records.open(Settings(home=home))
    yield records
    assert records.verify() == ()
    records.close()


@pytest.fixture
def profile(watch, browser):
    """Opens browser profiles of their own."""
    return lambda: watch(browser, permissions=["microphone"]).page.context


@pytest.fixture
def sits_down(profile, url, records, tmp_path):
    """Signs a user in at a window of a browser profile, of a new one if none is given."""

    def one(name: str, of: BrowserContext | None = None) -> Room:
        watched = Watched((of or profile()).new_page(), tmp_path)
        watched.page.goto(url)
        signs_in(watched.page, url, name)
        return Room(watched, "", records)

    return one


def fills_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Sign in at the form, which has the focus."""
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password.format(name=name))
    page.keyboard.press("Enter")


def signs_in(page: Page, url: str, name: str) -> None:
    """Sign in once the page asks who is there."""
    page.wait_for_url(f"{url}sign-in")
    fills_in(page, name)
    page.wait_for_url(url)


def changes_password(page: Page, old: str, new: str) -> None:
    """Fill in the form of a new password, which has the focus."""
    page.locator("#old:focus").wait_for()
    for word in (old, new, new):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def is_hidden(page: Page, word: str = "") -> None:
    """Nobody reads on: no part of the page is seen, nor a word of the case."""
    for selector in HIDDEN:
        expect(page.locator(selector)).to_be_hidden()
    assert not word or word not in page.evaluate("document.body.innerText")


def ends_session(records: Records, name: str) -> None:
    over = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(timespec="microseconds")
    with records.recorded() as (connection, _):
        connection.execute(update(sessions).where(sessions.c.name == name).values(ends_at=over))


def signs_in_again(room: Room, name: str) -> None:
    room.page.locator("dialog.signed-out [name=password]").fill(PASSWORD.format(name=name))
    room.press("Enter")
    room.until(f"!{OUT} && desk.connected")


def kept_samples(records: Records, case: str) -> int:
    """The sound of a case on the server's disk; gaps count as silence."""
    (kept,) = records.recordings(case)
    return round(Recording(sound_path(records, kept)).duration_s() * RATE)


def test_who_has_a_password_of_somebody_else_changes_it_before_anything_else(profile, url, records, tmp_path):
    Users(records).add("new", "Dr. New Example", "attending", PASSWORD.format(name="new"), "test")
    watched = Watched(profile().new_page(), tmp_path)
    page = watched.page
    page.goto(f"{url}?open=abc-1")
    page.locator("#name:focus").wait_for()
    look(page, "sign-in")
    fills_in(page, "new", "wrong")
    expect(page.locator("[role=alert]")).to_have_text("The name or the password is wrong.")
    look(page, "sign-in-wrong")
    assert min(watched.contrasts().values()) >= 7
    page.locator("#name").fill("")
    page.locator("#name").focus()
    fills_in(page, "new")
    page.wait_for_url(f"{url}password?open=abc-1")
    page.locator("[role=alert]", has_text="Somebody else set your password").wait_for()
    look(page, "password")
    assert min(watched.contrasts().values()) >= 7 and watched.clipped() == []
    page.goto(url)
    page.wait_for_url(f"{url}password")
    changes_password(page, PASSWORD.format(name="new"), "nine slow herons nest")
    page.wait_for_function("window.desk?.connected", timeout=90_000)
    assert page.url == url and watched.strangers == []


NO_ANSWERS = {
    "network": lambda route: route.abort("internetdisconnected"),
    "502": lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>"),
    "redirect": lambda route: route.fulfill(status=302, headers={"location": "/portal"}),  # of a proxy, not ours
}


def is_out(page: Page, url: str) -> None:
    page.wait_for_url(f"{url}sign-in")
    assert page.request.get(f"{url}who").status == 401


@pytest.mark.parametrize("answer", ["502", "redirect"])
def test_an_answer_that_is_not_ours_signs_nobody_out(profile, sits_down, url, answer):
    context = profile()
    context.route(f"{url}sign-out", NO_ANSWERS[answer])  # before its page is there: what is asked soon after may get by
    room = sits_down("bob", context)
    room.press("Alt+Shift+o")
    room.page.locator("dialog.not-out[open]").wait_for()
    context.unroute(f"{url}sign-out")
    is_out(room.page, url)


def test_who_could_not_be_signed_out_is_told_and_nobody_reads_on_until_it_worked(profile, sits_down, url):
    context, asked = profile(), []
    context.route(f"{url}sign-out", lambda route: (asked.append(route), NO_ANSWERS["network"](route)))
    room = sits_down("bob", context)
    room.type("Left pleural effusion.")
    room.compare()
    room.press("Alt+Shift+o")
    dialog = room.page.locator("dialog.not-out[open]")
    expect(dialog).to_contain_text("You are NOT signed out")
    expect(dialog).to_contain_text("lock this workstation")
    look(room.page, "not-signed-out")
    assert min(room.watched.contrasts().values()) >= 7
    is_hidden(room.page, "effusion")
    room.press("Escape", "Escape", "F9", "w", "Alt+w")
    dialog.wait_for()  # a second Esc closes it, and it opens again
    assert room.page.evaluate("desk.capture.state") == "off"
    assert not room.page.locator("#worklist").is_visible()
    until(lambda: room.page.evaluate("0") or len(asked) > 1, "it is tried again by itself")
    room.page.reload()  # whoever sits down next tries it
    dialog.wait_for()
    is_hidden(room.page, "effusion")
    assert not room.page.evaluate("Boolean(window.desk.connect)"), "no case was asked for"
    assert room.page.request.get(f"{url}who").status == 200
    context.unroute(f"{url}sign-out")
    is_out(room.page, url)
    fills_in(room.page, "bob")
    room.page.wait_for_url(url)
    room.until_shown("#bar .sign-out", "Dr. Bob Example")
    room.until(READY)


def test_who_signs_out_leaves_in_all_windows_of_that_browser_and_any_of_them_sees_it_through(
    profile, sits_down, url, records, tmp_path
):
    shared, fails = profile(), f"{url}sign-out"
    shared.route(fails, NO_ANSWERS["network"])
    room = sits_down("bob", shared)
    other = Room(Watched(shared.new_page(), tmp_path), url, records)
    case = other.case
    other.write("Left rib fracture.")
    room.press("Alt+Shift+o")
    for one in (other, room):
        one.page.locator("dialog.not-out[open]").wait_for()
        is_hidden(one.page, "fracture")
    room.page.close(run_before_unload=False)
    shared.unroute(fails)
    is_out(other.page, url)

    fills_in(other.page, "bob")
    other.page.wait_for_url(url)
    other.until(READY)
    assert records.load(case).draft.pad.text == "Left rib fracture."
    third = Room(Watched(shared.new_page(), tmp_path), url, records)
    third.press("Alt+Shift+o")
    for one in (third, other):
        one.page.wait_for_url(f"{url}sign-in")
    fills_in(third.page, "bob")
    third.page.wait_for_url(url)
    third.until(READY)


HEARD = """addEventListener("pagehide", () => { const { samples, sending } = desk.capture;
  sessionStorage.setItem("heard", JSON.stringify([samples, sending.unsent_s])); })"""


def test_who_signs_out_is_read_by_nobody_from_that_moment_and_loses_nothing(sits_down, url, records, microphone):
    microphone.says("rib")
    room = sits_down("bob")
    case = room.case
    room.page.evaluate(HEARD)
    room.press("F9")
    room.until_heard(1.5)
    room.write("Heart is normal. ")
    room.press("Alt+Shift+o")  # the burst of keys has not ended, and the microphone is on
    room.page.wait_for_url(f"{url}sign-in")
    samples, unsent_s = room.page.evaluate("JSON.parse(sessionStorage.getItem('heard'))")
    assert unsent_s == 0 and samples >= 1.5 * RATE
    until(lambda: kept_samples(records, case) >= samples, "all of the sound is on the server", WAIT_S)
    assert "Heart is normal." in records.load(case).draft.pad.text

    fills_in(room.page, "bob")
    room.page.wait_for_url(url)
    room.until(READY)
    case = types_while_the_network_is_away(room)
    asked = []
    room.page.on("request", lambda one: asked.append(one.url))
    room.page.evaluate(PATIENT)
    room.press("Alt+Shift+o")
    expect(room.page.locator("dialog[open]")).to_have_text("Signing out …")
    is_hidden(room.page, "fracture")
    room.press("Escape", "Escape", "F9", "w", "x")
    room.page.evaluate("desk.capture.toggle()")  # by the button of a dictation microphone
    assert room.page.evaluate("desk.capture.state") == "off" and not room.page.locator("#worklist").is_visible()
    assert f"{url}sign-out" not in asked, "what was typed is still waited for"
    room.page.evaluate("goOn()")
    signs_in(room.page, url, "bob")
    room.until_shown("#notices", "do again: Left rib fracture.", "No pneumothorax.")
    assert records.load(case).draft.pad.text.strip() == "Heart is normal."


SESSION_NOW = "fetch('who').then((answer) => answer.json()).then(({ session }) => session === desk.who.session)"


def leaves_in_vain(room: Room, url: str) -> None:
    """Sign out without the server, and close the window before it has worked."""
    caught = []

    def fails(route) -> None:
        caught.append(route.request.method)
        route.abort("internetdisconnected")

    room.page.route(f"{url}sign-out", fails)
    while not caught:  # what is asked just afterwards may get by it; nobody is signed out by a GET
        room.page.evaluate("fetch('sign-out').catch(() => null)")
    room.press("Alt+Shift+o")
    room.page.locator("dialog.not-out[open]").wait_for()
    room.page.close(run_before_unload=False)


def test_a_sign_out_that_was_never_confirmed_ends_its_own_session_and_no_later_one_of_that_user(
    profile, sits_down, url, records
):
    shared = profile()
    room = sits_down("bob", shared)
    ends_session(records, "bob")
    room.until(OUT)
    signs_in_again(room, "bob")
    room.until(SESSION_NOW)
    leaves_in_vain(room, url)
    page = shared.new_page()
    page.goto(url)  # whoever comes next is not bob
    page.wait_for_url(f"{url}sign-in")
    assert page.request.get(f"{url}who").status == 401

    leaves_in_vain(sits_down("bob", shared), url)
    ends_session(records, "bob")
    page.goto(url)
    page.wait_for_url(f"{url}sign-in")  # it has no script that could forget whose session was to end
    fills_in(page, "bob")
    page.wait_for_url(url)
    page.wait_for_function("window.desk?.connected", timeout=WAIT_S * 1000)
    assert page.request.get(f"{url}who").status == 200
    assert page.evaluate("localStorage.getItem('desk.leaving')") is None


def test_the_next_user_of_a_browser_cannot_reach_what_waits_in_it(profile, sits_down, url, records, microphone):
    microphone.says("rib")
    shared = profile()
    room = sits_down("bob", shared)
    room.press("F9")
    room.until_heard(1.5)
    ends_session(records, "bob")
    room.until(OUT)
    case, heard = room.case, room.page.evaluate("desk.capture.samples")
    room.until_heard(heard / 16_000 + 2)
    room.press("F9")
    room.until("desk.capture.state === 'off'")
    samples = room.page.evaluate("desk.capture.samples")
    before = kept_samples(records, case)
    assert before < samples
    room.page.close(run_before_unload=False)

    next_one = sits_down("eve", shared)
    next_one.until_shown("#notices", "of another user's sound wait")
    found = next_one.page.evaluate(KEPT)
    assert found and {tuple(one) for one in found} == {("dictation:bob", "data,iv")}
    assert next_one.page.evaluate("desk.outbox.takes()") == []
    assert next_one.page.evaluate("desk.capture.sending.unsent_s") == 0
    assert next_one.case != case and kept_samples(records, case) == before
    next_one.press("Alt+Shift+o")
    signs_in(next_one.page, url, "bob")
    next_one.until("window.desk?.connected && desk.capture && desk.capture.sending.unsent_s === 0")
    until(lambda: not next_one.page.evaluate(KEPT), "the browser has let go of all sound", WAIT_S)
    assert kept_samples(records, case) == samples


UNSENT = "desk.outbox.typing(desk.page).then(JSON.stringify)"  # what was typed and is not with the server


def types_while_the_network_is_away(room: Room, first: str = "Heart is normal. ") -> str:
    """Type two bursts that the server does not get, in a session that ends; return the case."""
    case = room.case
    room.type(first)
    room.page.evaluate("desk.socket.send = () => {}")
    room.write("Left rib fracture. ")
    room.until("desk.waiting.size > 0")
    room.page.keyboard.type("No pneumothorax.")
    until(lambda: "No pneumothorax." in room.page.evaluate(UNSENT), "what was typed is kept in the browser")
    return case


def nothing_is_in_clear(page: Page) -> None:
    found = page.evaluate(IN_CLEAR)
    assert not any(word in found for word in ("Heart", "Lungs", "fracture", "pneumothorax"))


def test_words_that_were_typed_while_the_network_was_away_are_there_for_their_user_alone(sits_down, url, records):
    room = sits_down("bob")
    case = types_while_the_network_is_away(room)
    ends_session(records, "bob")
    room.until(OUT)
    nothing_is_in_clear(room.page)
    signs_in_again(room, "bob")
    text = "Heart is normal. Left rib fracture. No pneumothorax."
    room.until(f"document.querySelector('#pad .text').textContent === '{text}'")
    room.until_kept(lambda draft: draft.pad.text == text)
    room.until_shown("#report .text", "rib fracture")
    assert room.case == case

    room.press("Escape")  # who typed when the session ended is in the text again
    room.new_case()
    case = types_while_the_network_is_away(room)
    ends_session(records, "bob")
    room.until(OUT)
    room.page.reload()
    room.page.wait_for_url(f"{url}sign-in")
    nothing_is_in_clear(room.page)
    fills_in(room.page, "bob")
    room.page.wait_for_url(url)
    room.until("window.desk?.state && desk.connected")
    room.until_kept(lambda draft: draft.pad.text == text)
    assert room.case == case

    types_while_the_network_is_away(room, "Lungs are clear. ")
    ends_session(records, "bob")
    room.until(OUT)
    room.page.reload()
    signs_in(room.page, url, "eve")
    room.until("window.desk?.state && desk.connected")
    nothing_is_in_clear(room.page)
    room.press("Alt+Shift+o")
    signs_in(room.page, url, "bob")
    room.until_shown("#notices", "do again: Left rib fracture.", "No pneumothorax.")


def test_a_name_that_is_markup_is_text_on_the_page(sits_down):
    page = sits_down("mal").page
    expect(page.locator("button .user")).to_have_text(USERS["mal"][1])
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert page.evaluate("window.ran") is None
