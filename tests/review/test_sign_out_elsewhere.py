"""Signing out ends the provider's session, too, where its metadata say how: the next reader is asked who they are."""

import base64
import json
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from dictation.records.sessions import Sessions
from dictation.review.sign_out_elsewhere import COOKIE
from tests.review.department import PAGE, Visitor
from tests.review.provider import Provider, vouched_for
from tests.review.test_sign_in_elsewhere import back, claims, hospital, issuer, signs_in

__all__ = ["hospital", "issuer"]


def asked_of(answer: httpx.Response) -> dict[str, str]:
    """What the provider is asked, by the address that an answer sends the browser to."""
    assert answer.status_code == 303, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def payload(token: str) -> dict:
    """What an ID token says."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("below", ["", "/room"])
def test_who_signs_out_is_sent_to_the_provider_once_and_comes_back_signed_out(hospital, issuer, below):
    claims(issuer, "ann")
    with hospital(below) as served:
        visitor = Visitor(served)
        assert signs_in(visitor, "ann").status_code == 200
        answer = visitor.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{below}/sign-in")
        assert "ann" not in answer.headers["set-cookie"] and "." not in visitor.http.cookies[COOKIE]
        assert visitor.get("/who").status_code == 401, "signed out here, whatever the provider does"
        sent_on = visitor.get("/sign-in", **PAGE)
        asked = asked_of(sent_on)
        assert sent_on.headers["location"].startswith(f"{issuer}/oauth2/end_session?")
        assert payload(asked["id_token_hint"])["sub"] == "ann" and asked["client_id"] == "reports"
        assert asked["post_logout_redirect_uri"] == f"{visitor.url}/sign-in"
        there = httpx.get(sent_on.headers["location"], trust_env=False)
        assert there.status_code == 200 and "End session" in there.text
        returned = f"{asked['post_logout_redirect_uri']}?state={asked['state']}"
        for place in (returned, f"{visitor.url}/sign-in"):
            page = back(visitor, place)
            assert page.status_code == 200 and f'href="{below}/sign-in/oidc"' in page.text


def test_who_comes_back_from_the_provider_is_not_sent_there_again(hospital, issuer):
    with hospital() as served:
        visitor = with_session(served)
        visitor.post("/sign-out")
        key = visitor.http.cookies[COOKIE]
        state = asked_of(visitor.get("/sign-in", **PAGE))["state"]
        kept = {"cookie": f"{COOKIE}={key}", **PAGE}  # a browser that did not take the new one
        assert visitor.get(f"/sign-in?state={state}", **kept).status_code == 200
        assert visitor.get("/sign-in", **kept).status_code == 303


def test_over_tls_no_other_page_of_this_host_sets_the_cookie(hospital, issuer):
    with hospital(public_url="https://reports.hospital.example/room") as served:
        token = Sessions(served.cases.desk.records).begin("ann")
        there = {"host": "reports.hospital.example", "origin": "https://reports.hospital.example"}
        visitor = Visitor(served, f"http://127.0.0.1:{served._port}")
        session = {"cookie": f"__Secure-dictation_session={token}", **there}
        given = visitor.post("/sign-out", **session).headers.get_list("set-cookie")
        (mark,) = [one for one in given if COOKIE in one]
        assert mark.startswith(f"__Secure-{COOKIE}=") and "; Secure" in mark and "Path=/room/sign-in" in mark
        sent = {"cookie": mark.partition(";")[0], **there, **PAGE}
        assert visitor.get("/sign-in", **sent).status_code == 303
        other = {"cookie": mark.partition(";")[0].removeprefix("__Secure-"), **there, **PAGE}
        assert visitor.get("/sign-in", **other).status_code == 200


def test_who_only_opens_the_sign_in_page_is_sent_nowhere(hospital, issuer):
    claims(issuer, "ann")
    with hospital() as served:
        visitor = Visitor(served)
        assert visitor.get("/sign-in", **PAGE).status_code == 200
        assert signs_in(visitor, "ann").status_code == 200
        assert visitor.get("/sign-in", **PAGE).status_code == 200
        assert Visitor(served).post("/sign-out").status_code == 401


def test_an_id_token_too_long_for_a_header_is_not_sent_on(hospital, issuer):
    claims(issuer, "ann", groups=[f"group {number} of a large hospital" for number in range(100)])
    with hospital() as served:
        visitor = Visitor(served)
        assert signs_in(visitor, "ann").status_code == 200
        visitor.post("/sign-out")
        sent_on = visitor.get("/sign-in", **PAGE)
        asked = asked_of(sent_on)
        assert asked["client_id"] == "reports" and "id_token_hint" not in asked
        assert sum(len(name) + len(value) + 4 for name, value in sent_on.headers.raw) < 4096


def with_session(served) -> Visitor:
    """A browser whose session began at another server, or before this one was started anew."""
    visitor = Visitor(served)
    token = Sessions(served.cases.desk.records).begin("ann")
    visitor.http.cookies.set("dictation_session", token, domain="127.0.0.1")
    assert visitor.get("/who").status_code == 200
    return visitor


def test_a_server_that_was_started_anew_says_which_client_it_is(hospital, issuer):
    with hospital() as served:
        visitor = with_session(served)
        visitor.post("/sign-out")
        asked = asked_of(visitor.get("/sign-in", **PAGE))
        assert asked["client_id"] == "reports" and "id_token_hint" not in asked


def test_a_provider_that_is_away_keeps_nobody_signed_in_and_is_told(hospital):
    with hospital(oidc_issuer="http://127.0.0.1:9") as served:
        visitor = with_session(served)
        assert visitor.post("/sign-out").status_code == 303
        answer = visitor.get("/sign-in", **PAGE)
        assert answer.status_code == 200 and "end your session there, too" in answer.text
        assert visitor.get("/who").status_code == 401
        assert "there, too" not in visitor.get("/sign-in", **PAGE).text


def test_a_provider_that_names_no_way_to_sign_out_is_not_asked(hospital):
    with closing(Provider()) as provider, hospital(oidc_issuer=provider.issuer) as served:
        visitor, provider.claims = Visitor(served), {"sub": "ann"}
        assert vouched_for(visitor, provider) == 200
        assert visitor.post("/sign-out").status_code == 303
        assert visitor.get("/sign-in", **PAGE).status_code == 200
        assert visitor.get("/who").status_code == 401
