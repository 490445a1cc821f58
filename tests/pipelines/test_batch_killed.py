"""A batch as scripts start it: broken files among good ones, killed and resumed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.batch import faults, killed_and_resumed, make, ours, results, run
from tests.conftest import ROOT


def broken(folder: Path, count: int, *, among: int) -> set[str]:
    """Recordings of 0.1 s in which nobody speaks, `count` of which are damaged in several ways; return their names."""
    folder.mkdir()
    for number in range(among):
        soundfile.write(folder / f"{number:03d}.{'flac' if number % 2 else 'wav'}", np.zeros(1_600), 16_000)
    files = sorted(folder.glob("*"))[:: among // count]
    for number, path in enumerate(files):
        content = path.read_bytes()
        path.write_bytes((b"", b"a text, not a sound", content[:30], content[:12] + b"\xff" * 400)[number % 4])
    return {path.name for path in files}


def test_20_broken_files_among_200_give_180_results_20_names_and_exit_code_1(tmp_path):
    named = broken(tmp_path / "in", 20, among=200)
    done = subprocess.run(
        ours(tmp_path / "in", tmp_path / "out"), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1, done.stderr
    assert len(results(tmp_path / "out")) == 180
    entries = [json.loads(line) for line in (tmp_path / "out/failures.jsonl").read_text().splitlines()]
    assert {Path(entry["path"]).name for entry in entries} == named
    assert all(entry["path"] in entry["error"] for entry in entries)
    table = done.stderr.partition("  why\n")[2]
    assert all(name in table for name in named) and "20 of 200 inputs failed." in table
    again = subprocess.run(
        [*ours(tmp_path / "in", tmp_path / "out"), "--resume"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert again.returncode == 1 and "180 of 200 were done before" in again.stderr
    assert "[20/20]" in again.stderr and "[21/" not in again.stderr


@pytest.mark.parametrize(
    ("count", "kills"), [(20, 1), pytest.param(500, 3, marks=pytest.mark.soak)], ids=["small", "soak"]
)
def test_a_batch_that_is_killed_and_resumed_has_the_results_of_one_that_was_not(tmp_path, count, kills):
    make(tmp_path / "in", count, 7, spoken=0.15)
    assert run(ours(tmp_path / "in", tmp_path / "whole")).code == 0
    runs = killed_and_resumed(tmp_path / "in", tmp_path / "resumed", kills, 7)
    if sys.platform != "win32":
        assert [one.code for one in runs] == [-9] * kills + [0]
    assert faults(tmp_path / "in", tmp_path / "whole", tmp_path / "resumed") == []
    assert len(results(tmp_path / "whole")) == count
    assert any(json.loads(text)["words"] for text in results(tmp_path / "whole").values())
