"""`dictation serve` from start to end, as a service manager or a terminal runs it."""

import os
import signal
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.review.ports import HeldPort

ROOT = Path(__file__).parents[2]
UPLOAD = '--cut\r\nContent-Disposition: form-data; name="files"; filename="said.wav"\r\n\r\nsound\r\n--cut--\r\n'


def program(home: Path, *more: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "pipelines", "serve", "--recognizer", "whisper", *more]
    environment = {**os.environ, "DICTATION_HOME": str(home)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a program without asking it")
def test_a_terminated_program_leaves_no_uploads(own_folders, tmp_path):
    held = HeldPort()
    served = program(tmp_path / "home", "--port", str(held.number))
    deadline = threading.Timer(120, served.kill)
    deadline.start()
    try:
        address = f"http://127.0.0.1:{held.number}/"
        lines = iter(served.stderr.readline, "")
        assert any(line.startswith(f"open {address}") for line in lines), "ended before it told its address"
        connection = HTTPConnection("127.0.0.1", held.number, timeout=30)
        connection.request(
            "POST", "/gradio_api/upload", UPLOAD, {"Content-Type": 'multipart/form-data; boundary="cut"'}
        )
        assert connection.getresponse().status == 200
        connection.close()
        assert list((tmp_path / "home" / "uploads").rglob("said.wav"))
        served.send_signal(signal.SIGTERM)
        told = served.stderr.read()
        assert served.wait() == 130
        assert "Traceback" not in told
        assert not list((tmp_path / "home" / "uploads").rglob("*.wav"))
    finally:
        deadline.cancel()
        served.kill()
        served.wait()
        served.stderr.close()
        held.close()


def test_a_home_that_takes_nothing_is_one_sentence(own_folders, tmp_path):
    home = tmp_path / "file"
    home.write_text("a file where the folder should be")
    served = program(home)
    _, told = served.communicate(timeout=120)
    assert served.returncode == 2
    [line] = [line for line in told.splitlines() if line.startswith("dictation: ")]
    assert str(home) in line and "DICTATION_HOME" in line
