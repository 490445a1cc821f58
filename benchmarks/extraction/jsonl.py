"""The protocol of an engine, both ends: `{"id", "text"}` a line in, `{"id", "claims": [...]}` a line out."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
Claims = list[dict[str, Any]]


class EngineError(Exception):
    """An engine could not be run, or did not answer every text. Never quotes what it wrote."""


def ask(command: str, texts: dict[str, str]) -> dict[str, Claims]:
    """The claims of an engine on every text, by id. EngineError where it fails or leaves one out."""
    arguments = shlex.split(command)
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    program = shutil.which(arguments[0], path=search)
    if program is None:
        raise EngineError(f"{arguments[0]}: no such command.")
    lines = "".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in texts.items())
    run = subprocess.run([program, *arguments[1:]], input=lines, capture_output=True, text=True, cwd=ROOT, check=False)
    if run.returncode != 0:
        raise EngineError(f"{command}: ended with exit code {run.returncode}.")
    answers = {answer["id"]: answer["claims"] for answer in map(json.loads, run.stdout.splitlines())}
    if missing := set(texts) - set(answers):
        raise EngineError(f"{command}: {len(missing)} of {len(texts)} texts were not answered.")
    return answers


def serve(claims: Callable[[str], Claims]) -> None:
    """Answer every line of stdin: the other end, for a small engine."""
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(json.dumps({"id": asked["id"], "claims": claims(asked["text"])}) + "\n")
