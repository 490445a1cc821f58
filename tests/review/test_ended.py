"""`dictation serve` from start to end, as a service manager or a terminal runs it."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.review.hostile import START_S, Program


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a program without asking it")
def test_a_terminated_program_leaves_no_uploads(own_folders, tmp_path):
    program = Program(tmp_path / "home")
    uploads = program.home / "uploads"
    try:
        assert program.upload("said.wav", b"sound")[0] == 200
        assert list(uploads.rglob("said.wav"))
        program.process.terminate()
        assert program.process.wait(START_S) == 130
        assert f"open http://127.0.0.1:{program.port}/" in program.output and "Traceback" not in program.output
        assert not list(uploads.rglob("*.wav"))
    finally:
        program.stop()


def test_a_home_that_takes_nothing_is_one_sentence(own_folders, tmp_path):
    home = tmp_path / "file"
    home.write_text("a file where the folder should be")
    command = [sys.executable, "-m", "pipelines", "serve", "--recognizer", "whisper"]
    environment = {**os.environ, "DICTATION_HOME": str(home)}
    served = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert served.returncode == 2
    [line] = [line for line in served.stderr.splitlines() if line.startswith("dictation: ")]
    assert str(home) in line and "DICTATION_HOME" in line
