"""Who is let in: no page, no sound and no socket without a session that is real, of this server and not over."""

import socket
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, event, select, text, update

from dictation.errors import DictationError
from dictation.records.schema import sessions, sign_in_failures
from dictation.records.sessions import Sessions
from dictation.records.signing_in import WRONG
from dictation.records.users import Users
from dictation.review.signed_in import SIGN_IN_AGAIN
from tests.review.department import PAGE, PASSWORD, Visitor, department
from tests.review.wire_page import WAIT_S

COOKIE = "dictation_session"


@pytest.fixture(scope="module")
def served(small_ear, settings, tmp_path_factory):
    own = settings.model_copy(update={"home": tmp_path_factory.mktemp("department") / "home"})
    with department(small_ear, own) as served:
        yield served


@pytest.fixture
def records(served):
    return served.cases.desk.records


def of_user(records, name: str, **values) -> None:
    """Change all sessions of a user behind the back of the program."""
    with records.recorded() as (connection, _):
        connection.execute(update(sessions).where(sessions.c.name == name).values(**values))


def is_in(visitor: Visitor, cookie: str | None = None) -> bool:
    """Whether the doors are open, all of them or none."""
    headers = {} if cookie is None else {"cookie": cookie}
    doors = {visitor.get(path, **headers).status_code != 401 for path in ("/who", "/worklist", "/hid.json")}
    doors.add(visitor.close_code(cookie) == 0)
    assert len(doors) == 1
    return doors.pop()


def test_a_page_leads_to_the_sign_in_page_and_all_else_is_refused(served):
    stranger = Visitor(served)
    page = stranger.get("/", **PAGE)
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")
    form = stranger.get("/sign-in", **PAGE)
    assert form.status_code == 200 and "<script" not in form.text and "://" not in form.text
    assert "default-src 'none'" in form.headers["content-security-policy"]
    assert stranger.get("/sign-in.css").headers["content-type"].startswith("text/css")
    paths = {"/who", "/worklist", "/scripts/desk.js", "/hid.json", "/config", "/theme.css", "/gradio_api/info"}
    paths |= {f"/sound/{'a' * 32}/x", f"/image/{'a' * 32}/0", "/sign-out", "/password", "/gradio_api/file=/etc/hosts"}
    for path in paths:
        assert (path, stranger.get(path).status_code) == (path, 401)
    for path in ("/gradio_api/upload", "/gradio_api/queue/join", "/sign-out", "/password", "/key?name=next"):
        assert (path, stranger.post(path).status_code) == (path, 401)
    assert stranger.close_code() == SIGN_IN_AGAIN
    assert stranger.get("/healthz").status_code != 401, "what watches the server has no session"


