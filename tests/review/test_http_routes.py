"""The app's own HTTP routes, asked by schemathesis as http_routes.json states them: right, wrong and strange questions.

After it the server lives, another page goes on, and nothing of what was said, typed or named was written out.
"""

import json
import subprocess
import sys
import threading
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from dictation.records import Records
from dictation.records.users import Users
from tests.review.department import chose_their_own
from tests.review.hostile import FILE, Program, dicom
from tests.review.test_hostile import recorded
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_else_notices")

SEED, EXAMPLES = "8", "25"
SIDE_BY_SIDE = ("--workers", "4")  # routes whose answers do not hang on each other; the questions stay the same
PASSWORD = "a long way to tipperary"
ANOTHER = "another long way to go"


def read_on(socket) -> None:
    """A page that does not read what it is told is lost after a while."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv()


def state(name: str, **known: str) -> str:
    """What is stated in a file here, with the ids that are known now."""
    stated = Path(__file__).with_name(name).read_text()
    for word, value in known.items():
        stated = stated.replace(word, value)
    return stated


def ask_all(program: Program, stated: str, folder: Path, *more: str) -> str:
    """Ask every route as it is stated, with more options of schemathesis; return what it told."""
    (folder / "routes.json").write_text(stated)
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run",
         str(folder / "routes.json"), "--url", f"http://127.0.0.1:{program.port}", "--seed", SEED,
         "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing", "--request-timeout", "60",
         "--request-retries", "2", "--rate-limit", "150/s", "--no-color", *more],
        cwd=folder, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    operations = sum(len(methods) for methods in json.loads(stated)["paths"].values())
    assert f"Tested: {operations}" in done.stdout, done.stdout
    return done.stdout


def signed_in(program: Program) -> str:
    """The cookie of somebody who signed in."""
    form = urlencode({"name": "ada.example", "password": PASSWORD})
    connection = HTTPConnection("127.0.0.1", program.port, timeout=60)
    connection.request("POST", "/sign-in", form, {"Sec-Fetch-Site": "same-origin"})
    answer = connection.getresponse()
    cookie = answer.getheader("Set-Cookie") or ""
    connection.close()
    assert answer.status == 303
    return cookie.partition(";")[0]


def test_every_route_answers_as_it_is_stated(program, client, tmp_path):
    take = uuid4().hex
    assert client.ask("take", take=take)["ok"]
    assert client.block(take, 0)["kind"] == "ack"
    [path] = json.loads(program.upload(f"{FILE}.dcm", dicom())[1])
    assert program.give(client.page, client.case, path)[-1]["success"]
    until(lambda: program.ask(f"/image/{client.case}/0")[0] == 200)
    assert client.ask("listen", take=take, on=True, block=1)["ok"]  # so that keys that are pressed are told to it alone
    threading.Thread(target=read_on, args=[client.socket], daemon=True).start()
    stated = state("http_routes.json", RECORDING=recorded(program, take), CASE=client.case)
    token = (program.home / "key_token").read_text().strip()
    told = ask_all(program, stated, tmp_path, *SIDE_BY_SIDE, "--header", f"Authorization: Bearer {token}")
    assert "WARNINGS" not in told


def test_where_users_sign_in_every_route_answers_as_it_is_stated(tmp_path):
    home = tmp_path / "home"
    with closing(Records.open_at("", home)) as records:
        Users(records).add("ada.example", "Dr. Ada Example", "attending", PASSWORD, "")
        chose_their_own(records, "ada.example")
    program, ours = Program(home, DICTATION_SIGN_IN="password"), ("--header", "Sec-Fetch-Site: same-origin")
    try:
        ask_all(program, state("sign_in_routes.json", PASSWORD=PASSWORD), tmp_path, *ours)
        words = {"PASSWORD": PASSWORD, "ANOTHER": ANOTHER}
        cookie, routes = signed_in(program), json.loads(state("signed_in_routes.json", **words))
        for paths in (("/who", "/worklist", "/password"), ("/sign-out",)):  # that ends the session
            some = json.dumps({**routes, "paths": {path: routes["paths"][path] for path in paths}})
            told = ask_all(
                program, some, tmp_path, *ours, "--header", f"Cookie: {cookie}",
                "--exclude-checks", "unsupported_method",  # who has signed out is told nothing of methods
            )  # fmt: skip
            assert "WARNINGS" not in told, told
        assert program.ask("/who", Cookie=cookie)[0] == 401
        assert program.process.poll() is None and program.ask("/healthz")[0] == 200
        program.says_nothing()
        assert PASSWORD not in program.output and ANOTHER not in program.output
    finally:
        program.stop()
