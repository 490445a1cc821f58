"""What a hostile or broken client gets: real sockets against a real server, with limits small enough to be met at once.

In each case the client is answered in a sentence, the server lives, and somebody else is served meanwhile.
"""

import asyncio
import contextlib
import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from dictation.review.limits import OF_NETWORK, Allowed, Bucket, Limits
from dictation.review.own_page import OwnPageOnly
from dictation.review.patience import PatientProtocol, server_settings
from tests.waiting import WAIT_S, until

SMALL = Allowed(
    body_bytes=10_000,
    body_marks=100,
    list_bytes=20_000,
    list_marks=300,
    upload_bytes=100_000,
    body_pause_s=30,
    body_bytes_per_s=1000,
    answer_pause_s=60,
    burst=300,
    requests_per_s=20,
    requests_at_once=8,
    sockets=4,
    message_bytes=4096,
    messages_burst=200,
    messages_per_s=1000,
)

JOIN = "/gradio_api/queue/join"  # names all files of a case
FLOOD = 500  # pieces of 64 KiB: more than fits into the buffers between the two


class FewOpen(PatientProtocol):
    most_open = 24


DOT_S = 0.05  # between two pieces of an answer that takes long


@pytest.mark.parametrize(
    ("first", "same", "other"),
    [
        ("2001:db8:0:1::a", "2001:db8:0:1::a", "2001:db8:0:1::b"),
        ("fe80::1", "fe80::1", "fe80::2"),
        ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("unix", "unix", ""),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_each_address_has_its_own_limits(first, same, other, kind):
    served, refused = asked_in_turn(kind, [first, same, other])
    assert refused == {429 if kind == "http" else 1013: 1}
    assert served == [first, other]


@pytest.mark.parametrize("network", ["2001:db8:0:1", "fe80"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_the_addresses_of_one_network_share_more_and_those_of_a_link_nothing(network, kind):
    ward = [f"{network}::{number:x}" for number in range(1, OF_NETWORK + 4)]
    served, refused = asked_in_turn(kind, [*ward, "2001:db8:0:2::a"])
    shared = network != "fe80"
    assert refused == ({429 if kind == "http" else 1013: 3} if shared else {})
    assert served == [*(ward[:OF_NETWORK] if shared else ward), "2001:db8:0:2::a"]


def asked_in_turn(kind: str, addresses: list[str]) -> tuple[list[str], dict[int, int]]:
    """Each of these asks once for what does not end, and may do so once: who is served, how often who is refused."""
    served: list[str] = []

    async def held(scope, receive, send) -> None:
        served.append(scope["client"][0])
        await asyncio.Event().wait()

    async def nothing(*_) -> dict:
        return {"type": "websocket.connect"}

    async def ask() -> Limits:
        limits = Limits(held, replace(SMALL, burst=1, requests_per_s=0.001, sockets=1))
        asked = []
        for one in addresses:
            scope = {"type": kind, "path": "/", "headers": [], "client": (one, 1)}
            asked.append(asyncio.create_task(limits(scope, nothing, nothing)))
            while len(served) + limits.refused.total() < len(asked):
                await asyncio.sleep(0)
        for task in asked:
            task.cancel()
        return limits

    return served, dict(asyncio.run(ask()).refused)


async def _read(request: Request) -> JSONResponse:
    size = 0
    async for piece in request.stream():
        size += len(piece)
    return JSONResponse({"bytes": size})


async def _hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def _wait(request: Request) -> StreamingResponse:
    async def forever():
        yield b"begun"
        while True:
            await asyncio.sleep(DOT_S)
            yield b"."

    return StreamingResponse(forever())


async def _flood(request: Request) -> StreamingResponse:
    async def pieces():
        for _ in range(FLOOD):
            yield bytes(2**16)

    return StreamingResponse(pieces())


async def _echo(websocket: WebSocket) -> None:
    await websocket.accept()
    numbers = []
    with contextlib.suppress(Exception):
        while True:
            message = await websocket.receive_bytes()
            numbers.append(int.from_bytes(message[:4], "little"))
            await websocket.send_text(json.dumps({"taken": len(numbers), "in_order": numbers == sorted(set(numbers))}))


class Server:
    """The app behind all its doors, on a port of its own."""

    def __init__(self) -> None:
        reading = dict.fromkeys(("/read", JOIN, "/gradio_api/upload"), _read)
        paths = {**reading, "/hello": _hello, "/wait": _wait, "/flood": _flood}
        routes = [Route(path, answer, methods=["GET", "POST"]) for path, answer in paths.items()]
        self.limits = Limits(Starlette(routes=[*routes, WebSocketRoute("/desk", _echo)]), SMALL)
        settings = {**server_settings(2 * SMALL.message_bytes), "http": FewOpen}
        config = uvicorn.Config(OwnPageOnly(self.limits), host="127.0.0.1", port=0, interface="asgi3", **settings)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        until(lambda: self.server.started)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self.server.should_exit = self.server.force_exit = True
        self.thread.join(10)

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)

    def ask(self, path: str, method: str = "GET", body: object = None, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def desk(self) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}/desk", origin=f"http://127.0.0.1:{self.port}", max_queue=None)

    def serves(self) -> bool:
        """Somebody else asks, as soon as the machine may again."""
        return until(lambda: self.ask("/hello") == (200, b"hello"), "somebody else is served")

    def open_of_this_machine(self):
        """What this machine has open, as the limits count it."""
        return self.limits._counted({"client": ("127.0.0.1", 0)})[0]


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def server(running) -> Server:
    running.limits._machines.clear()  # what the test before has used up
    return running


@pytest.fixture
def hurried(server, monkeypatch) -> Server:
    """The server, which waits for nobody long; all other tests run where a busy machine makes nobody too late."""
    monkeypatch.setattr(FewOpen, "head_s", 1.0)
    monkeypatch.setattr(server.limits, "allowed", replace(SMALL, body_pause_s=0.6, answer_pause_s=1.5))
    return server


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", "")).encode()


def answered(asked: socket.socket) -> tuple[int, bytes]:
    answer = HTTPResponse(asked)
    answer.begin()
    return answer.status, answer.read()


def test_a_body_within_the_limit_arrives_whole(server):
    assert server.ask("/read", "POST", bytes(10_000)) == (200, b'{"bytes":10000}')
    assert server.ask("/gradio_api/upload", "POST", bytes(100_000)) == (200, b'{"bytes":100000}')
    pieces = (bytes(1000) for _ in range(9))
    assert server.ask("/read", "POST", pieces) == (200, b'{"bytes":9000}')


@pytest.mark.parametrize(("path", "most"), [("/read", 10_000), (JOIN, 20_000), ("/gradio_api/upload", 100_000)])
def test_a_body_that_says_it_is_too_long_is_refused_before_it_comes(server, path, most):
    with server.raw() as asked:
        asked.sendall(head(path, f"Content-Length: {most + 1}"))
        status, text = answered(asked)
    assert (status, text) == (413, f"At most {most} bytes can be sent here.\n".encode())
    assert server.serves()


def test_a_body_that_grows_too_long_is_refused_while_it_comes(server):
    with server.raw() as asked:
        asked.sendall(head("/read", "Transfer-Encoding: chunked"))
        for _ in range(11):
            asked.sendall(b"3e8\r\n" + bytes(1000) + b"\r\n")
        status, text = answered(asked)
    assert status == 413 and b"At most 10000 bytes" in text
    assert server.serves()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize(("path", "most"), [("/read", 100), (JOIN, 300)])
def test_json_of_more_values_than_allowed_is_refused_while_it_comes(server, path, most, encoding):
    most_of_it = json.dumps([0] * most)  # a bracket and a comma before each value but the first
    assert server.ask(path, "POST", most_of_it.encode(encoding))[0] == 200
    for dense in ("[" * (most + 1), json.dumps([0] * (most + 1)), "[{}," * most):
        with server.raw() as asked:
            asked.sendall(head(path, "Content-Length: 9999"))  # of which the rest never comes
            asked.sendall(dense.encode(encoding)[:9000])
            assert answered(asked) == (413, f"At most {most} values can be sent here; send fewer at once.\n".encode())
    assert server.serves()


def test_marks_of_what_is_uploaded_are_not_counted(server):
    assert server.ask("/gradio_api/upload", "POST", b"[,{" * 1000) == (200, b'{"bytes":3000}')


def test_one_megabyte_and_few_values_are_taken_where_no_files_are_named():
    for path in ("/gradio_api/reset", "/gradio_api/cancel", "/sign-in", "/password"):
        assert Allowed().of_body(path) == (2**20, 20_000)
    file = {
        "path": f"/tmp/gradio/{'a' * 64}/image0001.dcm", "url": f"http://127.0.0.1/file=/tmp/gradio/{'a' * 64}/i.dcm",
        "orig_name": "image0001.dcm", "size": 524288, "mime_type": "application/dicom",
        "meta": {"_type": "gradio.FileData"},
    }  # fmt: skip
    listed = json.dumps([file] * 5000).encode()
    most_bytes, most_marks = Allowed().of_body(JOIN)
    assert len(listed) <= most_bytes <= 2**22 and sum(map(listed.count, (b"[", b"{", b","))) <= most_marks


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_who_sends_many_values_waits_while_another_is_served(monkeypatch, kind):
    slept: list[float] = []
    few = replace(SMALL, marks_burst=100, marks_per_s=50)

    async def sleeping(wait_s: float) -> None:
        slept.append(wait_s)
        await asyncio.Event().wait()

    async def receive():
        text = "[" * 60
        return {"type": "websocket.receive", "text": text} if kind == "websocket" else {
            "type": "http.request", "body": text.encode(), "more_body": False}  # fmt: skip

    read: list[str] = []

    async def reading(scope, receive, send) -> None:
        await receive()
        read.append(scope["client"][0])

    async def nothing(*_) -> None:
        pass

    async def ask() -> None:
        limits = Limits(reading, few)
        asked = []
        for one in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
            scope = {"type": kind, "path": "/read", "headers": [], "client": (one, 1)}
            asked.append(asyncio.create_task(limits(scope, receive, nothing)))
        while len(read) + len(slept) < len(asked):
            await turn(0)
        for task in asked:
            task.cancel()

    turn = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", sleeping)
    asyncio.run(ask())
    assert read == ["192.0.2.1", "192.0.2.2"]
    assert [round(wait_s, 1) for wait_s in slept] == [0.4]


@pytest.mark.parametrize("length", ["-1", "many", "1e9", "1" + "0" * 30])
def test_a_length_that_is_none_is_refused(server, length):
    with server.raw() as asked:
        asked.sendall(head("/read", f"Content-Length: {length}"))
        assert answered(asked)[0] in (400, 413)
    assert server.serves()


def test_a_body_that_stops_coming_is_refused(hurried):
    with hurried.raw() as asked:
        asked.sendall(head("/read", "Content-Length: 100") + b"half")
        status, text = answered(asked)
    assert (status, text) == (408, b"Nothing came for 0.6 s; send it again.\n")
    assert hurried.serves()


def test_a_body_that_drips_is_refused(hurried):
    with hurried.raw() as asked:
        asked.sendall(head("/read", "Content-Length: 9000"))
        until(lambda: select.select([asked], [], [], 0.03)[0] or asked.sendall(b"x"), "it may not drip on")
        assert answered(asked)[0] == 408
    assert hurried.serves()


@pytest.mark.parametrize("half", [b"", b"POST /read HT", head("/read", "Content-Length: 9")[:-2]])
def test_a_request_that_is_never_asked_is_ended(hurried, half):
    with hurried.raw() as asked:
        asked.sendall(half)
        assert hurried.serves()
        assert answered(asked) == (408, b"The request did not come in time; ask again.\n")


def test_a_second_request_that_is_never_asked_is_ended_too(hurried):
    with hurried.raw() as asked:
        asked.sendall(head("/hello", method="GET"))
        assert answered(asked) == (200, b"hello")
        asked.sendall(b"GET /hel")
        assert answered(asked)[0] == 408


def test_an_answer_that_takes_long_is_not_cut(hurried):
    with hurried.raw() as asked:
        asked.sendall(head("/wait", method="GET"))
        got = b""
        while got.count(b"\r\n.\r\n") < 2 * FewOpen.head_s / DOT_S:  # each a while after the one before
            piece = asked.recv(2**16)
            assert piece, "it was cut"
            got += piece
        assert b"200 OK" in got


def test_sockets_without_end_make_room_for_who_asks(server):
    with contextlib.ExitStack() as held:
        idle = [held.enter_context(server.raw()) for _ in range(3 * FewOpen.most_open)]
        assert server.serves()
        assert len(server.server.server_state.connections) <= FewOpen.most_open + 1
        with contextlib.suppress(ConnectionResetError):
            assert idle[0].recv(1000) == b""  # the one that had waited longest


def test_who_does_not_take_the_answer_makes_room(hurried):
    with contextlib.ExitStack() as held:
        deaf = [held.enter_context(hurried.raw()) for _ in range(SMALL.requests_at_once)]
        for asked in deaf:
            asked.sendall(head("/flood", method="GET"))
            assert b"200 OK" in asked.recv(100)
        until(lambda: hurried.open_of_this_machine().at_once == 0, "whoever takes nothing is ended")
        assert hurried.serves()
        assert all(0 < left_of(asked) < FLOOD * 2**16 for asked in deaf), "each was cut"


def left_of(asked: socket.socket) -> int:
    """How many bytes of an answer still come."""
    got = 0
    with contextlib.suppress(ConnectionResetError):
        while piece := asked.recv(2**20):
            got += len(piece)
    return got


def test_who_takes_the_answer_slowly_gets_all_of_it(server):
    with server.raw() as asked:
        asked.sendall(head("/flood", method="GET"))
        got = 0
        for turn in range(100_000):
            piece = asked.recv(2**20)
            got += len(piece)
            if piece.endswith(b"0\r\n\r\n"):
                break
            if turn < 10:
                time.sleep(0.05)
    assert got > FLOOD * 2**16


def test_more_open_requests_than_allowed_are_refused_and_an_ended_one_makes_room(server):
    with contextlib.ExitStack() as held:
        for _ in range(SMALL.requests_at_once):
            asked = held.enter_context(server.raw())
            asked.sendall(head("/wait", method="GET"))
            assert b"200 OK" in asked.recv(1000)
        assert server.ask("/hello") == (503, b"Too many requests are open; wait for an answer.\n")
    assert server.serves()


def test_more_desks_than_allowed_are_told_why(server):
    with contextlib.ExitStack() as held:
        first = [held.enter_context(server.desk()) for _ in range(SMALL.sockets)]
        with server.desk() as late, pytest.raises(ConnectionClosed) as ended:
            late.recv(WAIT_S)
        assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (1013, "Too many pages are open; close some.")
        first[0].send(bytes(4))
        assert json.loads(first[0].recv(WAIT_S))["taken"] == 1
        first[1].close()
        until(lambda: server.open_of_this_machine().sockets < SMALL.sockets)
        again = held.enter_context(server.desk())
        again.send(bytes(4))
        assert json.loads(again.recv(WAIT_S))["taken"] == 1


def test_all_that_an_address_asks_grows_with_its_pages_and_is_never_less_than_before():
    few, many = Allowed.of_pages(1, 1), Allowed.of_pages(128, 1)
    assert (few.sockets, few.requests_at_once, few.burst) == (1, Allowed.requests_at_once, Allowed.burst)
    assert (many.sockets, many.requests_at_once, many.burst) == (128, 256, 2 * Allowed.burst)
    assert (many.marks_burst, many.marks_per_s) == (2 * Allowed.marks_burst, 2 * Allowed.marks_per_s)
    assert Allowed.of_pages(64, Allowed.message_bytes) == Allowed()
    most = {pages: server_settings(1, pages)["http"].most_open for pages in (0, 64, 200)}
    assert most == {0: PatientProtocol.most_open, 64: PatientProtocol.most_open, 200: 920}


@pytest.mark.parametrize("size", [SMALL.message_bytes + 1, 2 * SMALL.message_bytes + 1, 2**22])
def test_a_message_that_is_too_long_closes_that_desk_alone(server, size):
    with server.desk() as other, server.desk() as desk:
        desk.send(bytes(SMALL.message_bytes))
        assert json.loads(desk.recv(WAIT_S))["taken"] == 1
        with pytest.raises(ConnectionClosed) as ended:
            desk.send(bytes(size))
            desk.recv(WAIT_S)
        assert ended.value.rcvd is None or ended.value.rcvd.code == 1009
        other.send(bytes(4))
        assert json.loads(other.recv(WAIT_S))["taken"] == 1
    assert server.serves()


def test_minutes_of_kept_sound_at_once_are_slowed_down_and_none_is_lost(server):
    blocks = 4 * SMALL.messages_burst
    with server.desk() as desk:
        for number in range(blocks):
            desk.send(number.to_bytes(4, "little") + bytes(1000))
        for _ in range(blocks):
            last = json.loads(desk.recv(WAIT_S))
    assert last == {"taken": blocks, "in_order": True}


def test_a_desk_that_sends_without_end_waits_for_its_turn(monkeypatch):
    slept, taken = [], []
    few = replace(SMALL, messages_burst=50, messages_per_s=2)
    sleep = asyncio.sleep

    async def sleeping(wait_s: float) -> None:
        slept.append(wait_s)
        await sleep(wait_s)

    async def receive():
        return {"type": "websocket.receive", "bytes": b"block"}

    async def app(scope, receive, send):
        for _ in range(few.messages_burst + 2):
            taken.append(await receive())

    monkeypatch.setattr("dictation.review.limits.asyncio.sleep", sleeping)
    asyncio.run(Limits(app, few)({"type": "websocket", "client": ("127.0.0.1", 1)}, receive, None))
    assert len(taken) == few.messages_burst + 2 and slept


@pytest.mark.parametrize(
    "junk", [bytes(range(256)) * 40, b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01" * 50, b"A" * 200_000]
)
def test_what_is_no_request_is_refused(server, junk):
    with server.raw() as asked, contextlib.suppress(OSError):
        asked.sendall(junk)
        asked.recv(1000)
    assert server.serves()


def test_a_bucket_gives_what_came_in_since():
    now = [0.0]
    bucket = Bucket(10, 2, lambda: now[0])
    assert [bucket.take() for _ in range(10)] == [0.0] * 10
    assert bucket.take() == 0.5 and not bucket.is_full
    now[0] = 0.5
    assert bucket.take() == 0 and bucket.take() == 0.5
    now[0] = 100
    assert bucket.is_full
    assert bucket.take(50) == 0, "more than it holds is given once it is full"
    assert bucket.take(50) == 5
