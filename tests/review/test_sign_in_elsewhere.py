"""Sign-in at an identity provider that runs for these tests: code flow, PKCE, state, nonce, and who is let in."""

import re
from contextlib import contextmanager
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from dictation.records.sessions import Sessions
from dictation.records.users import Users
from tests.records.cases import draft
from tests.review.department import PAGE, Visitor, department
from tests.review.ports import HeldPort

provider_mock = pytest.importorskip("oidc_provider_mock")


@pytest.fixture(scope="module")
def issuer():
    """The provider's address."""
    with provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def hospital(small_ear, settings, tmp_path, issuer):
    """Opens the server with sign-in by this provider."""
    own = settings.model_copy(update={"home": tmp_path / "home"})

    @contextmanager
    def one(below="", **changes):
        with HeldPort() as port:
            asked = {
                "sign_in": "oidc", "public_url": f"http://127.0.0.1:{port}{below}", "oidc_issuer": issuer,
                "oidc_client": "reports", "oidc_name_claim": "sub", "oidc_secret": SecretStr("ours"),
            }  # fmt: skip
            with department(small_ear, own, port, **(asked | changes)) as served:
                yield served

    return one


def claims(issuer: str, name: str, **more) -> None:
    """Tell the provider of a person."""
    assert httpx.put(f"{issuer}/users/{name}", json=more, trust_env=False).is_success


def goes_to(visitor: Visitor, query: str = "") -> str:
    """Begin to sign in; the provider's address, where the browser is sent."""
    answer = visitor.get(f"/sign-in/oidc{query}", **PAGE)
    assert answer.status_code == 302
    return answer.headers["location"]


def vouched(place: str, name: str) -> str:
    """The person signs in at the provider; the address to which it sends the browser back."""
    answer = httpx.post(place, data={"sub": name}, trust_env=False)
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["location"]


def back(visitor: Visitor, place: str) -> httpx.Response:
    return visitor.http.get(place, headers={**PAGE, "sec-fetch-site": "cross-site"})


def signs_in(visitor: Visitor, name: str) -> httpx.Response:
    return back(visitor, vouched(goes_to(visitor), name))


def test_a_known_user_signs_in_and_is_sent_on_by_our_own_page(hospital, issuer):
    claims(issuer, "ann")
    with hospital() as served:
        visitor = Visitor(served)
        place = goes_to(visitor)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) >= 20 and len(asked["nonce"]) >= 20 and len(asked["code_challenge"]) == 43
        answer = back(visitor, vouched(place, "ann"))
        assert answer.status_code == 200 and re.search(r'refresh" content="0;url=/"', answer.text)
        assert "SameSite=Strict" in answer.headers["set-cookie"]
        assert visitor.get("/who").json()["role"] == "attending"


def test_a_viewers_address_outlasts_signing_in(hospital, issuer):
    claims(issuer, "ann")
    with hospital() as served:
        visitor = Visitor(served)
        assert 'href="/sign-in/oidc?open=Ab-_3"' in visitor.get("/sign-in?open=Ab-_3", **PAGE).text
        goes_to(visitor, "?open=Ab-_3")
        refused = back(visitor, f"{visitor.url}/sign-in/oidc/back?error=access_denied")
        assert refused.status_code == 401 and 'href="/sign-in/oidc?open=Ab-_3"' in refused.text
        page = back(visitor, vouched(goes_to(visitor, "?open=Ab-_3"), "ann")).text
        assert 'content="0;url=/?open=Ab-_3"' in page
        page = back(visitor, vouched(goes_to(visitor, "?open=//evil.example"), "ann")).text
        assert 'content="0;url=/"' in page


@pytest.mark.parametrize("below", ["", "/room", "/room/of/reports"])
def test_a_page_that_says_why_nobody_was_signed_in_leads_back_to_signing_in(hospital, issuer, below):
    claims(issuer, "zoe")
    with hospital(below) as served:
        visitor = Visitor(served)
        whys = "error=access_denied&error_description=<script>alert(1)</script>"
        for answer in (back(visitor, f"{visitor.url}/sign-in/oidc/back?{whys}"), signs_in(visitor, "zoe")):
            assert answer.status_code in (401, 403) and '<p role="alert">' in answer.text
            assert "<script" not in answer.text and "alert(1)" not in answer.text
            links = re.findall(r'href="([^"]+)"', answer.text)
            css, again = (visitor.http.get(urljoin(str(answer.url), link), headers=PAGE) for link in links)
            assert css.headers["content-type"].startswith("text/css")
            assert again.status_code == 302 and again.headers["location"].startswith(issuer)


