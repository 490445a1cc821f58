import json
import os
import socket
import time
from urllib.request import urlopen

import pytest
import uvicorn

from dictation.errors import UsageError
from dictation.review.app import HOST, launch
from dictation.review.engines import Engines


@pytest.fixture
def served(embedded, settings):
    served = launch(Engines(embedded), settings, 0)
    yield served
    served.close()


def test_the_page_answers_on_this_machine_only(served):
    port = int(served.url.rsplit(":", 1)[1].strip("/"))
    socket.create_connection((HOST, port), timeout=10).close()
    here = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in (here | {"127.0.0.2"}) - {HOST}:  # on Linux all of 127.x is this machine
        with pytest.raises(OSError), socket.create_connection((address, port), timeout=2):
            pass


def config_of(served) -> dict:
    """What gradio tells every page."""
    with urlopen(f"{served.url}config", timeout=30) as answer:
        return json.load(answer)


def test_nothing_is_recorded_shared_or_reported(served):
    config = config_of(served)
    assert config["analytics_enabled"] is False
    assert config["run_history"] is False
    assert config["footer_links"] == []
    assert all(dependency["api_visibility"] == "private" for dependency in config["dependencies"])


def test_uploads_lie_in_the_home_of_patient_data(served, settings):
    assert os.environ["GRADIO_TEMP_DIR"] == str((settings.home / "uploads").resolve())


def test_nobody_else_gets_the_port_between_a_look_at_it_and_its_use(small_ear, own, monkeypatch):
    startup = uvicorn.Server.startup

    async def tried(self, sockets=None) -> None:
        with pytest.raises(OSError), socket.create_server((HOST, self.config.port)):
            pass
        await startup(self, sockets=sockets)

    monkeypatch.setattr(uvicorn.Server, "startup", tried)
    launch(Engines(small_ear), own, 0).close()


def test_a_port_that_is_taken_is_named(embedded, settings):
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}.*--port"):
            launch(Engines(embedded), settings, port)


def test_nothing_that_somebody_does_is_dropped_while_something_else_is_answered(served):
    config = config_of(served)
    assert {one["trigger_mode"] for one in config["dependencies"]} == {"multiple"}


def test_what_a_killed_program_left_is_deleted_a_day_later(embedded, settings):
    folder = settings.home / "uploads" / "0123abcd"
    folder.mkdir(parents=True)
    old, new = folder / "old.wav", folder.parent / "new.wav"
    for file in (old, new):
        file.write_bytes(b"sound")
    os.utime(old, (time.time() - 90_000,) * 2)
    launch(Engines(embedded), settings, 0).close()
    assert not folder.exists()
    assert new.exists()
    new.unlink()
