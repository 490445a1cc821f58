"""After `make demo` only some extras are here: a command that needs another one names the fix, and `doctor` goes on."""

import os
import subprocess
import sys

import pytest

# What the extra `embedded` does not bring, by the names under which it is imported.
ABSENT = (
    "alembic argon2 authlib gradio httpx jiwer librosa llguidance matplotlib prometheus_client ray scipy sqlalchemy"
    " starlette torch transformers uvicorn websockets whisper_normalizer"
)
RUN = f"import sys; sys.modules.update(dict.fromkeys({ABSENT!r}.split())); from pipelines.cli import app; app()"


def run(tmp_path, *arguments):
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env={**os.environ, "DICTATION_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_doctor_says_what_is_missing_and_does_not_end_on_it(tmp_path):
    done = run(tmp_path, "doctor")
    assert done.returncode == 0, done.stderr
    assert "starlette" not in done.stderr


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("viewer-token", 0),
        ("learned list", 0),
        ("serve", 3),
        ("outbox", 3),
        ("purge", 3),
        ("audit", 3),
        ("user list", 3),
        ("backup backups", 3),
        ("evaluate manifest.csv --out figures", 3),
    ],
)
def test_a_command_names_what_it_needs(tmp_path, command, code):
    done = run(tmp_path, *command.split())
    assert done.returncode == code, done.stderr
    assert code == 0 or "pip install" in done.stderr
