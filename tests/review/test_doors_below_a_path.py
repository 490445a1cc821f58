"""Below a sub-path: gradio's closed doors stay closed however they are spelled, and nobody gets past signing in by it.

The paths are sent as they are written, byte by byte: a client of ours would tidy them.
"""

import socket

import pytest

from tests.review.department import PASSWORD, Visitor, department
from tests.review.wire_page import WAIT_S

HOST = "reports.example"
BELOW = ("", "/room", "/room/room", "/room/room/room", "//room", "/room/", "/room//room", "/%72oom", 
         "/room/%72oom/room", "/room%2froom/room", "/Room", "/./room", "/room/../room")  # fmt: skip
CLOSED = ("queue/status", "openapi.json", "token", "app_id", "custom_component/a/b/c/d.js", "deep_link?session_hash=x")
SPELLINGS = ("/gradio_api/{}", "//gradio_api/{}", "/gradio_api//{}", "/gradio_api%2F{}", "/%67radio_api/{}",
             "/gradio%5fapi/{}", "/gradio_api/./{}", "/gradio_api/heartbeat/../{}", "/GRADIO_API/{}")  # fmt: skip


@pytest.fixture(scope="module")
def served(small_ear, settings, tmp_path_factory):
    own = settings.model_copy(update={"home": tmp_path_factory.mktemp("below") / "home"})
    with department(small_ear, own, public_url=f"https://{HOST}/room") as served:
        yield served


@pytest.fixture(scope="module")
def ann(served):
    """Somebody who is signed in, at the public address."""
    return public(served, "/room", "ann")


@pytest.fixture
def other():
    """Another machine that the server could ask; it must not."""
    with socket.create_server(("127.0.0.1", 0)) as machine:
        machine.settimeout(0.5)
        yield machine
        with pytest.raises(TimeoutError):
            machine.accept()


def public(served, below: str, name: str = "") -> Visitor:
    visitor = Visitor(served, f"http://127.0.0.1:{served._port}{below}")
    visitor.http.headers.update({"host": HOST, "origin": f"https://{HOST}"})
    if name:
        cookie = visitor.tries(name, PASSWORD.format(name=name)).headers["set-cookie"].split(";")[0]
        visitor.http.headers["cookie"] = cookie  # a Secure one, which httpx would not bring back over http
    return visitor


def status(served, path: str, cookie: str = "") -> int:
    """What a path is answered with, exactly as it is written."""
    lines = (f"GET {path} HTTP/1.1", f"Host: {HOST}", f"Cookie: {cookie}", "Connection: close", "", "")
    with socket.create_connection(("127.0.0.1", served._port), WAIT_S) as asking:
        asking.sendall("\r\n".join(lines).encode())
        return int(asking.makefile("rb").readline().split()[1])


def address_of(machine: socket.socket) -> str:
    return f"http://127.0.0.1:{machine.getsockname()[1]}/x.dcm"


@pytest.mark.parametrize("below", BELOW)
def test_a_closed_door_stays_closed_however_it_is_spelled(served, ann, below):
    cookie = ann.http.headers["cookie"]
    assert status(served, "/room/gradio_api/info", cookie) == 200, "an open one is open"
    for spelling in SPELLINGS:
        for door in CLOSED:
            path = below + spelling.format(door)
            assert (path, status(served, path, cookie)) == (path, 404)


@pytest.mark.parametrize("below", BELOW)
def test_the_server_fetches_no_address_for_who_is_signed_in(served, ann, other, below):
    address = address_of(other)
    for spelling in SPELLINGS:
        for door in ("file={}", "proxy={}", "file/{}"):
            for spelled in (address, address.replace("://", "%3a%2f%2f")):
                path = below + spelling.format(door.format(spelled))
                assert (path, status(served, path, ann.http.headers["cookie"])) == (path, 404)


def test_an_address_in_the_place_of_an_upload_is_not_fetched(ann, other):
    address = address_of(other)
    meta = {"meta": {"_type": "gradio.FileData"}}
    for file in ({"path": address}, {"path": "x.dcm", "url": address}):
        told = ann.panel("filed", "a" * 32, "b" * 32, [{**file, **meta}])
        assert not told["success"], told
    for elsewhere in (address, "https://example.org/x.dcm"):
        told = ann.panel("filed", "a" * 32, "b" * 32, [{"path": elsewhere, **meta}])
        assert "fetches nothing" in told["output"]["error"]
    ann.panel(
        "filed", "a" * 32, "b" * 32, [{"path": address, "is_stream": True, **meta}]
    )  # gradio leaves it as it is, and so do we


@pytest.mark.parametrize("path", ["/sign-in", "/open", "/sign-in/a"])
def test_a_sub_path_named_like_an_open_door_lets_nobody_past_signing_in(small_ear, own, path):
    with department(small_ear, own, public_url=f"https://{HOST}{path}") as served:
        for times in range(5):
            for door in ("/worklist", "/who", "/gradio_api/info", "/config"):
                assert status(served, path * times + door) == 401
