"""A viewer opens a case: what it may send, what it gets, and for how long and whom the address works."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dictation.errors import UsageError
from dictation.review.own_page import OwnPageOnly
from dictation.review.tickets import LASTS_S, Tickets, ticket_routes
from dictation.review.tokens import key_token, viewer_token
from tests.records.cases import Place, draft, opened

PUBLIC = "https://reports.example/dictation/"
ME, ANOTHER = "1" * 32, "2" * 32


class Clock:
    at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


class Viewer:
    """A viewer beside a server that has one case, with the accession number A1."""

    def __init__(self, home) -> None:
        self.records, self.clock = Place("", home).open(), Clock()
        self.case = opened(self.records, draft()).id
        self.token = viewer_token(home)
        self.tickets = Tickets(self.clock)
        routes = ticket_routes(self.token, self.tickets, self.records, PUBLIC)
        self.client = TestClient(OwnPageOnly(Starlette(routes=routes), PUBLIC), base_url="http://127.0.0.1:7860")

    def post(self, token: str | None = None, **sent):
        return self.client.post("/open", headers={"Authorization": f"Bearer {token or self.token}"}, **sent)

    def ticket(self) -> str:
        answer = self.post(data={"accession": "A1"})
        assert answer.status_code == 201
        return answer.json()["url"].removeprefix(f"{PUBLIC}?open=")


@pytest.fixture
def viewer(tmp_path):
    made = Viewer(tmp_path)
    yield made
    made.records.close()


@pytest.mark.parametrize("sent", [{"data": {"accession": "A1"}}, {"json": {"accession": " A1 "}}])
def test_a_viewer_gets_an_address_that_opens_its_case_and_does_not_say_which(viewer, sent):
    answer = viewer.post(**sent)
    url = answer.json()["url"]
    assert answer.status_code == 201 and answer.headers["location"] == url and answer.json()["seconds"] == LASTS_S
    number = url.removeprefix(f"{PUBLIC}?open=")
    assert len(number) >= 32 and "A1" not in url and viewer.case not in url
    assert viewer.tickets.take(number, ME) == viewer.case
    assert viewer.post(json={"case": viewer.case}).status_code == 201


def test_an_address_opens_once(viewer):
    number = viewer.ticket()
    assert viewer.tickets.take(number, ME) == viewer.tickets.take(number, ME), "an answer may be lost on its way"
    with pytest.raises(UsageError, match="opened its case already"):
        viewer.tickets.take(number, ANOTHER)


@pytest.mark.parametrize("number", ["", "forged", "A1"])
def test_a_forged_address_opens_nothing(viewer, number):
    viewer.ticket()
    with pytest.raises(UsageError):
        viewer.tickets.take(number, ME)


def test_an_address_is_good_for_a_minute(viewer):
    number = viewer.ticket()
    viewer.clock.at_s = LASTS_S - 1
    late = viewer.ticket()
    viewer.clock.at_s = LASTS_S
    with pytest.raises(UsageError, match="older than a minute"):
        viewer.tickets.take(number, ME)
    assert viewer.tickets.take(late, ME) == viewer.case


def test_an_unknown_accession_number_is_said_in_a_sentence_that_does_not_repeat_it(viewer):
    for sent in ({"accession": "SECRET-17"}, {"case": "f" * 32}, {"case": "SECRET-17"}):
        answer = viewer.post(json=sent)
        assert answer.status_code == 404 and "SECRET" not in answer.text
        assert answer.json()["message"].count(".") <= 1


@pytest.mark.parametrize(
    "sent",
    [
        {"content": b"{", "headers": {"content-type": "application/json"}},
        {"json": ["A1"]},
        {"json": {"accession": 1}},
        {"json": {"accession": "A1", "case": "f" * 32}},
        {"json": {}},
        {"data": {"number": "A1"}},
        {"content": b"\xff\xfe"},
        {"json": {"accession": "A" * 10_000}},
    ],
)
def test_what_names_no_case_is_refused(viewer, sent):
    headers = {"Authorization": f"Bearer {viewer.token}", **sent.pop("headers", {})}
    answer = viewer.client.post("/open", headers=headers, **sent)
    assert answer.status_code == 400 and json.loads(answer.text)["message"].startswith("Send accession=")


def test_only_the_viewer_that_has_the_token_asks(viewer, tmp_path):
    for token in ("", "x", viewer.token[:-1], key_token(tmp_path)):
        assert viewer.post(token or " ", data={"accession": "A1"}).status_code == 401
    assert viewer.client.post("/open", data={"accession": "A1"}).status_code == 401
    other = {"Authorization": f"Bearer {viewer.token}", "Origin": "https://evil.example"}
    assert viewer.client.post("/open", headers=other, data={"accession": "A1"}).status_code == 403
    assert viewer.client.get("/open").status_code == 405