def test_a_session_is_a_cookie_that_no_script_reads_and_no_other_site_sends(served):
    ann = Visitor(served)
    answer = ann.tries("ann", PASSWORD.format(name="ann"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    said = answer.headers["set-cookie"].split("; ")
    assert said[0].startswith(f"{COOKIE}=") and said[1:] == ["Path=/", "HttpOnly", "SameSite=Strict"]
    assert is_in(ann)
    shown = ann.get("/who").json()
    assert (shown["user"], shown["role"], len(shown["key"])) == ("ann", "attending", 64)


def test_a_page_can_tell_one_session_from_another_by_what_opens_none(served):
    first, second = Visitor(served).signs_in("ann"), Visitor(served).signs_in("ann")
    shown = [one.get("/who").json()["session"] for one in (first, first, second)]
    assert shown[0] == shown[1] != shown[2]
    for one, said in ((first, shown[0]), (second, shown[2])):
        assert len(said) == 32 and said not in one.cookie
        assert not is_in(Visitor(served), f"{COOKIE}={said}")


def test_over_tls_the_cookie_is_sent_over_tls_alone(small_ear, own):
    with department(small_ear, own, proxies="127.0.0.1") as served:
        ann = Visitor(served, **{"x-forwarded-proto": "https"})
        ann.http.headers["origin"] = ann.origin.replace("http", "https", 1)
        said = ann.tries("ann", PASSWORD.format(name="ann")).headers["set-cookie"]
        assert said.startswith(f"__Host-{COOKIE}=") and said.endswith("; Secure")
    with department(small_ear, own, proxies="192.0.2.1") as served:
        said = Visitor(served, **{"x-forwarded-proto": "https"}).tries("ann", PASSWORD.format(name="ann"))
        assert "Secure" not in said.headers["set-cookie"], "who is no listed proxy says nothing"


@pytest.mark.parametrize("forged", ["", "x", "a" * 43, "../../etc", "'; DROP TABLE sessions; --"])
def test_a_forged_session_is_none(served, forged):
    assert not is_in(Visitor(served), f"{COOKIE}={forged}")


def test_a_session_that_ended_is_none_however_it_ended(served, records):
    over = datetime.now(UTC) - timedelta(minutes=1)
    for values in (
        {"ends_at": over.isoformat(timespec="microseconds")},
        {"used_at": "2026-01-01T00:00:00.000000+00:00"},
    ):
        eve = Visitor(served).signs_in("eve")
        assert is_in(eve)
        of_user(records, "eve", **values)
        assert not is_in(eve)
    eve = Visitor(served).signs_in("eve")
    kept = eve.cookie
    answer = eve.post("/sign-out")
    assert answer.headers["location"] == "/sign-in" and "Max-Age=0" in answer.headers["set-cookie"]
    assert not is_in(Visitor(served), kept), "a replayed cookie"


def sessions_of(records, name: str) -> int:
    """How many sessions of a user are in the database."""
    with records.reading() as connection:
        return len(connection.execute(select(sessions.c.token).where(sessions.c.name == name)).all())


@pytest.fixture
def broken(records):
    """Has the database refuse to end sessions, or to be asked for them, until the end of the block."""

    @contextmanager
    def one(breaks: str, mends: str):
        with records.recorded() as (connection, _):
            connection.execute(text(breaks))
        try:
            yield
        finally:
            with records.recorded() as (connection, _):
                connection.execute(text(mends))

    return one


UNWRITABLE = (
    "CREATE TRIGGER full_disk BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'full'); END",
    "DROP TRIGGER full_disk",
)
UNREADABLE = ("ALTER TABLE sessions RENAME TO away", "ALTER TABLE away RENAME TO sessions")


@pytest.mark.parametrize("how", [UNWRITABLE, UNREADABLE])
def test_who_signs_out_while_the_database_fails_loses_the_cookie_and_is_told(served, records, broken, how):
    of_user(records, "eve", ends_at="2026-01-01T00:00:00.000000+00:00")
    eve = Visitor(served).signs_in("eve")
    kept = eve.cookie
    before = sessions_of(records, "eve")
    with broken(*how):
        answer = eve.post("/sign-out")
        assert answer.status_code == 503 and "did not end the session" in answer.text
        assert f"{COOKIE}=;" in answer.headers["set-cookie"] and "Max-Age=0" in answer.headers["set-cookie"]
        assert not eve.http.cookies, "the next one at this browser is nobody"
    assert sessions_of(records, "eve") == before
    assert not is_in(Visitor(served), kept), "a copied cookie"
    Visitor(served).signs_in("ann")
    assert sessions_of(records, "eve") == before - 1
    last_two = [(entry.what, entry.by) for entry in records.audit()][-2:]
    assert last_two == [("signed out", "eve"), ("signed in", "ann")]


def test_who_sends_anything_while_the_database_fails_learns_nothing_and_a_foreign_page_ends_nothing(
    served, records, broken
):
    eve = Visitor(served).signs_in("eve")
    with broken(*UNREADABLE):
        assert Visitor(served).post("/sign-out", cookie=f"{COOKIE}=x").status_code == 503
        foreign = eve.post("/sign-out", **{"sec-fetch-site": "cross-site", "origin": "https://evil.example"})
        assert foreign.status_code == 403 and "set-cookie" not in foreign.headers
    assert is_in(eve)


def test_made_up_cookies_while_the_database_fails_bring_no_session_back(served, records, broken, monkeypatch):
    monkeypatch.setattr("dictation.records.sessions.MOST_KEPT", 3)
    eve, ann = Visitor(served).signs_in("eve"), Visitor(served).signs_in("ann")
    assert is_in(eve) and is_in(ann)
    kept = eve.cookie
    with broken(*UNREADABLE):
        assert Visitor(served).post("/sign-out", cookie=f"{COOKIE}=first").status_code == 503
        assert eve.post("/sign-out").status_code == 503
        for one in range(5):
            assert Visitor(served).post("/sign-out", cookie=f"{COOKIE}=made-up-{one}").status_code == 503
    assert not is_in(Visitor(served), kept)
    assert is_in(ann)


def test_what_the_database_could_not_end_is_asked_for_at_once_and_then_no_more(served, records, broken):
    own = Sessions(records)
    tokens = [own.begin("eve") for _ in range(3)]
    statements = []

    def signs_in() -> int:
        statements.clear()
        own.begin("ann")
        return len(statements)

    def count(*said) -> None:
        statements.append(said[2])

    event.listen(Engine, "before_cursor_execute", count)
    try:
        usual = signs_in()
        with broken(*UNREADABLE):
            for token in [*tokens, *(f"made-up-{one}" for one in range(100))]:
                with suppress(DictationError):
                    own.end(token)
        signed_out = sum(entry.what == "signed out" for entry in records.audit())
        assert signs_in() <= usual + 3 + 2 * len(tokens), "an entry in the trail for each that was one"
        assert [own.user(token) for token in tokens] == [None] * 3
        assert sum(entry.what == "signed out" for entry in records.audit()) == signed_out + 3
        assert signs_in() == usual + 1 and signs_in() == usual
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def test_who_is_not_signed_in_learns_from_readiness_no_amount(served):
    assert "MB" not in Visitor(served).get("/readyz").text
    assert "MB" not in Visitor(served).get("/readyz", cookie=f"{COOKIE}=forged").text
    ann = Visitor(served).signs_in("ann")
    assert "MB free" in ann.get("/readyz").text
    ann.post("/sign-out")
    assert "MB" not in ann.get("/readyz").text


def test_a_worklist_that_is_read_anew_by_itself_keeps_no_session_alive(served, records):
    long_ago = (datetime.now(UTC) - timedelta(minutes=30)).isoformat(timespec="microseconds")
    eve = Visitor(served).signs_in("eve")
    of_user(records, "eve", used_at=long_ago)

    def used() -> set[str]:
        with records.reading() as connection:
            return set(connection.execute(select(sessions.c.used_at).where(sessions.c.name == "eve")).scalars())

    assert eve.get("/worklist").status_code == 200 and used() == {long_ago}
    assert eve.get("/who").status_code == 200 and used() != {long_ago}


def test_signing_in_again_never_keeps_a_token(served):
    eve = Visitor(served)
    planted = eve.tries("eve", PASSWORD.format(name="eve"), cookie=f"{COOKIE}=planted").headers["set-cookie"]
    assert "planted" not in planted
    first = planted.split(";")[0]
    assert is_in(Visitor(served), first)
    second = Visitor(served).tries("eve", PASSWORD.format(name="eve"), cookie=first).headers["set-cookie"].split(";")[0]
    assert second != first and is_in(Visitor(served), second) and not is_in(Visitor(served), first)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "cross-site", **PAGE},
        {"origin": "http://127.0.0.1:1", "sec-fetch-site": "same-site"},
        {"origin": "", "sec-fetch-site": ""},
    ],
)
def test_no_other_site_signs_anybody_in_or_out_or_opens_a_socket(served, elsewhere):
    ann = Visitor(served).signs_in("ann")
    given = {name: value for name, value in elsewhere.items() if value}
    for name in ("origin", "sec-fetch-site"):
        del ann.http.headers[name]
    assert ann.tries("eve", PASSWORD.format(name="eve"), **given).status_code == 403
    if given:
        assert ann.post("/sign-out", **given).status_code == 403
        assert ann.post("/gradio_api/queue/join", **given).status_code == 403
    assert ann.get("/who").json()["user"] == "ann"
    if given:
        with pytest.raises(Exception, match="403"):
            ann.close_code(origin=given["origin"])


