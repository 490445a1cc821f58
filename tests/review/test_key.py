"""A key pressed from outside the browser: `dictation key` against a real server on this machine."""

import json
import os
import re
import subprocess
import sys
import threading
import typing
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette

from dictation.errors import DictationError
from dictation.keypress import KEYS, home_folder, port_file, token_file
from dictation.review.key_token import forget_port, key_routes, tell_port
from dictation.review.own_page import OwnPageOnly
from dictation.review.tokens import key_token
from dictation.settings import Settings
from pipelines.key import press
from tests.conftest import ROOT
from tests.review.ports import HeldPort
from tests.waiting import until


class Pages:
    """What the server's side of the pages would be: how many listen, and what they got."""

    def __init__(self) -> None:
        self.open, self.got = 1, []

    def deliver(self, name: str) -> int:
        self.got.append(name)
        return self.open


class Served(typing.NamedTuple):
    home: Path
    port: int
    pages: Pages


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Served]:
    home, pages = tmp_path_factory.mktemp("home"), Pages()
    app = OwnPageOnly(Starlette(routes=key_routes(key_token(home), pages.deliver)))
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until(lambda: running.started)
    port = running.servers[0].sockets[0].getsockname()[1]
    tell_port(home, port)
    yield Served(home, port, pages)
    running.should_exit = True
    thread.join(10)


@pytest.fixture
def served(server) -> Served:
    server.pages.open = 1
    server.pages.got.clear()
    return server


def key(name: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a pedal's software does."""
    command = [sys.executable, "-m", "pipelines", "key", name]
    kept = {k: v for k, v in os.environ.items() if k != "DICTATION_PORT"}
    own = {**kept, "DICTATION_HOME": str(home), **environment}
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["toggle", "stop"])
def test_a_key_arrives_at_the_page(served, name):
    done = key(name, served.home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert served.pages.got == [name]


def test_no_open_page_is_said_with_its_address(served):
    served.pages.open = 0
    done = key("next", served.home)
    assert done.returncode == 1
    assert done.stderr == f"dictation: no page is open; open http://127.0.0.1:{served.port}/ in a browser.\n"


def test_a_server_that_is_not_running_is_said_with_the_command_that_starts_it(tmp_path):
    key_token(tmp_path)
    with HeldPort() as port:
        tell_port(tmp_path, port)  # as a killed server leaves it
        done = key("next", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"dictation: no page is served on port {port}; run: dictation serve.\n"


@pytest.mark.parametrize("left", [[], [token_file], [port_file]])
def test_a_home_without_a_server_is_said(tmp_path, left):
    for place in left:
        place(tmp_path).write_text("7860")
    done = key("next", tmp_path)
    assert done.returncode == 1 and str(tmp_path) in done.stderr and "dictation serve" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_name_is_wrong_usage_and_the_right_ones_are_named(served):
    done = key("sign", served.home)
    assert done.returncode == 2
    assert all(name in done.stderr for name in KEYS)
    assert served.pages.got == []


def test_the_port_may_be_named(served, tmp_path):
    token_file(tmp_path).write_text(token_file(served.home).read_text())
    assert key("play", tmp_path, DICTATION_PORT=str(served.port)).returncode == 0
    assert served.pages.got == ["play"]


def test_another_homes_page_is_not_pressed(served, tmp_path, monkeypatch):
    key_token(tmp_path)
    tell_port(tmp_path, served.port)
    monkeypatch.setenv("DICTATION_HOME", str(tmp_path))
    monkeypatch.delenv("DICTATION_PORT", raising=False)
    with pytest.raises(DictationError, match="another home") as told:
        press("next")
    assert served.pages.got == []
    assert key_token(tmp_path) not in str(told.value)


def ask(served: Served, path: str, method: str = "POST", **headers: str) -> tuple[int, dict]:
    connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, json.loads(body) if body.startswith(b"{") else {}


def test_whoever_has_not_the_token_presses_nothing(served):
    token = key_token(served.home)
    wrong = [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {token[:-1]}",
        f"Bearer {token}0",
        f"Basic {token}",
        token,
        "Bearer \xff",
    ]
    for given in wrong:
        assert ask(served, "/key?name=next", Authorization=given)[0] == 401
    assert ask(served, "/key?name=next")[0] == 401
    right = f"Bearer {token}"
    assert ask(served, "/key?name=next", "GET", Authorization=right)[0] == 405
    assert ask(served, "/key?name=sign", Authorization=right)[0] == 400
    assert ask(served, "/key", Authorization=right)[0] == 400
    assert ask(served, "/key?name=next", Authorization=right, Origin="http://elsewhere.example")[0] == 403
    assert served.pages.got == []
    assert ask(served, "/key?name=next", Authorization=right) == (200, {"pages": 1})


def test_the_token_is_private_and_survives_a_restart(tmp_path):
    token = key_token(tmp_path / "home")
    assert re.fullmatch("[0-9a-f]{64}", token)
    assert key_token(tmp_path / "home") == token
    assert key_token(tmp_path / "other") != token
    if os.name == "posix":
        assert token_file(tmp_path / "home").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("torn", ["", "0123", "x" * 63, "-" * 64, "\xff" * 64])
def test_a_torn_token_is_made_anew(tmp_path, torn):
    token_file(tmp_path).write_text(torn, encoding="utf-8")
    token = key_token(tmp_path)
    assert re.fullmatch("[0-9a-f]{64}", token)
    assert token_file(tmp_path).read_text().strip() == token


def test_the_port_of_a_later_server_is_not_taken_back(tmp_path):
    tell_port(tmp_path, 7860)
    tell_port(tmp_path, 7861)
    forget_port(tmp_path, 7860)
    assert port_file(tmp_path).read_text().strip() == "7861"
    forget_port(tmp_path, 7861)
    assert not port_file(tmp_path).exists()
    forget_port(tmp_path, 7861)


@pytest.mark.parametrize("home", ["", "~/patients", "/srv/patients"])
def test_the_home_is_that_of_the_settings(monkeypatch, home):
    monkeypatch.setenv("DICTATION_HOME", home)
    assert home_folder() == Settings().home
