"""Paths that lead elsewhere, other cases' ids and messages that are none, sent to the app as it is served.

After every test the server lives, another page goes on, and nothing of what was said, typed or named was written out.
"""

import json
import os
from uuid import uuid4

import pytest
from websockets.sync.client import connect

from dictation.records import Records
from dictation.unseen import LEFT_OUT
from tests.review.hostile import FILE, WORDS, Client, closes, dicom
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_else_notices")

WALKS = ("../", "..%2f", "%2e%2e/", "....//", "..\\", "%2e%2e%5c", "..;/", "%252e%252e%252f", "..%c0%af")


@pytest.mark.parametrize(
    "path", ["/scripts/{}app.py", "/sound/{}/x", "/sound/{case}/{}captures", "/image/{}/0", "/image/{case}/{}0",
             "/gradio_api/file={}etc/passwd", "/assets/{}package.json", "/static/{}x", "/{}etc/passwd",
             "/gradio_api/file={home}/{}{name}/records.sqlite3"],
)  # fmt: skip
def test_no_path_leads_out_of_what_is_served(program, client, path):
    for walk in WALKS:
        for deep in (1, 4, 12):
            asked = path.replace("{}", walk * deep).format(
                case=client.case, home=program.home / "uploads", name=program.home.name
            )
            status, answer = program.ask(asked)
            assert status in (400, 403, 404, 429), (asked, status)
            assert b"root:" not in answer and b"SQLite format" not in answer and b"import " not in answer
            assert b"Traceback" not in answer


@pytest.mark.parametrize(
    "path", ["/image/{case}/-1", "/image/{case}/0", "/image/{case}/" + "9" * 5000, "/image/{case}/%D9%A3",
             "/image/{case}/0x0", "/sound/{case}/x?from=nan", "/sound/{case}/x?from=1e999&to=-1", "/sound/x/x",
             "/worklist?state=x", "/worklist?after=x", "/worklist?after=9~a~b~c",
             "/worklist?after=" + "9" * 5000 + "~a~b",
             "/scripts/" + "x" * 5000, "/scripts/%00", "/sound/%00/%00"],
)  # fmt: skip
def test_a_question_that_is_none_gets_a_sentence(program, client, path):
    status, answer = program.ask(path.replace("{case}", client.case))
    assert status in (400, 404), (status, answer)
    assert len(answer) < 300 and b"Traceback" not in answer


def test_a_search_for_anything_is_only_a_search(program):
    for search in ("%27%20OR%201=1--", "%25%25%25", "%00", "%ff%fe", "x" * 20_000, "_", "%5c", "<script>"):
        status, answer = program.ask(f"/worklist?search={search}")
        assert status == 200 and "rows" in json.loads(answer)


def recorded(program, take: str) -> str:
    records = Records.open_at("", program.home)
    try:
        return records.recording_of(take).recording
    finally:
        records.close()


def test_sound_of_another_case_is_refused(program, client, neighbour):
    take = uuid4().hex
    assert client.ask("take", take=take)["ok"]
    assert client.block(take, 0)["kind"] == "ack"
    recording = recorded(program, take)
    assert program.ask(f"/sound/{client.case}/{recording}?from=0&to=0.1")[0] == 200
    for case in (neighbour.case, "0" * 32, "", "..", client.case.upper()):
        status, answer = program.ask(f"/sound/{case}/{recording}?from=0&to=0.1")
        assert status == 404 and b"RIFF" not in answer
    refused = neighbour.ask("take", take=take)
    assert not refused["ok"] and "another case" in refused["message"]
    assert take not in neighbour.state["case"]["takes"]
    assert not neighbour.ask("listen", take=take, on=True, block=0)["ok"]
    assert not neighbour.ask("cursor", version=0, at=0, take=take, block=0)["ok"]


def test_an_image_of_another_case_is_refused(program, client, neighbour):
    [path] = json.loads(program.upload(f"{FILE}.dcm", dicom())[1])
    assert program.give(client.page, client.case, path)[-1]["success"]
    until(lambda: program.ask(f"/image/{client.case}/0")[0] == 200)
    assert program.ask(f"/image/{neighbour.case}/0")[0] == 404
    assert program.ask(f"/image/{client.case}/1")[0] == 404


def test_a_case_that_another_page_holds_is_changed_only_after_taking_over(program, client):
    case, other = client.case, Client(program)
    for command in (
        {"do": "type", "version": 1, "start": 0, "stop": 0, "text": "x"}, {"do": "undo"}, {"do": "sign", "author": "x"},
        {"do": "template", "name": ""}, {"do": "compare"}, {"do": "addendum", "reason": "x"},
        {"do": "macro", "name": "x"},
    ):  # fmt: skip
        answer = other.ask(**command, case=case)
        assert not answer["ok"] and "Another page works on this case" in answer["message"]
    take = uuid4().hex  # sound from before it lost the case waits in its browser until it has it again
    assert not other.ask("take", take=take, case=case)["ok"]
    assert not other.ask("listen", take=take, on=True, block=0, case=case)["ok"]
    assert not other.ask("takeover", case="f" * 32)["ok"]
    assert not other.ask("undo", case="f" * 32)["ok"]
    other.leave()
    assert client.type(" It is small.")["ok"]
    assert client.state["pad"]["text"] == f"{WORDS} It is small."


