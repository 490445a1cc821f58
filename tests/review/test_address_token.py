"""Without sign-in every account of the machine reaches 127.0.0.1: the page opens for whoever has its token alone."""

from collections import namedtuple
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus

from dictation.case.draft import Draft
from dictation.exam import Order
from dictation.review import accounts
from dictation.review.app import launch
from dictation.review.engines import Engines
from dictation.review.event_log import kept
from dictation.review.tokens import key_token, viewer_token
from pipelines.doctor import examine
from tests.review.department import PAGE, Visitor

Account = namedtuple("Account", "pw_name pw_uid pw_shell")
TYPED = {**PAGE, "sec-fetch-site": "none"}


@pytest.fixture(scope="module")
def own(settings, tmp_path_factory):
    return settings.model_copy(update={"home": tmp_path_factory.mktemp("alone") / "home", "page_token": "on"})


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("log") / "events.log"


@pytest.fixture(scope="module")
def served(small_ear, own, log):
    with kept(log, 1_000_000, 1):
        served = launch(Engines(small_ear), own, 0)
        yield served
        served.close()


def stranger(served) -> Visitor:
    """A browser of another account of this machine."""
    return Visitor(served, served.url.partition("?")[0])


def token(served) -> str:
    return parse_qs(urlsplit(served.url).query)["token"][0]


def admitted(served) -> Visitor:
    visitor = stranger(served)
    assert visitor.get(f"/?token={token(served)}", **TYPED).status_code == 303
    return visitor


@pytest.mark.parametrize(
    "path",
    ["/", "/worklist", "/who", "/config", "/scripts/desk.js", "/sound/x/y", "/?token=", "/?token=x", "/key", "/open"],
)
def test_another_account_is_refused_whatever_it_asks(served, path):
    visitor = stranger(served)
    answer = visitor.get(path, **TYPED)
    assert answer.status_code == 403 and "the address that dictation serve told" in answer.text
    assert not visitor.http.cookies
    with pytest.raises(InvalidStatus, match="403"):
        visitor.close_code(user="")
    guessed = f"{next(iter(admitted(served).http.cookies))}={'0' * 64}"
    with pytest.raises(InvalidStatus, match="403"):
        visitor.close_code(guessed, user="")


def test_the_token_is_exchanged_for_a_cookie_and_stands_in_no_address_header_or_log(served, log):
    visitor = stranger(served)
    answer = visitor.get(f"/?token={token(served)}&open=abc-1", **TYPED)
    assert answer.status_code == 303 and answer.headers["location"] == "/?open=abc-1"
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; ")) and token(served) not in cookie
    assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"
    page = visitor.get("/", **TYPED)
    assert page.status_code == 200 and token(served) not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert visitor.get("/worklist").status_code == 200 and visitor.close_code(user="") == 0
    assert visitor.get(f"/?token={token(served)}", **TYPED).status_code == 303, "nor does it stay there a second time"
    assert token(served) not in log.read_text()


def test_a_link_of_a_viewer_opens_the_page_in_a_browser_that_knows_it(served):
    elsewhere = {**PAGE, "sec-fetch-site": "cross-site"}
    answer = stranger(served).get("/?open=abc-1", **elsewhere)  # the browser brings no strict cookie there
    assert answer.status_code == 200 and "url=/?open=abc-1" in answer.text
    assert stranger(served).get("/?open=abc-1", **PAGE, **{"sec-fetch-site": "same-origin"}).status_code == 403
    assert admitted(served).get("/?open=abc-1", **PAGE, **{"sec-fetch-site": "same-origin"}).status_code == 200


def test_a_viewer_and_a_pedal_bring_tokens_of_their_own(served, own):
    served.cases.desk.records.create(Draft(id=uuid4().hex, orders=(Order(accession="A1"),)), "test")
    visitor = stranger(served)
    opened = visitor.post("/open", {"accession": "A1"}, authorization=f"Bearer {viewer_token(own.home)}")
    assert opened.status_code == 201 and token(served) not in opened.text
    assert visitor.post("/key?name=toggle", authorization=f"Bearer {key_token(own.home)}").status_code == 200
    for path in ("/open", "/key?name=toggle"):
        assert visitor.post(path, {"accession": "A1"}, authorization=f"Bearer {token(served)}").status_code == 401


def test_a_browser_that_knows_the_page_knows_it_after_a_restart(small_ear, settings, tmp_path):
    own = settings.model_copy(update={"home": tmp_path / "home", "page_token": "on"})
    first = launch(Engines(small_ear), own, 0)
    visitor = admitted(first)
    first.close()
    again = launch(Engines(small_ear), own, first._port)
    try:
        assert again.url == first.url and visitor.get("/worklist").status_code == 200
    finally:
        again.close()


def test_where_users_sign_in_or_it_is_switched_off_no_token_is_asked_for(settings):
    for changes in ({"sign_in": "password", "page_token": "on"}, {"page_token": "off"}):
        assert not accounts.is_asked_for(settings.model_copy(update=changes))


@pytest.mark.parametrize(
    ("others", "passwd", "expected"),
    [
        ([("ann", 1001, "/bin/bash")], "files", True),
        ([("ann", 1001, "")], "files", True),
        ([("ann", 70_000, "/usr/bin/fish")], "files", True),
        ([("postgres", 101, "/bin/bash"), ("nobody", 65_534, "/usr/sbin/nologin")], "files systemd", False),
        ([("ann", 1001, "/bin/false")], "files", False),
        ([], "files sss", True),
        ([], "files centrifydc", True),
        ([], "files [NOTFOUND=return] systemd", False),
    ],
)
def test_by_default_it_is_asked_for_where_others_use_the_machine(
    settings, tmp_path, monkeypatch, others, passwd, expected
):
    me = Account("me", 4711, "/bin/bash")
    monkeypatch.setattr("os.getuid", lambda: me.pw_uid)
    monkeypatch.setattr(
        "pwd.getpwall", lambda: [Account("root", 0, "/bin/bash"), me, *(Account(*one) for one in others)]
    )
    (tmp_path / "nsswitch.conf").write_text(f"# x\npasswd: {passwd}\ngroup: files\n")
    (tmp_path / "login.defs").write_text("# UID_MIN 5\nUID_MIN\t1000\n")
    monkeypatch.setattr(accounts, "NSSWITCH", tmp_path / "nsswitch.conf")
    monkeypatch.setattr(accounts, "LOGIN_DEFS", tmp_path / "login.defs")
    assert accounts.is_asked_for(settings.model_copy(update={"page_token": "auto"})) is expected
    off = settings.model_copy(update={"page_token": "off"})
    fault = accounts.accounts_fault(off)
    assert (fault is not None) is expected
    checks = {one["name"]: one for one in examine(off)["checks"]}
    assert checks["accounts"]["ok"] is not expected
    assert "every account" in accounts.accounts_said(off)
    if expected:
        assert "DICTATION_PAGE_TOKEN=on" in checks["accounts"]["fix"]


def test_a_page_on_windows_asks_for_it_as_nobody_can_tell(settings, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pwd", None)
    assert accounts.has_other_users()


def test_the_doctor_says_that_every_account_of_this_machine_reaches_the_page(settings):
    for switched, said in (("on", "asks for the token"), ("off", "can open the page")):
        found = examine(settings.model_copy(update={"page_token": switched}))
        [line] = [one["state"] for one in found["checks"] if one["name"] == "accounts"]
        assert "every account of this machine" in line and said in line
