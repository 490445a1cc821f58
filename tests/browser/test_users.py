"""A department in real browsers, below a path: who sees what, a session that ends in mid-sentence, who comes next."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import update

from dictation.audio import Recording
from dictation.records import Records
from dictation.records.schema import sessions
from dictation.records.sound import sound_path
from dictation.records.users import Users
from dictation.settings import Settings
from tests.browser.conftest import Watched, serving
from tests.browser.microphone import RATE
from tests.browser.room import READY, WAIT_S, Room
from tests.review.department import chose_their_own, has_password

pytestmark = pytest.mark.browser

USERS = {
    "ann": ("attending", "Dr. Ann Example"),
    "bob": ("resident", "Dr. Bob Example"),
    "eve": ("resident", "Dr. Eve"),
    "rea": ("reader", "Rea"),
    "adm": ("administrator", "Adm"),
}
PASSWORD = "a long password of {name}"
OUT = "document.querySelector('dialog.signed-out[open]')"
HIDDEN = ("#banner", "#pad", "#report", "#columns", "#worklist", "#panel")
KEPT = """async () => {  // what the next user of this browser finds, who knows how to look
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done, not) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = not;
    });
    const rows = await new Promise((done) => {
      const all = database.transaction("blocks").objectStore("blocks").getAll();
      all.onsuccess = () => done(all.result);
    });
    database.close();
    for (const { pcm } of rows)
      found.push([name, pcm instanceof ArrayBuffer ? "plain" : Object.keys(pcm).sort().join()]);
  }
  return found;
}"""

IN_CLEAR = """async () => {  // all that a browser's own tools show of its stores, and what the page holds
  const rows = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
    });
    for (const store of database.objectStoreNames) rows.push(...await new Promise((done) => {
      const all = database.transaction(store).objectStore(store).getAll();
      all.onsuccess = () => done(all.result);
    }));
    database.close();
  }
  const fields = [...document.querySelectorAll("textarea")].map(({ value }) => value);
  return JSON.stringify([rows, sessionStorage, localStorage, fields]) + document.body.textContent;
}"""


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
def profile(browser):
    """Opens browser profiles of their own."""
    contexts = []

    def one() -> BrowserContext:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 800}, permissions=["microphone"]))
        return contexts[-1]

    yield one
    for context in contexts:
        context.close()


def fills_in(page: Page, name: str) -> None:
    """Sign in at the form, which has the focus."""
    assert page.locator("#name").evaluate("one => one === document.activeElement")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD.format(name=name))
    page.keyboard.press("Enter")


def sits_down(profile: BrowserContext, url: str, name: str, records: Records, tmp_path) -> Room:
    watched = Watched(profile.new_page(), tmp_path)
    watched.page.goto(url)
    watched.page.wait_for_url(f"{url}sign-in")
    fills_in(watched.page, name)
    watched.page.wait_for_url(url)
    return Room(watched, url, records)


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


def listed(room: Room) -> str:
    room.press("w")
    room.until(
        "!document.querySelector('#worklist').hidden && !document.querySelector('#worklist').hasAttribute('aria-busy')"
    )
    shown = room.shown("#worklist tbody")
    room.press("Escape")
    return shown


def test_the_sign_in_page(profile, url, tmp_path):
    page = profile().new_page()
    watched = Watched(page, tmp_path)
    page.goto(url)
    page.wait_for_url(f"{url}sign-in")
    watched.shoot("sign_in")
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.locator("[role=alert]").wait_for()
    assert page.locator("[role=alert]").inner_text() == "The name or the password is wrong."
    watched.shoot("sign_in_wrong")
    assert min(watched.contrasts().values()) >= 7
    assert watched.strangers == []


def test_two_users_at_once_never_see_each_others_cases(profile, url, records, tmp_path):
    bob, eve = (sits_down(profile(), url, name, records, tmp_path) for name in ("bob", "eve"))
    bob.paste("FINDINGS: Zorbulent pneumonia.")
    bob.until_review()  # which takes the text away
    bob.press("b")
    bob.until_text()
    bob.type("Left pleural effusion.")
    eve.type("Right rib fracture.")
    of_bob, of_eve = bob.case, eve.case
    assert [records.owned(case).owner for case in (of_bob, of_eve)] == ["bob", "eve"]
    for room in (bob, eve):
        room.press("w")
        room.until_shown("#worklist tbody", "open here")
        room.press("Escape")
    assert len(listed(bob).splitlines()) == len(listed(eve).splitlines())
    for room, other in ((bob, of_eve), (eve, of_bob)):
        shown = room.page.evaluate("fetch('worklist').then((answer) => answer.text())")
        assert room.case in shown and other not in shown
        answer = room.page.evaluate(f"desk.send({{ do: 'open', id: '{other}' }})")
        assert not answer["ok"] and "no such case" in answer["message"]
        assert room.case != other
        room.page.add_init_script(f"sessionStorage.setItem('desk.case', '{other}')")  # or it sets its own again
        room.again()
        assert room.case not in (of_bob, of_eve)
    bob.until_shown("#bar .sign-out", "Dr. Bob Example")
    bob.press("Alt+Shift+o")
    bob.page.wait_for_url(f"{url}sign-in")


def test_a_user_changes_their_password_with_keys_alone_and_dictates_on(profile, url, records, tmp_path):
    room = sits_down(profile(), url, "eve", records, tmp_path)
    room.type("Lungs are clear.")
    with room.page.expect_popup() as opened:
        room.press("Alt+Shift+p")
    window = Watched(opened.value, tmp_path)
    for tried in ("wrong", PASSWORD.format(name="eve")):
        window.page.locator("#old:focus").wait_for()
        for word in (tried, "another long password", "another long password"):
            window.page.keyboard.type(word)
            window.page.keyboard.press("Tab")
        window.page.keyboard.press("Enter")
        if tried == "wrong":
            window.page.locator("[role=alert]", has_text="The current password is wrong.").wait_for()
            window.shoot("password_wrong")
            assert min(window.contrasts().values()) >= 7 and window.clipped() == []
    window.page.locator("[role=status]", has_text="Your password is changed.").wait_for()
    window.page.close()
    room.type(" Heart normal.")
    assert records.load(room.case).draft.pad.text == "Lungs are clear. Heart normal."
    assert window.strangers == []
    has_password(records, "eve", PASSWORD.format(name="eve"))


def test_who_has_a_password_of_somebody_else_changes_it_before_anything_else(profile, url, records, tmp_path):
    Users(records).add("new", "Dr. New Example", "attending", PASSWORD.format(name="new"), "test")
    watched = Watched(profile().new_page(), tmp_path)
    page = watched.page
    page.goto(f"{url}?open=abc-1")
    page.locator("#name:focus").wait_for()
    for word, key in (("new", "Tab"), (PASSWORD.format(name="new"), "Enter")):
        page.keyboard.type(word)
        page.keyboard.press(key)
    page.wait_for_url(f"{url}password?open=abc-1")
    page.locator("[role=alert]", has_text="Somebody else set your password").wait_for()
    watched.shoot("password_first")
    assert min(watched.contrasts().values()) >= 7 and watched.clipped() == []
    page.goto(url)
    page.wait_for_url(f"{url}password")
    page.locator("#old:focus").wait_for()
    for word in (PASSWORD.format(name="new"), "my own long password", "my own long password"):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("window.desk?.connected", timeout=90_000)
    assert page.url == url and watched.strangers == []


@pytest.mark.parametrize("failing", ["502", "network"])
def test_who_could_not_be_signed_out_is_told_and_nobody_reads_on_until_it_worked(
    profile, url, records, tmp_path, failing
):
    context, asked = profile(), []

    def fails(route) -> None:
        asked.append(route.request.url)
        if failing == "network":
            route.abort("internetdisconnected")
        else:
            route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")

    context.route(f"{url}sign-out", fails)  # before its page is there: what is asked just afterwards may get by it
    room = sits_down(context, url, "bob", records, tmp_path)
    room.type("Left pleural effusion.")
    room.compare()
    room.press("Alt+Shift+o")
    dialog = room.page.locator("dialog.not-out[open]")
    dialog.wait_for()
    assert "You are NOT signed out" in dialog.inner_text() and "lock this workstation" in dialog.inner_text()
    room.watched.shoot("not_signed_out")
    assert min(room.watched.contrasts().values()) >= 7
    for selector in HIDDEN:
        assert not room.page.locator(selector).is_visible(), selector
    assert "effusion" not in room.page.evaluate("document.body.innerText")
    room.press("Escape", "Escape", "F9", "w", "Alt+w")
    dialog.wait_for()  # a second Esc closes it, and it opens again
    assert room.page.evaluate("desk.capture.state") == "off"
    assert not room.page.locator("#worklist").is_visible()
    ends_s = time.monotonic() + WAIT_S
    while len(asked) < 2:  # by itself
        assert time.monotonic() < ends_s
        room.page.wait_for_timeout(100)
    room.page.reload()  # whoever sits down next tries it
    dialog.wait_for()
    assert "effusion" not in room.page.evaluate("document.body.innerText")
    assert not room.page.evaluate("Boolean(window.desk.connect)"), "no case was asked for"
    assert room.page.request.get(f"{url}who").status == 200
    context.unroute(f"{url}sign-out")
    room.page.wait_for_url(f"{url}sign-in")
    assert room.page.request.get(f"{url}who").status == 401
    fills_in(room.page, "bob")
    room.page.wait_for_url(url)
    room.until_shown("#bar .sign-out", "Dr. Bob Example")
    room.until("window.desk?.connected")


def test_who_signs_out_leaves_in_all_windows_of_that_browser_and_any_of_them_sees_it_through(
    profile, url, records, tmp_path
):
    shared, fails = profile(), f"{url}sign-out"
    shared.route(fails, lambda route: route.abort("internetdisconnected"))
    room = sits_down(shared, url, "bob", records, tmp_path)
    other = Room(Watched(shared.new_page(), tmp_path), url, records)
    case = other.case
    other.press("t")
    other.until("document.activeElement.matches('#pad .text')")
    other.page.keyboard.type("Left rib fracture.")
    room.press("Alt+Shift+o")
    for one in (other, room):
        one.page.locator("dialog.not-out[open]").wait_for()
        for selector in HIDDEN:
            assert not one.page.locator(selector).is_visible(), selector
        assert "fracture" not in one.page.evaluate("document.body.innerText")
    room.page.close(run_before_unload=False)
    shared.unroute(fails)
    other.page.wait_for_url(f"{url}sign-in")
    assert other.page.request.get(f"{url}who").status == 401

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


def test_who_signs_out_is_read_by_nobody_from_that_moment_and_loses_nothing(
    profile, url, records, microphone, tmp_path
):
    microphone.says("rib")
    room = sits_down(profile(), url, "bob", records, tmp_path)
    case = room.case
    room.page.evaluate(HEARD)
    room.press("F9")
    room.until_heard(1.5)
    room.press("t")
    room.until("document.activeElement.matches('#pad .text')")
    room.page.keyboard.type("Heart is normal. ")
    room.press("Alt+Shift+o")  # the burst of keys has not ended, and the microphone is on
    room.page.wait_for_url(f"{url}sign-in")
    samples, unsent_s = room.page.evaluate("JSON.parse(sessionStorage.getItem('heard'))")
    assert unsent_s == 0 and samples >= 1.5 * RATE
    ends_s = time.monotonic() + WAIT_S
    while kept_samples(records, case) < samples:
        assert time.monotonic() < ends_s
        time.sleep(0.1)
    assert "Heart is normal." in records.load(case).draft.pad.text

    fills_in(room.page, "bob")
    room.page.wait_for_url(url)
    room.until(READY)
    case = types_while_the_network_is_away(room)
    asked = []
    room.page.on("request", lambda one: asked.append(one.url))
    room.press("Alt+Shift+o")
    for selector in HIDDEN:
        assert not room.page.locator(selector).is_visible(), selector
    assert room.shown("dialog[open]") == "Signing out …"
    assert "fracture" not in room.page.evaluate("document.body.innerText")
    room.press("Escape", "Escape", "F9", "w", "x")
    room.page.evaluate("desk.capture.toggle()")  # by the button of a dictation microphone
    assert room.page.evaluate("desk.capture.state") == "off" and not room.page.locator("#worklist").is_visible()
    assert f"{url}sign-out" not in asked, "what was typed is still waited for"
    room.page.wait_for_url(f"{url}sign-in")
    fills_in(room.page, "bob")
    room.page.wait_for_url(url)
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
    profile, url, records, tmp_path
):
    shared = profile()
    room = sits_down(shared, url, "bob", records, tmp_path)
    ends_session(records, "bob")
    room.until(OUT)
    signs_in_again(room, "bob")
    room.until(SESSION_NOW)
    leaves_in_vain(room, url)
    page = shared.new_page()
    page.goto(url)  # whoever comes next is not bob
    page.wait_for_url(f"{url}sign-in")
    assert page.request.get(f"{url}who").status == 401

    leaves_in_vain(sits_down(shared, url, "bob", records, tmp_path), url)
    ends_session(records, "bob")
    page.goto(url)
    page.wait_for_url(f"{url}sign-in")  # it has no script that could forget whose session was to end
    fills_in(page, "bob")
    page.wait_for_url(url)
    page.wait_for_function("window.desk?.connected", timeout=WAIT_S * 1000)
    assert page.request.get(f"{url}who").status == 200
    assert page.evaluate("localStorage.getItem('desk.leaving')") is None


def test_a_redirect_that_is_not_ours_signs_nobody_out(profile, url, records, tmp_path):
    context = profile()
    context.route(f"{url}sign-out", lambda route: route.fulfill(status=302, headers={"location": "/portal"}))
    room = sits_down(context, url, "bob", records, tmp_path)
    room.press("Alt+Shift+o")
    room.page.locator("dialog.not-out[open]").wait_for()
    context.unroute(f"{url}sign-out")
    room.page.wait_for_url(f"{url}sign-in")
    assert room.page.request.get(f"{url}who").status == 401


def test_a_reader_looks_on_and_an_administrator_sees_no_case(profile, url, records, tmp_path):
    bob = sits_down(profile(), url, "bob", records, tmp_path)
    bob.type("Left pleural effusion.")
    records.grant(bob.case, "rea", "test")
    reader = sits_down(profile(), url, "rea", records, tmp_path)
    reader.press("F9")
    reader.until_shown("#notices", "dictates nothing")
    assert reader.page.evaluate("desk.capture.state") == "off"
    assert reader.page.evaluate(f"desk.send({{ do: 'open', id: '{bob.case}' }})")["ok"]
    reader.until_shown("#pad .text", "Left pleural effusion.")
    reader.press("t")
    reader.page.keyboard.type("No ")
    reader.page.wait_for_timeout(1000)
    reader.watched.shoot("reader")
    assert records.load(bob.case).draft.pad.text.strip() == "Left pleural effusion."
    page = profile().new_page()
    page.goto(url)
    fills_in(page, "adm")
    page.locator("#notices", has_text="An administrator's account").wait_for(timeout=WAIT_S * 1000)
    page.screenshot(path=tmp_path / "administrator.png")


def test_a_session_that_ends_while_somebody_speaks_costs_no_word(profile, url, records, microphone, tmp_path):
    length_s = microphone.says("two_parts")
    room = sits_down(profile(), url, "bob", records, tmp_path)
    case = room.case
    room.press("F9")
    room.until_heard(1.5)
    ends_session(records, "bob")
    room.until(OUT)
    assert not room.page.locator("#pad").is_visible(), "who is signed out reads no more"
    room.watched.shoot("signed_out")
    room.press("Escape")
    room.until_heard(length_s)
    room.press("F9")
    assert room.page.evaluate("desk.capture.sending.unsent_s") > 1
    assert room.page.locator("dialog.signed-out").is_visible()
    signs_in_again(room, "bob")
    room.until("desk.capture.sending.unsent_s === 0")
    room.until_review()
    assert room.case == case
    text = room.draft.pad.text.lower()
    assert "left pleural effusion" in text and "heart size is normal" in text
    assert kept_samples(records, case) == room.page.evaluate("desk.capture.samples")
    assert room.watched.strangers == []


def test_the_next_user_of_a_browser_cannot_reach_what_waits_in_it(profile, url, records, microphone, tmp_path):
    microphone.says("rib")
    shared = profile()
    room = sits_down(shared, url, "bob", records, tmp_path)
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

    next_one = sits_down(shared, url, "eve", records, tmp_path)
    next_one.until_shown("#notices", "of another user's sound wait")
    found = next_one.page.evaluate(KEPT)
    assert found and {tuple(one) for one in found} == {("dictation:bob", "data,iv")}
    assert next_one.page.evaluate("desk.outbox.takes()") == []
    assert next_one.page.evaluate("desk.capture.sending.unsent_s") == 0
    assert next_one.case != case and kept_samples(records, case) == before
    next_one.watched.shoot("next_user")
    next_one.press("Alt+Shift+o")
    next_one.page.wait_for_url(f"{url}sign-in")
    fills_in(next_one.page, "bob")
    next_one.page.wait_for_url(url)
    next_one.until("window.desk?.connected && desk.capture && desk.capture.sending.unsent_s === 0")
    ends_s = time.monotonic() + WAIT_S
    while kept := next_one.page.evaluate(KEPT):
        assert time.monotonic() < ends_s, kept
        time.sleep(0.1)
    assert kept_samples(records, case) == samples


def types_while_the_network_is_away(room: Room, first: str = "Heart is normal. ") -> str:
    """Type two bursts that the server does not get, in a session that ends; return the case."""
    case = room.case
    room.type(first)
    room.page.evaluate("desk.socket.send = () => {}")
    room.press("t")
    room.until("document.activeElement.matches('#pad .text')")
    room.page.keyboard.type("Left rib fracture. ")
    room.until("desk.waiting.size > 0")
    room.page.keyboard.type("No pneumothorax.")
    room.page.wait_for_timeout(500)  # a burst ends
    return case


def test_words_that_were_typed_while_the_network_was_away_are_there_for_their_user_alone(
    profile, url, records, tmp_path
):
    shared = profile()
    room = sits_down(shared, url, "bob", records, tmp_path)
    case = types_while_the_network_is_away(room)
    ends_session(records, "bob")
    room.until(OUT)
    found = room.page.evaluate(IN_CLEAR)
    assert not any(word in found for word in ("Heart", "Lungs", "fracture", "pneumothorax"))
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
    found = room.page.evaluate(IN_CLEAR)
    assert not any(word in found for word in ("Heart", "Lungs", "fracture", "pneumothorax"))
    fills_in(room.page, "bob")
    room.page.wait_for_url(url)
    room.until("window.desk?.state && desk.connected")
    room.until_kept(lambda draft: draft.pad.text == text)
    assert room.case == case

    types_while_the_network_is_away(room, "Lungs are clear. ")
    ends_session(records, "bob")
    room.until(OUT)
    room.page.reload()
    room.page.wait_for_url(f"{url}sign-in")
    fills_in(room.page, "eve")
    room.page.wait_for_url(url)
    room.until("window.desk?.state && desk.connected")
    found = room.page.evaluate(IN_CLEAR)
    assert not any(word in found for word in ("Heart", "Lungs", "fracture", "pneumothorax"))
    room.press("Alt+Shift+o")
    room.page.wait_for_url(f"{url}sign-in")
    fills_in(room.page, "bob")
    room.page.wait_for_url(url)
    room.until_shown("#notices", "do again: Left rib fracture.", "No pneumothorax.")
