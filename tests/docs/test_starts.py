"""The starts, word by word, as somebody who has seen nothing follows them: each prints what its page says."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.generate import DOCS

ROOT = DOCS.parent
INSTALLING = ("make ", "export PATH", ".venv/bin/pip ")  # is done where tests run


def blocks(name: str, language: str) -> list[str]:
    """The blocks of a language in a start, in order."""
    text = (DOCS / "start" / f"{name}.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def shell(tmp_path):
    """Runs lines in a folder that has the examples, with `dictation` on the path; returns all that is printed."""
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "dictation").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipelines "$@"\n')
    (commands / "dictation").chmod(0o755)
    (commands / "python3").symlink_to(sys.executable)
    shutil.copytree(ROOT / "audio_samples", tmp_path / "audio_samples")  # a start writes beside it
    paths = {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    folders = {"DICTATION_HOME": str(tmp_path / "home")}

    def run(lines: str) -> str:
        ours = "".join(line for line in lines.splitlines(keepends=True) if not line.startswith(INSTALLING))
        done = subprocess.run(
            ["sh", "-ec", ours],
            cwd=tmp_path,
            env=os.environ | paths | folders,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, done.stderr[-500:]
        return done.stdout + done.stderr

    return run


def give_verdicts(folder: Path) -> None:
    """Judge every flag of a second look as somebody does on its page, which saves a file of this name."""
    with (folder / "look" / "worklist.csv").open(encoding="utf-8-sig", newline="") as file:
        flags = [row | {"verdict": "real"} for row in csv.DictReader(file)]
    with (folder / "verdicts.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, flags[0].keys())
        rows.writeheader()
        rows.writerows(flags)


@pytest.mark.skipif(sys.platform == "win32", reason="the starts are written for a POSIX shell")
@pytest.mark.parametrize("name", ["batch", "evaluation", "second-look"])
def test_a_start_goes_through_and_prints_what_it_says(name, shell, tmp_path):
    first, *others = blocks(name, "sh")
    printed = shell(first)
    for lines in others:
        if "verdicts.csv" in lines:
            give_verdicts(tmp_path)
        printed += shell(lines)
    if name == "batch":  # "Run the first line again"
        printed += shell(first)
    if name == "second-look":
        assert "measured: critical Side: 1.00 real" in printed
    said = [line for block in blocks(name, "text") for line in block.splitlines() if line]
    assert said and [line for line in said if line not in printed] == []


def test_the_python_of_a_start_runs_and_prints_what_it_says(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for code in blocks("python", "python"):
        exec(code, names)
    printed = capsys.readouterr().out
    said = [line for block in blocks("python", "text") for line in block.splitlines()]
    assert said and [line for line in said if line not in printed.splitlines()] == []
    assert printed.count("critical laterality You said left; the report says right (pleural effusion).") == 2


def test_the_readme_shows_what_the_demo_prints(shell):
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition("What it prints")[2].partition("`make demo`")[0]
    lines = [line.removeprefix("    ") for line in shown.splitlines()[1:] if line]
    printed = [_unfolded(line) for line in shell("dictation demo").splitlines()]
    assert len(lines) == 12 and [line for line in lines if _unfolded(line) not in printed] == []


def _unfolded(line: str) -> str:
    """A line without its count of folded alerts: another processor hears a word otherwise that asks nothing at once."""
    return re.sub(r", \d+ folded$", "", line)
