"""Signing in as a department has it: through nginx with TLS on a sub-path, from the first word to signing out."""

import pytest

import dictation
from dictation.records import Records
from dictation.records.sound import sound_path
from dictation.records.users import Users
from dictation.settings import Settings
from tests.browser.proxy import PATH, serving_behind
from tests.browser.test_users import (  # noqa: F401
    OUT,
    PASSWORD,
    USERS,
    browser,
    ends_session,
    kept_samples,
    microphone,
    profile,
    records,
    signs_in_again,
    sits_down,
)
from tests.review.department import chose_their_own

pytestmark = pytest.mark.browser
WORDS = frozenset({"left", "pleural", "effusion", "heart", "size", "normal"})  # of the clip


@pytest.fixture(scope="module")
def url(home, own_folders, tmp_path_factory):
    records = Records.open(Settings(home=home))  # noqa: F811
    role, display = USERS["ann"]
    Users(records).add("ann", display, role, PASSWORD.format(name="ann"), "test")
    chose_their_own(records, "ann")
    records.close()
    folder = tmp_path_factory.mktemp("nginx")
    with serving_behind(home, folder, DICTATION_SIGN_IN="password", DICTATION_PROXIES="127.0.0.1") as (url, _):
        yield url


def test_a_case_from_signing_in_to_signing_out(profile, url, records, microphone, tmp_path):  # noqa: F811
    length_s = microphone.says("two_parts")
    shared = profile()
    room = sits_down(shared, url, "ann", records, tmp_path)
    assert url.startswith("https://") and url.endswith(PATH)
    [cookie] = [one for one in shared.cookies() if "session" in one["name"]]
    kept = {name: cookie[name] for name in ("name", "path", "secure", "httpOnly", "sameSite")}
    assert kept == {
        "name": "__Secure-dictation_session", "path": PATH.rstrip("/"), "secure": True, "httpOnly": True,
        "sameSite": "Strict",
    }  # fmt: skip
    case = room.case
    room.press("F9")
    room.until_heard(1.5)
    ends_session(records, "ann")  # while somebody speaks: the socket is closed with 4401
    room.until(OUT)
    assert not room.page.locator("#pad").is_visible(), "who is signed out reads no more"
    room.until_heard(length_s)
    room.press("F9")
    signs_in_again(room, "ann")
    room.until("desk.capture.sending.unsent_s === 0")
    room.until_review()
    assert room.case == case
    assert kept_samples(records, case) == room.page.evaluate("desk.capture.samples")
    (kept_sound,) = records.recordings(case)
    heard = {*dictation.transcribe(sound_path(records, kept_sound)).text.lower().replace(".", " ").split()} & WORDS
    assert {"heart", "size", "normal"} <= heard, "a fake microphone may begin late on a busy machine; the end it gives"
    signed = room.sign()
    assert (signed.state, signed.author) == ("final", "Dr. Ann Example")
    assert heard <= {*signed.text.lower().replace(".", " ").split()}
    room.press("Alt+Shift+o")
    room.page.wait_for_url(f"{url}sign-in")
    assert room.page.request.get(f"{url}who", ignore_https_errors=True).status == 401
    assert [one for one in shared.cookies() if "session" in one["name"]] == []
    assert room.watched.strangers == []
    told = [(entry.what, entry.by) for entry in records.audit() if entry.what.startswith("signed ")]
    assert told == [("signed in", "ann"), ("signed in", "ann"), ("signed out", "ann")]
