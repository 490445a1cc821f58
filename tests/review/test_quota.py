"""What one user may upload in an hour: past it a sentence, while others upload and all else of that user goes on."""

import asyncio
import os
import shutil
import socket
import time
from pathlib import Path

import pytest

from dictation.records.rights import User
from dictation.review.identity import SIGNED, Signed
from dictation.review.quota import HOUR_S, MB, UploadQuota
from dictation.review.sweeping import DAY_S
from tests.review.department import Visitor, department
from tests.review.wire_page import WAIT_S
from tests.waiting import until

UPLOAD = "/gradio_api/upload"
PIECE = MB // 4


class Door:
    """An app behind a quota of 1 MB an hour, whose clock stands. `got` are the bytes that the app was given."""

    def __init__(self, home: Path, least_free_mb: int = 0) -> None:
        self.time_s, self.got, self.broken_off = 0.0, 0, 0
        self._quota = UploadQuota(self._app, 1, home, least_free_mb, lambda: self.time_s)

    async def _app(self, scope, receive, send) -> None:
        while (message := await receive())["type"] == "http.request":
            self.got += len(message["body"])
            if not message["more_body"]:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                return
        self.broken_off += 1
        raise ConnectionError("the app was told that nobody listens")

    def asks(self, size: int, user: str = "ann", path: str = UPLOAD, *, says: bool = True) -> tuple[int, dict, str]:
        """Send so many bytes in pieces; the answer's status, headers and text. `says`: how many come is said first."""
        left, sent = size, []

        async def receive():
            nonlocal left
            left -= (now := min(PIECE, left))
            return {"type": "http.request", "body": bytes(now), "more_body": left > 0}

        async def send(message):
            sent.append(message)

        headers = [(b"content-length", str(size).encode())] if says else []
        scope = {"type": "http", "path": path, "headers": headers, SIGNED: Signed(User(name=user))}
        asyncio.run(self._quota(scope, receive, send))
        return sent[0]["status"], dict(sent[0]["headers"]), b"".join(one.get("body", b"") for one in sent).decode()


@pytest.fixture
def door(tmp_path) -> Door:
    return Door(tmp_path)


