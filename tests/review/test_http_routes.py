"""The app's own HTTP routes, asked by schemathesis as http_routes.json states them: right, wrong and strange questions.

After it the server lives, another page goes on, and nothing of what was said, typed or named was written out.
"""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from tests.review.hostile import FILE, Program, dicom
from tests.review.test_hostile import recorded

pytestmark = pytest.mark.usefixtures("nobody_else_notices")

SEED, EXAMPLES = "8", "25"
STATED = Path(__file__).with_name("http_routes.json")


def read_on(socket) -> None:
    """A page that does not read what it is told is lost after a while."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv()


def test_every_route_answers_as_it_is_stated(program, client, tmp_path):
    take = uuid4().hex
    assert client.ask("take", take=take)["ok"]
    assert client.block(take, 0)["kind"] == "ack"
    [path] = json.loads(program.upload(f"{FILE}.dcm", dicom())[1])
    assert program.give(client.page, client.case, path)[-1]["success"]
    Program.until(lambda: program.ask(f"/image/{client.case}/0")[0] == 200)
    assert client.ask("listen", take=take, on=True, block=1)["ok"]  # so that keys that are pressed are told to it alone
    threading.Thread(target=read_on, args=[client.socket], daemon=True).start()
    stated = STATED.read_text().replace("RECORDING", recorded(program, take)).replace("CASE", client.case)
    (tmp_path / "routes.json").write_text(stated)
    token = (program.home / "key_token").read_text().strip()
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run",
         str(tmp_path / "routes.json"), "--url", f"http://127.0.0.1:{program.port}", "--seed", SEED,
         "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing", "--request-timeout", "60",
         "--request-retries", "2",
         "--header", f"Authorization: Bearer {token}", "--rate-limit", "150/s", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    asked = f"Tested: {len(json.loads(stated)['paths'])}"
    assert asked in done.stdout and "WARNINGS" not in done.stdout, done.stdout