def test_a_link_from_elsewhere_finds_the_session_though_its_cookie_is_strict(served):
    linked = Visitor(served).get("/", **{**PAGE, "sec-fetch-site": "cross-site"})
    assert linked.status_code == 200 and 'http-equiv="refresh" content="0;url=/"' in linked.text
    opened = Visitor(served).get("/?open=Ab-_3", **{**PAGE, "sec-fetch-site": "cross-site"})
    assert 'content="0;url=/?open=Ab-_3"' in opened.text


@pytest.mark.parametrize("path", ["//evil.example/x", "/%5Cevil.example", "/%09/evil.example", "/?next=//evil.example"])
def test_a_link_that_only_begins_here_leads_nowhere_else(served, path):
    with socket.create_connection(("127.0.0.1", served._port), WAIT_S) as asking:  # as it is written, byte by byte
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{served._port}", "Accept: text/html", "Connection: close"]
        lines += ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "", ""]
        asking.sendall("\r\n".join(lines).encode())
        answer = asking.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 200") and 'content="0;url=/"' in answer and "evil" not in answer


def test_a_query_of_many_fields_is_no_failure_of_the_program(served):
    assert Visitor(served).get("/?" + "a=1&" * 500, **PAGE).headers["location"] == "/sign-in"


def test_a_viewers_address_outlasts_signing_in(served):
    visitor, ticket = Visitor(served), "Ab-_3" * 6
    assert visitor.get(f"/?open={ticket}", **PAGE).headers["location"] == f"/sign-in?open={ticket}"
    assert f'action="/sign-in?open={ticket}"' in visitor.get(f"/sign-in?open={ticket}", **PAGE).text
    form = {"name": "ann", "password": PASSWORD.format(name="ann")}
    assert visitor.post(f"/sign-in?open={ticket}", form).headers["location"] == f"/?open={ticket}"
    for other in ("//evil.example", '"><script>', "a&b=c", ""):
        page = Visitor(served).get("/sign-in?open=" + quote(other), **PAGE).text
        assert 'action="/sign-in"' in page and "evil" not in page and "<script" not in page