def test_an_hours_bytes_are_taken_and_no_more_until_they_come_back(door):
    assert door.asks(MB)[0] == 200
    status, headers, text = door.asks(MB // 2)
    assert (status, headers[b"retry-after"]) == (429, str(HOUR_S // 2).encode())
    assert text == "At most 1 MB an hour can be uploaded; try again in 30 min.\n" and door.got == MB
    door.time_s = HOUR_S // 2
    assert door.asks(MB // 2 + 2)[0] == 429 and door.asks(MB // 2)[0] == 200
    door.time_s *= 3
    assert door.asks(MB)[0] == 200


def test_nobody_else_and_nothing_else_waits(door):
    assert door.asks(MB)[0] == 200 and door.asks(1)[0] == 429
    assert door.asks(MB, "bob")[0] == 200
    for path in ("/worklist", "/gradio_api/queue/join"):
        assert door.asks(2 * MB, path=path)[0] == 200


def test_what_is_larger_than_an_hours_is_refused_before_it_comes_and_counts_nowhere(door):
    status, _, text = door.asks(MB + 1)
    assert (status, text) == (413, "At most 1 MB can be uploaded in an hour; send fewer files.\n") and door.got == 0
    assert door.asks(MB)[0] == 200


def test_who_does_not_say_how_much_comes_is_stopped_while_it_comes(door):
    status, headers, text = door.asks(3 * MB, says=False)
    assert status == 429 and headers[b"connection"] == b"close" and text.count("\n") == 1
    assert door.got == MB and door.broken_off == 1
    assert door.asks(PIECE)[0] == 429, "what was broken off counts, too"


def test_a_user_who_comes_again_has_no_new_hour(door):
    assert door.asks(MB)[0] == 200
    for number in range(50):
        assert door.asks(1, f"user{number}")[0] == 200
    assert door.asks(PIECE)[0] == 429


@pytest.mark.parametrize("says", [True, False])
def test_the_last_room_of_the_disk_is_left_to_sound(tmp_path, says):
    free_mb = shutil.disk_usage(tmp_path).free // MB
    full = Door(tmp_path, least_free_mb=free_mb + 1000)
    status, _, text = full.asks(MB, says=says)
    assert status == 413 and "no room" in text and "DICTATION_LEAST_FREE_MB" in text and full.got == 0
    assert full.asks(MB, path="/worklist")[0] == 200


def test_a_disk_that_fills_while_much_is_sent_ends_it(door, monkeypatch):
    monkeypatch.setattr("dictation.review.quota.LOOK_BYTES", PIECE)
    rooms = iter([10 * MB, 10 * MB, 10 * MB, -1])
    monkeypatch.setattr("dictation.review.quota.free_bytes", lambda _: next(rooms))
    status, _, text = door.asks(MB)
    assert status == 413 and "no room" in text and door.got == 2 * PIECE and door.broken_off == 1


def test_the_app_keeps_it_for_each_user(small_ear, settings, tmp_path):
    own = settings.model_copy(update={"home": tmp_path / "home", "upload_mb_per_h": 1})

    def uploads(visitor: Visitor, size: int):
        return visitor.http.post(f"{visitor.url}{UPLOAD}", files={"files": ("a.dcm", bytes(size))})

    def lies() -> int:
        return sum(path.stat().st_size for path in (own.home / "uploads").rglob("*") if path.is_file())

    with department(small_ear, own) as served:
        ann, bob, stranger = Visitor(served).signs_in("ann"), Visitor(served).signs_in("bob"), Visitor(served)
        assert uploads(stranger, 900_000).status_code == 401, "and counts for nobody"
        assert uploads(ann, 900_000).status_code == 200
        before = lies()
        again = Visitor(served).signs_in("ann")
        for visitor in (ann, again):  # another session of the same user
            refused = uploads(visitor, 500_000)
            assert refused.status_code == 429 and "try again in" in refused.text and lies() == before
        assert uploads(again, 1_100_000).status_code == 413
        assert uploads(bob, 900_000).status_code == 200
        assert ann.get("/worklist").status_code == 200
        assert served.cases.desk.counts.count("requests_refused", "429") == 2


@pytest.mark.parametrize("how", ["broken off", "of more than an hour's"])
def test_nothing_stays_of_an_upload_that_did_not_come_whole(small_ear, own, how):
    uploads = own.home / "uploads"

    def lies() -> int:
        return sum(path.stat().st_size for path in uploads.rglob("*") if path.is_file())

    with department(small_ear, own, upload_mb_per_h=2) as served:
        ann = Visitor(served).signs_in("ann")
        head = (
            f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1:{served._port}\r\nCookie: {ann.cookie}\r\n"
            "Transfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=cut\r\n\r\n"
        )
        part = b'--cut\r\nContent-Disposition: form-data; name="files"; filename="a.dcm"\r\n\r\n' + bytes(1_000_000)
        with socket.create_connection(("127.0.0.1", served._port), WAIT_S) as asking:
            asking.sendall(head.encode() + f"{len(part):x}\r\n".encode() + part + b"\r\n")
            until(lambda: lies() >= 900_000)
            if how != "broken off":
                asking.sendall(f"{2 * MB:x}\r\n".encode() + bytes(2 * MB) + b"\r\n0\r\n\r\n")
                assert b" 429 " in asking.recv(100)
        until(lambda: not list(uploads.iterdir()))


def test_what_was_uploaded_and_lies_for_a_day_is_deleted_while_the_server_runs(small_ear, own, monkeypatch):
    monkeypatch.setattr("dictation.review.sweeping.SWEEP_S", 0.05)
    uploads = own.home / "uploads"
    with department(small_ear, own) as served:
        ann = Visitor(served).signs_in("ann")
        files = {"files": ("b.dcm", b"whole")}
        [kept] = map(Path, ann.http.post(f"{ann.url}{UPLOAD}", files=files).json())
        [old] = map(Path, ann.http.post(f"{ann.url}{UPLOAD}", files={"files": ("a.dcm", b"old")}).json())
        (uploads / "new").mkdir()
        long_ago = time.time() - 2 * DAY_S
        os.utime(old, (long_ago, long_ago))
        until(lambda: not old.exists())
        assert kept.read_bytes() == b"whole" and (uploads / "new").is_dir(), "what is new stays"
