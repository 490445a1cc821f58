"""After `make demo` only some extras are here: a command that needs another one names the fix, and `doctor` goes on."""

import json
import os
import subprocess
import sys

import pytest

# What the extra `embedded` does not bring, by the names under which it is imported.
ABSENT = (
    "alembic argon2 authlib gradio httpx jiwer librosa llguidance matplotlib prometheus_client ray scipy sqlalchemy"
    " starlette torch transformers uvicorn websockets whisper_normalizer"
)
RUN = f"""
import json, sys
sys.modules.update(dict.fromkeys({ABSENT!r}.split()))
from typer.testing import CliRunner
from pipelines.cli import app
for line in sys.stdin:
    done = CliRunner().invoke(app, line.split())
    print(json.dumps([done.exit_code, done.stderr]))
"""
CODES = {
    "doctor": 0,
    "viewer-token": 0,
    "learned list": 0,
    "serve": 3,
    "outbox": 3,
    "purge": 3,
    "audit": 3,
    "user list": 3,
    "backup backups": 3,
    "evaluate manifest.csv --out figures": 3,
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """How each command ends in a process in which those packages are not: its exit code, and what it said."""
    environment = {**os.environ, "DICTATION_HOME": str(tmp_path_factory.mktemp("home"))}
    asked = {"input": "\n".join(CODES), "env": environment, "capture_output": True, "text": True, "check": True}
    done = subprocess.run([sys.executable, "-c", RUN], **asked)
    return dict(zip(CODES, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("command", CODES)
def test_a_command_names_what_it_needs(ended, command):
    code, said = ended[command]
    assert code == CODES[command], said
    assert code == 0 or "pip install" in said
    assert code or "starlette" not in said
