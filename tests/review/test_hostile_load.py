"""Too much at once, too slowly, onto a full disk, and mistakes of our own: the app as it is served goes on."""

import json
import socket
from contextlib import suppress
from uuid import uuid4

import pytest

from dictation.records import Records
from tests.review.hostile import FILE, PATIENT, SAID, WORDS, Client, Program, dicom
from tests.review.wire_page import NO_IMPRESSION
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_else_notices")


def test_a_page_that_does_not_listen_costs_no_memory_and_delays_nobody(program, client):
    """It looks on while the other one works; what it does not take is put together, not queued."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", program.port))
    deaf.sendall(
        f"GET /desk HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\nOrigin: http://127.0.0.1:{program.port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n".encode()
    )
    hello = json.dumps({"do": "hello", "number": 1, "page": uuid4().hex, "case": client.case}).encode()
    mask = bytes(4)
    deaf.sendall(bytes((0x81, 0x80 | 126)) + len(hello).to_bytes(2, "big") + mask + hello)
    assert client.type(" The heart is normal in size." * 500)["ok"]
    before_mb = program.memory_mb
    for _ in range(60):
        assert client.type(" No.")["ok"]
    assert program.memory_mb < before_mb + 60
    deaf.close()


def test_a_full_disk_refuses_an_upload_and_takes_it_later(program, client):
    program.disk_takes(100_000)
    status, _ = program.upload(f"{FILE}.dcm", bytes(3_000_000))
    assert status >= 400
    program.disk_takes(None)
    assert program.upload(f"{FILE}.dcm", bytes(3_000_000))[0] == 200


def test_a_full_disk_refuses_a_signature_whole_and_takes_it_later(program, client):
    assert client.ask("compare")["ok"]
    client.until_review()
    program.disk_takes(4000)
    refused = client.ask("sign", author="Dr. A", overrides=NO_IMPRESSION)
    assert not refused["ok"] and "free space" in refused["message"]
    program.disk_takes(None)
    signed = client.ask("sign", author="Dr. A", overrides=NO_IMPRESSION)
    assert signed["ok"] and signed["version"] == 1, signed
    records = Records.open_at("", program.home)
    try:
        assert records.verify() == () and len(records.versions(client.case)) == 1
    finally:
        records.close()


MISTAKES = (
    "dictation.review.open_case:OpenCase:text_changed",  # within a command
    "dictation.review:beside:load_images",  # in a thread
    "dictation.review.open_case:OpenCase:has_take",  # while sound comes
    "dictation.review.inputs:Order:from_file",  # in a panel's control
    "dictation.review.pages:Pages:shown",  # where gradio itself has to report it
    "dictation.records.records:Records:worklist",  # in a route
    "dictation.report:ExtractiveWriter:write",  # while a report grows
)


def test_our_own_mistakes_say_where_and_never_what(tmp_path):
    program = Program(tmp_path / "home", *MISTAKES)
    try:
        client = Client(program)
        answers = [client.ask("prefer", name="silence_s", value=11)]
        end = {"start": 0, "stop": 0, "text": WORDS}
        answers.append(client.ask("type", version=client.state["pad"]["version"], **end))
        answers.append(client.ask("take", take=uuid4().hex))
        assert [one["ok"] for one in answers] == [True, False, False]
        client.socket.send(bytes(16) + bytes(4) + bytes(3200))
        client.notice()
        order = json.dumps({"name": PATIENT, "indication": SAID})
        for name, content in ((f"{FILE}.json", order.encode()), (f"{FILE}.dcm", dicom())):
            [path] = json.loads(program.upload(name, content)[1])
            program.give(client.page, client.case, path)
        program.gradio("shown", client.page, client.case, [], "", *[""] * 8)
        status, answer = program.ask("/worklist")
        assert status == 500
        for told in [one["message"] for one in answers[1:]] + client.notices + [answer.decode()]:
            assert not any(word in told.lower() for word in (SAID, PATIENT)), told
        until(lambda: program.output.count("RuntimeError") >= 5, "each mistake is told")
        program.says_nothing()
        assert program.process.poll() is None
        with suppress(Exception):
            client.leave()
    finally:
        program.stop()