FRAMES = [
    "", "{", "null", "[]", "1", '"x"', "[" * 100_000, '{"do":' * 50_000, '{"do":"undo"}', '{"number":1}',
    '{"do":"nothing","number":5}', '{"do":"undo","number":0}', '{"do":"undo","number":-1}',
    '{"do":"undo","number":1e400}', '{"do":"undo","number":' + "9" * 4000 + "}",
    '{"do":"undo","number":' + "9" * 5000 + "}",
    '{"do":"undo","number":9007199254740993}', '{"do":"undo","number":true}', '{"do":"undo","number":"7"}',
    '{"do":"type","number":7,"version":0,"start":-1,"stop":0,"text":"x"}',
    '{"do":"type","number":7,"version":' + "9" * 300 + ',"start":0,"stop":0,"text":"x"}',
    '{"do":"type","number":7,"version":0,"start":0,"stop":0,"text":"\\ud800"}',
    '{"do":"type","number":7,"version":0,"start":0,"stop":0,"text":"' + "x" * 200_000 + '"}',
    '{"do":"prefer","number":7,"name":"silence_s","value":NaN}',
    '{"do":"prefer","number":7,"name":"silence_s","value":1e999}',
    '{"do":"prefer","number":7,"name":"__class__","value":1}', '{"do":"open","number":7,"id":"../../etc/passwd"}',
    '{"do":"open","number":7,"id":"' + "0" * 32 + '"}', '{"do":"decide","number":7,"id":"x","action":"take_heard"}',
    '{"do":"edit","number":7,"statement":"x","text":"y"}', '{"do":"fill","number":7,"field":"x","value":"y"}',
    '{"do":"template","number":7,"name":"../../x"}', '{"do":"macro","number":7,"name":"../../x"}',
    '{"do":"communicate","number":7,"person":"x","at":"9999-99-99","method":"x","read_back":true}',
    '{"do":"sign","number":7,"author":"x","overrides":{"a":{"b":{}}}}', '{"do":"sent","number":7}',
    '{"do":"hello","number":7,"page":"x"}', '{"do":"vocabulary","number":7,"phrase":""}',
]  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES, ids=[f"{number} {frame[:40]}" for number, frame in enumerate(FRAMES)])
def test_a_command_that_is_none_is_answered_in_a_sentence(client, frame):
    client.socket.send(frame)
    answer = client.until(lambda m: m["kind"] == "answer")
    assert not answer["ok"] and 10 < len(answer["message"]) < 300 and "\n" not in answer["message"]
    assert "program itself failed" not in answer["message"]
    client.number = 20
    assert client.type(" Still here.")["ok"]


def test_an_answer_says_which_command_of_which_case_it_answers(client):
    refused = client.ask("decide", case=client.case, id="x", action="dismiss")
    assert (refused["ok"], refused["do"], refused["case"]) == (False, "decide", client.case)
    assert client.type(" Still here.")["do"] == "type"
    client.socket.send('{"do":"type","number":900}')
    unread = client.until(lambda message: message["kind"] == "answer")
    assert (unread["ok"], unread["case"]) == (False, None)


def test_a_name_that_is_there_twice_counts_once(client):
    at = len(client.state["pad"]["text"])
    client.socket.send(f'{{"do":"undo","do":"type","number":7,"version":{client.state["pad"]["version"]},"start":{at},'
                       f'"start":{at},"stop":{at},"text":"A","text":"B"}}')  # fmt: skip
    assert client.until(lambda m: m["kind"] == "answer")["ok"]
    client.number = 7
    assert client.type(".")["ok"] and client.state["pad"]["text"].endswith("B.")


@pytest.mark.parametrize(
    "sound",
    [b"", b"x", bytes(16), bytes(20), bytes(21), bytes(3220), os.urandom(3220), bytes(100_000), bytes(33_000)],
    ids=["nothing", "x", "16", "20", "21", "3220", "3220 random", "100000", "33000"],  # the same in every process
)
def test_binary_that_is_no_sound_is_told(client, sound):
    client.socket.send(sound)
    assert "sound" in client.notice()
    assert client.type(" Still here.")["ok"]


def test_a_socket_that_begins_with_anything_else_is_closed(program):
    for first in (b"binary", "no json", '{"do":"undo","number":1}', '{"do":"hello","number":1,"page":"x"}'):
        with connect(f"ws://127.0.0.1:{program.port}/desk", origin=f"http://127.0.0.1:{program.port}") as socket:
            socket.send(first)
            assert closes(socket)


QUESTIONS = [  # to gradio, that are none of the page's
    ("queue/join", {"data": [], "fn_index": 99_999, "session_hash": "s"}),
    ("queue/join", {"data": [], "fn_index": -1, "session_hash": "s"}),
    ("queue/join", {"data": [], "fn_index": 10**400, "session_hash": "s"}),
    ("queue/join", {"data": [], "fn_index": None, "session_hash": "s"}),
    ("queue/join", {"data": "x", "fn_index": 0, "session_hash": ["\ud800"]}),
    ("queue/join", [float("nan")]),
    ("reset", {"event_id": float("nan")}),
    ("cancel", ["\ud800"]),
    ("queue/data?session_hash=nobody", None),
    ("queue/data?session_hash=", None),
]


@pytest.mark.parametrize(("door", "asked"), QUESTIONS)
def test_a_question_to_gradio_that_is_none_is_refused_without_a_trace(program, client, door, asked):
    before = program.output
    method = "GET" if asked is None else "POST"
    body = None if asked is None else json.dumps(asked)
    status, answer = program.ask(f"/gradio_api/{door}", method, body, Content_Type="application/json")
    assert 400 <= status < 500 and len(answer) < 100, (status, answer)
    assert program.output == before


def test_what_nobody_sees_is_left_out_and_the_page_says_so(client):
    assert client.type(" Nodule \u202emm 12\u202c on the l\u200beft.")["ok"]
    assert client.state["pad"]["text"].endswith(" Nodule mm 12 on the left.")
    assert LEFT_OUT in client.notices