def test_a_mistyped_password_leaves_the_name_and_no_script(served):
    page = Visitor(served).tries("ann", "no").text
    assert 'value="ann" required>' in page and 'maxlength="256" required autofocus>' in page
    page = Visitor(served).tries('"><script>{x}', "no").text
    assert "<script" not in page and "&quot;&gt;&lt;script&gt;{x}" in page


def test_guessing_is_slowed_down_over_a_restart_and_says_nothing(small_ear, own):
    with department(small_ear, own) as served:
        guesser = Visitor(served)
        for name in ("ann", "nobody"):
            for number in range(8):  # a proxy that is not listed says nothing of where somebody is
                answer = guesser.tries(name, "guess", **{"x-forwarded-for": f"192.0.2.{number}"})
                if answer.status_code == 429:
                    break
                assert answer.status_code == 401 and WRONG in answer.text and "guess" not in answer.text
            assert answer.status_code == 429 and int(answer.headers["retry-after"]) >= 1 and WRONG in answer.text
        assert served.cases.desk.counts.count("sign_ins_failed") >= 10
        with served.cases.desk.records.recorded() as (connection, _):
            connection.execute(update(sign_in_failures).values(failures=20))
    with department(small_ear, own) as served:
        again = Visitor(served).tries("ann", PASSWORD.format(name="ann"), accept="application/json")
        assert again.status_code == 429 and "set-cookie" not in again.headers
        failed = [entry for entry in served.cases.desk.records.audit() if entry.what == "sign-in failed"]
        assert {entry.by for entry in failed} == {"ann", ""}


def test_who_is_disabled_or_gets_another_role_is_out_at_once_also_of_an_open_socket(served, records):
    users = Users(records)
    for change in (lambda: users.disable("eve", "t"), lambda: users.set_role("eve", "reader", "t")):
        users.enable("eve", "t")
        users.set_role("eve", "resident", "t")
        eve = Visitor(served).signs_in("eve")
        with eve.page() as page:
            page.new()
            change()
            page.until(lambda: SIGN_IN_AGAIN in page.codes)
        assert not is_in(eve)
    users.enable("eve", "t")
    users.set_role("eve", "resident", "t")


def test_a_page_of_somebody_else_in_the_same_browser_is_not_spoken_with(served):
    eve = Visitor(served).signs_in("eve")
    assert eve.close_code(user="eve") == 0
    assert eve.close_code(user="ann") == SIGN_IN_AGAIN
    assert eve.close_code(user="") == SIGN_IN_AGAIN


def test_without_sign_in_there_is_no_door(small_ear, own):
    with department(small_ear, own, sign_in="none") as served:
        anybody = Visitor(served)
        nobody = {"user": "", "display": "", "role": "attending", "key": "", "by": "none", "session": ""}
        assert anybody.get("/who").json() == nobody
        assert anybody.get("/worklist").status_code == 200 and anybody.close_code(user="") == 0
        assert anybody.get("/sign-in").status_code == 404
