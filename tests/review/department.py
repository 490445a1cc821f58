"""A server that users sign in to, as a program would use it: no browser, but a browser's headers and cookies."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import uuid4

import httpx
from sqlalchemy import select, update
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from dictation.errors import UsageError
from dictation.records import Records
from dictation.records.schema import users
from dictation.records.user_trail import OWN_PASSWORD, of_password
from dictation.records.users import Users
from dictation.review.app import Served, launch
from dictation.review.engines import Engines
from dictation.review.place import Place
from tests.review.wire_page import WAIT_S, WirePage

Headers = Sequence[tuple[str, str]]
PASSWORD = "four wet otters of {name}"
PAGE = {"accept": "text/html,application/xhtml+xml", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
ROLES = {"ann": "attending", "bob": "resident", "eve": "resident", "rea": "reader", "adm": "administrator"}


class Visitor:
    """One browser, signed in or not. `place` is the address that the server has in it."""

    def __init__(self, served: Served, place: str = "", verify: object = True, **headers: str) -> None:
        self.url = (place or served.url).rstrip("/")
        self.origin = self.url.removesuffix(httpx.URL(self.url).path or "\0")
        own = {"origin": self.origin, "sec-fetch-site": "same-origin", **headers}
        self.headers = headers
        self.http = httpx.Client(headers=own, timeout=WAIT_S, trust_env=False, verify=verify)
        self.name = ""

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(f"{self.url}{path}", headers=headers)

    def post(self, path: str, data: dict | None = None, **headers: str) -> httpx.Response:
        return self.http.post(f"{self.url}{path}", data=data, headers=headers)

    def tries(self, name: str, password: str, **headers: str) -> httpx.Response:
        return self.post("/sign-in", {"name": name, "password": password}, **headers)

    def signs_in(self, name: str) -> "Visitor":
        answer = self.tries(name, PASSWORD.format(name=name))
        assert answer.status_code == 303, answer.text
        self.name = name
        return self

    def panel(self, control: str, *data: object) -> dict:
        """Do what a control of the panel does; what gradio says at its end."""
        dependencies, session = self.get("/config").json()["dependencies"], uuid4().hex[:12]
        number = next(one["id"] for one in dependencies if one["api_name"] == control)
        asked = {"data": data, "fn_index": number, "session_hash": session, "event_data": None}
        assert self.http.post(f"{self.url}/gradio_api/queue/join", json=asked).status_code == 200
        with self.http.stream("GET", f"{self.url}/gradio_api/queue/data?session_hash={session}") as stream:
            told = (json.loads(line[5:]) for line in stream.iter_lines() if line.startswith("data:"))
            return next(one for one in told if one["msg"] in ("process_completed", "unexpected_error"))

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    def page(self, case: str | None = None, cookie: str | None = None) -> WirePage:
        return WirePage(self.url, case=case, cookie=self.cookie if cookie is None else cookie, headers=self.headers)

    def close_code(
        self, cookie: str | None = None, origin: str | None = None, more: Headers = (), **hello: object
    ) -> int:
        """The code with which a WebSocket that says hello is closed; 0 where it is greeted."""
        address = f"{self.url.replace('http', 'ws', 1)}/desk"
        own = [("Cookie", self.cookie if cookie is None else cookie), *self.headers.items(), *more]
        try:
            with connect(
                address, proxy=None, origin=origin or self.origin, additional_headers=own, open_timeout=WAIT_S
            ) as socket:
                socket.send(json.dumps({"do": "hello", "number": 1, "page": uuid4().hex, "case": None, **hello}))
                socket.recv(WAIT_S)
                return 0
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else -1


def chose_their_own(records: Records, *names: str) -> None:
    """These users have changed the password that they were given, to the same one: no test need hash it again."""
    with records.recorded() as (connection, trail):
        for name in names:
            hash_ = connection.execute(select(users.c.hash).where(users.c.name == name)).scalar_one()
            connection.execute(update(users).where(users.c.name == name).values(must_change=False))
            trail.add("", OWN_PASSWORD, name, {"address": "", **of_password(hash_, must_change=False)})


def has_password(records: Records, name: str, password: str) -> None:
    """A user has this password, and chose it themselves."""
    with records.recorded() as (connection, _):
        connection.execute(update(users).where(users.c.name == name).values(former=""))
    with suppress(UsageError):  # it is theirs already
        Users(records).set_password(name, password, "test")
    chose_their_own(records, name)


@contextmanager
def department(ear, settings, port: int = 0, place: Place | None = None, **changes) -> Iterator[Served]:
    """Serve with sign-in by password, or otherwise, to one user of each role, and a second resident."""
    settings = settings.model_copy(update={"sign_in": "password", **changes})
    served = launch(Engines(ear), settings, port, place)
    try:
        accounts = Users(served.cases.desk.records)
        known = {account.name for account in accounts.all()}
        for name, role in ROLES.items():
            if name not in known:
                accounts.add(name, f"Dr. {name.title()} Example", role, PASSWORD.format(name=name), "test")
        chose_their_own(served.cases.desk.records, *ROLES.keys() - known)
        yield served
    finally:
        served.close()
