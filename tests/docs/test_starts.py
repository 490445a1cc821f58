"""The starts, word by word, as somebody who has seen nothing follows them: each prints what its page says."""

import csv
import hashlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dictation.findings import extract
from dictation.speech.whisper.decoder import Decoded, WhisperDecoder
from docs.generate import DOCS
from tests.pipelines import command_line

ROOT = DOCS.parent
pytestmark = pytest.mark.processor
INSTALLING = ("make ", "export PATH", ".venv/bin/pip ")  # is done where tests run


def blocks(name: str, language: str) -> list[str]:
    """The blocks of a language in a start, in order."""
    text = (DOCS / "start" / f"{name}.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module", autouse=True)
def each_sound_once():
    """The network hears a sound once for all pages; whatever is around it works each time."""
    heard: dict[tuple[object, ...], Decoded] = {}
    hear = WhisperDecoder.hear

    def remembered(self, pieces, context, decoding):
        keys = [(hashlib.sha256(piece).digest(), tuple(context), decoding) for piece in pieces]
        new = [number for number, key in enumerate(keys) if key not in heard]
        found = hear(self, [pieces[number] for number in new], context, decoding) if new else []
        heard.update(zip([keys[number] for number in new], found, strict=True))
        return [heard[key] for key in keys]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhisperDecoder, "hear", remembered)
        yield


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Runs lines where the examples are, ours in this process, the others in `sh`; returns what is printed."""
    monkeypatch.setenv("DICTATION_HOME", str(tmp_path / "home"))
    shutil.copytree(ROOT / "audio_samples", tmp_path / "audio_samples")  # a start writes beside it

    def run(lines: str) -> str:
        folder, others, printed = tmp_path, [], ""
        for line in [*lines.splitlines(), "cd ."]:  # what stands before the last one, too
            if line.startswith(INSTALLING):
                continue
            if not line.startswith(("dictation ", "cd ")):
                others.append(line.replace("python3 ", f"{sys.executable} "))
                continue
            script = ["sh", "-ec", "\n".join(others)]
            printed += subprocess.run(script, cwd=folder, capture_output=True, text=True, check=True).stdout
            others = []
            first, *words = shlex.split(line)
            if first == "cd":
                folder = (folder / words[0]).resolve()
            else:
                into = Path(words.pop()) if words[-2:-1] == [">"] else None
                done = command_line.run(*(word for word in words if word != ">"), folder=folder)
                if into:
                    (folder / into).write_text(done.stdout, encoding="utf-8")
                printed += done.stdout * (not into) + done.stderr
        return printed

    return run


def give_verdicts(folder: Path) -> None:
    """Judge every flag of a second look as somebody does on its page, which saves a file of this name."""
    with (folder / "look" / "worklist.csv").open(encoding="utf-8-sig", newline="") as file:
        flags = [row | {"verdict": "real"} for row in csv.DictReader(file)]
    with (folder / "verdicts.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, flags[0].keys())
        rows.writeheader()
        rows.writerows(flags)


def lines_told(name: str) -> tuple[list[str], set[tuple[object, ...]]]:
    """What a start shows: the lines of the program, and what is meant by those that a recognizer heard.

    Another processor hears a comma or a word without weight otherwise; findings, sides and negations it does not.
    """
    shown = [block for block in blocks(name, "text") if not block.startswith("Findings:")]
    heard = [block for block in blocks(name, "text") if block.startswith("Findings:")]
    return [line for block in shown for line in block.splitlines() if line], meant("\n".join(heard))


def meant(text: str) -> set[tuple[object, ...]]:
    return {(claim.finding, claim.status, claim.laterality) for claim in extract(text)}


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
    told, dictated = lines_told(name)
    assert told and [line for line in told if anywhere(line) not in anywhere(printed)] == []
    assert dictated <= meant(printed)


def test_the_python_of_a_start_runs_and_prints_what_it_says(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for code in blocks("python", "python"):
        exec(code, names)
    printed = capsys.readouterr().out
    told, dictated = lines_told("python")
    assert told and [line for line in told if line not in printed.splitlines()] == []
    assert dictated <= meant(printed)
    assert printed.count("critical laterality You said left; the report says right (pleural effusion).") == 2


def test_the_readme_shows_what_the_demo_prints(shell):
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition("What it prints")[2].partition("`make demo`")[0]
    lines = [line.removeprefix("    ") for line in shown.splitlines()[1:] if line]
    printed = shell("dictation demo").splitlines()
    places = [list(map(anywhere, printed)).index(anywhere(line)) for line in lines]
    assert len(lines) == 12 and places == sorted(places)
    for line, place in zip(lines, places, strict=True):
        assert seconds(line) == pytest.approx(seconds(printed[place]), abs=1)


def anywhere(text: str) -> str:
    """What any processor gives: another hears otherwise what asks nothing at once (hidden, or "info")."""
    text = re.sub(r", \d+ hidden$|, [\d.]+ info(?=\)\.$)", "", text, flags=re.MULTILINE)
    text = re.sub(r"[\d.]+ flags (?=in \d|\()", "… flags ", text)
    return re.sub(r"\(at \d+ s\)$", "(at … s)", text, flags=re.MULTILINE)


def seconds(line: str) -> list[int]:
    return [int(one) for one in re.findall(r"\(at (\d+) s\)$", line)]