@pytest.mark.parametrize("below", ["", "/room"])
def test_a_page_that_says_that_the_provider_is_away_leads_back_to_signing_in(hospital, below):
    with hospital(below, oidc_issuer="http://127.0.0.1:9") as served:
        visitor = Visitor(served)
        answer = visitor.get("/sign-in/oidc", **PAGE)
        links = re.findall(r'href="([^"]+)"', answer.text)
        css, again = (visitor.http.get(urljoin(str(answer.url), link), headers=PAGE) for link in links)
        assert (css.status_code, again.status_code) == (200, 502)


def test_what_a_provider_calls_somebody_is_shown_as_text(hospital, issuer):
    name = "<img src=x onerror=alert(1)>"
    claims(issuer, "zoe", login=name)
    with hospital(oidc_name_claim="login") as served:
        answer = signs_in(Visitor(served), "zoe")
        assert answer.status_code == 403 and "<img" not in answer.text


def test_what_was_not_begun_in_this_browser_or_was_used_before_signs_nobody_in(hospital, issuer):
    claims(issuer, "ann")
    with hospital() as served:
        visitor, attacker = Visitor(served), Visitor(served)
        theirs = vouched(goes_to(attacker), "ann")
        assert back(visitor, theirs).status_code == 401, "another browser's code"
        goes_to(visitor)
        assert back(visitor, theirs).status_code == 401, "another state"
        place = vouched(goes_to(visitor), "ann")
        wrong = re.sub(r"code=[^&]+", "code=forged", place)
        assert back(visitor, wrong).status_code == 401
        assert visitor.get("/who").status_code == 401
        place = vouched(goes_to(visitor), "ann")
        assert back(visitor, place).status_code == 200
        visitor.post("/sign-out")
        assert back(visitor, place).status_code == 401, "a code that was used"
        assert visitor.get("/who").status_code == 401


def test_who_is_unknown_or_disabled_is_refused(hospital, issuer):
    for name in ("zoe", "eve"):
        claims(issuer, name)
    with hospital() as served:
        Users(served.cases.desk.records).disable("eve", "test")
        for name in ("zoe", "eve"):
            visitor = Visitor(served)
            answer = signs_in(visitor, name)
            assert answer.status_code == 403 and "not known here" in answer.text
            assert visitor.get("/who").status_code == 401


def test_a_claim_says_the_role_where_a_setting_says_so(hospital, issuer):
    claims(issuer, "ann", groups=["staff", "Resident"])
    claims(issuer, "zoe", groups=["attending", "reader"])
    claims(issuer, "eve", groups=["visitors"])
    with hospital(oidc_role_claim="groups", sign_in_creates=True) as served:
        for name, role in (("ann", "resident"), ("zoe", "attending")):
            visitor = Visitor(served)
            assert signs_in(visitor, name).status_code == 200
            assert visitor.get("/who").json()["role"] == role
        assert signs_in(Visitor(served), "eve").status_code == 403
        told = [entry for entry in served.cases.desk.records.audit() if entry.by == "identity provider"]
        assert {entry.what for entry in told} == {"role changed", "user added"}


def test_who_has_no_role_at_the_provider_any_more_is_out_and_their_drafts_are_in_sight(hospital, issuer):
    claims(issuer, "bob", groups=["visitors"])
    with hospital(oidc_role_claim="groups") as served:
        records = served.cases.desk.records
        case = draft()
        records.create(case, "bob", owner="bob")
        here = Sessions(records).begin("bob")
        assert signs_in(Visitor(served), "bob").status_code == 403
        assert records.owned(case.id).is_left and Sessions(records).user(here) is None
        last = [entry for entry in records.audit() if entry.what == "role changed"][-1]
        assert last.by == "identity provider"
        assert last.detail == {"user": "bob", "from": "resident", "to": "reader", "leaves": 1}
        claims(issuer, "bob", groups=["resident"])
        assert signs_in(Visitor(served), "bob").status_code == 200
        assert not records.owned(case.id).is_left, "a slip at the provider is mended by the next sign-in"


@pytest.mark.parametrize("given", [{}, {"groups": None}])
def test_a_claim_that_is_missing_lets_nobody_in_and_changes_no_role(hospital, issuer, given):
    claims(issuer, "ann", **given)
    with hospital(oidc_role_claim="groups") as served:
        records = served.cases.desk.records
        here = Sessions(records).begin("ann")
        answer = signs_in(Visitor(served), "ann")
        assert answer.status_code == 403 and "gives you no role here" in answer.text
        assert Sessions(records).user(here).role == "attending"
        assert "role changed" not in [entry.what for entry in records.audit()]


def test_a_provider_that_is_away_is_one_sentence(hospital):
    with hospital(oidc_issuer="http://127.0.0.1:9") as served:
        answer = Visitor(served).get("/sign-in/oidc", **PAGE)
        assert answer.status_code == 502 and "identity provider does not answer" in answer.text
