"""The command line as scripts rely on it: exit codes, streams, formats, and what it loads."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.conftest import ROOT, SAMPLES
from tests.pipelines.command_line import run

SAMPLE = SAMPLES / "01_left_effusion"
AUDIO = SAMPLE / "01_left_effusion.flac"
HEAVY = ["torch", "transformers", "gradio", "librosa", "scipy", "pydicom", "sqlalchemy", "faster_whisper", "soundfile"]


def program(*arguments: object, check: int = 0, **more: object) -> subprocess.CompletedProcess[bytes]:
    """Run `dictation` as a shell does, where a process of its own is what a test is about."""
    called = [sys.executable, "-m", "pipelines", *map(str, arguments)]
    done = subprocess.run(called, cwd=ROOT, check=False, **({"capture_output": True} | more))
    assert done.returncode == check, done.stderr
    return done


@pytest.fixture(scope="session")
def phrase(tmp_path_factory) -> Path:
    """The first eight seconds of the example, for tests in which another sentence only takes time."""
    sound, rate = soundfile.read(AUDIO, frames=8 * soundfile.info(AUDIO).samplerate)
    path = tmp_path_factory.mktemp("phrase") / "phrase.flac"
    soundfile.write(path, sound, rate)
    return path


@pytest.fixture
def texts(tmp_path) -> tuple[Path, Path]:
    heard, written = tmp_path / "heard.txt", tmp_path / "written.txt"
    heard.write_text("FINDINGS: Small left pleural effusion. No pneumothorax.", encoding="utf-8")
    written.write_text("FINDINGS: Small right pleural effusion. No pneumothorax.", encoding="utf-8")
    return heard, written


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import pipelines.cli", HEAVY),
        ("from dictation.discrepancy import compare; compare('Small left effusion.', 'Small right effusion.')", HEAVY),
        ("import dictation.hub", ["torch", "transformers", "huggingface_hub", "numpy"]),
        ("import dictation.models.endpoint", ["httpx", "torch", "transformers", "PIL", "llguidance"]),
        ("import dictation.speech.live", ["torch", "transformers", "ctranslate2"]),
    ],
)
def test_light_commands_load_nothing_heavy(code, heavy):
    asked = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    loaded = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    assert not {name.split(".")[0] for name in loaded.split()} & set(heavy)


def test_claims_as_json_lines_go_on_after_a_bad_line():
    lines = '{"id":"a","text":"No pneumothorax."}\nnot json\n{"id":"b","text":"Left effusion."}\n'
    done = run("claims", "--jsonl", stdin=lines, check=1)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]
    assert "line 2" in done.stderr


def test_compare_as_json_lines_takes_seen_and_order():
    line = {
        "id": "x",
        "heard": "Small left pleural effusion.",
        "written": "Small left pleural effusion.",
        "seen": [{"reader": "example", "opinions": [{"finding": "pleural_effusion", "probability": 0.9}]}],
        "order": {"schema_version": 1, "accession": "A1", "procedure": "Chest X-ray"},
    }
    found = json.loads(run("compare", "--jsonl", stdin=json.dumps(line) + "\n").stdout)
    assert (found["id"], found["summary"]["critical"]) == ("x", 0)
    line["order"]["schema_version"] = 99
    refused = run("compare", "--jsonl", stdin=json.dumps(line) + "\n", check=1)
    assert "line 1: order: has a schema_version" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("compare",), 2),
        (("claims", "a.txt", "--jsonl"), 2),
        (("transcribe",), 2),
        (("nonsense",), 2),
        (("schema", "nonsense"), 2),
        (("transcribe", AUDIO, "--recognizer", "siri"), 2),
        (("transcribe", AUDIO, AUDIO, "--format", "json"), 2),
        (("transcribe", AUDIO, "--resume"), 2),
        (("report", AUDIO, "--resume"), 2),
        (("report", AUDIO, "--written", SAMPLE / "report.txt", "--template", "chest_xray"), 2),
        (("report", AUDIO, "--style", "polish"), 2),
        (("report", "no-such-file.txt"), 1),
        (("claims", "no-such-file.txt"), 1),
        (("transcribe", AUDIO, "--recognizer", "whisper=no-such-folder"), 3),
        (("report", AUDIO, "--template", "no-such-template"), 3),
        (("doctor", "--require", "no-such-engine"), 2),
    ],
)
def test_exit_codes_and_one_sentence(arguments, code):
    done = run(*arguments, check=code)
    assert done.stdout == "" and done.stderr


def test_what_is_printed_is_utf_8_whatever_the_terminal_says(tmp_path):
    (tmp_path / "a.txt").write_text("Müller's sign. No pneumothorax.", encoding="utf-8")
    plain = program("compare", "--heard", tmp_path / "a.txt", "--written", tmp_path / "a.txt",
                    env=os.environ | {"PYTHONIOENCODING": "ascii"})  # fmt: skip
    piped = program("claims", "-", input="Müller. No pneumothorax.".encode(), env=os.environ | {"LC_ALL": "C"})
    assert json.loads(plain.stdout)["summary"]["critical"] == 0
    assert json.loads(piped.stdout.decode("utf-8"))["claims"][0]["finding"] == "pneumothorax"


def test_report_of_a_recording_without_a_word_says_that_nothing_was_compared(tmp_path):
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(16000), 16000)
    shown = run("report", silent, "--template", "chest_xray_normal").stdout
    assert "nothing was compared" in shown and "no word was heard" in shown
    assert "no differences" not in shown and "lungs" not in shown.lower()


def test_inferences_are_switched_by_a_setting(texts, tmp_path, monkeypatch):
    heard, written = texts
    order = tmp_path / "order.json"
    order.write_text(json.dumps({"procedure": "Chest X-ray", "sex": "F"}), encoding="utf-8")
    written.write_text("FINDINGS: Small left pleural effusion. No pneumothorax. The prostate is enlarged.", "utf-8")

    def kinds() -> set[str]:
        done = run("compare", "--heard", heard, "--written", written, "--order", order)
        return {one["kind"] for one in json.loads(done.stdout)["discrepancies"]}

    assert "sex" in kinds()
    monkeypatch.setenv("DICTATION_INFERENCES", "-sex")
    assert "sex" not in kinds()
    monkeypatch.setenv("DICTATION_INFERENCES", "nonsense")
    refused = run("compare", "--heard", heard, "--written", written, check=2)
    assert "'nonsense' is no inference; there are age," in refused.stderr


def test_doctor_looks_at_a_model_of_ones_own():
    small = str(Path(__file__).parents[1] / "speech" / "data" / "small_lasr")
    found = json.loads(run("doctor", "--format", "json", "--model", small).stdout)
    checks = {one["name"]: one for one in found["checks"]}
    assert checks["medasr"]["ok"] and "float32 on the cpu" in checks["medasr"]["state"]
    missing = run("doctor", "--model", "no/such folder", "--require", "medasr", check=3)
    assert "the weights of no/such folder are not here" in missing.stderr


@pytest.mark.processor
def test_demo_lists_the_planted_differences_first_and_writes_one_page(tmp_path):
    page = tmp_path / "demo.html"
    done = run("demo", "--page", page)
    planted = {entry["id"]: entry.get("planted") for entry in json.loads((SAMPLES / "samples.json").read_text("utf-8"))}
    blocks = dict(re.findall(r"^(\d\d_\S+) .*\n((?:    .*\n)*)", done.stdout, re.M))
    assert set(blocks) == set(planted)
    assert f"{len(planted)} examples of synthetic speech" in done.stderr
    for name, kind in planted.items():
        shown = [line.split()[1] for line in blocks[name].splitlines()]
        assert shown == ([kind] if kind else []), name
    assert done.stdout.rstrip().endswith(str(page))
    assert page.stat().st_size > 100_000


def interrupted(arguments: tuple[object, ...], at_work: bytes, stdin: bytes = b"") -> str:
    """Start a command, press Ctrl-C once a line that holds `at_work` has come, and return what stderr then said."""

    def default_interrupt() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    started = subprocess.Popen(
        [sys.executable, "-m", "pipelines", *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, bufsize=0,
        preexec_fn=default_interrupt,
    )  # fmt: skip
    watch = threading.Timer(300, started.kill)
    watch.start()
    try:
        started.stdin.write(stdin)
        told = started.stdout if stdin else started.stderr
        assert any(at_work in line for line in told), "it ended before it was at work"
        started.send_signal(signal.SIGINT)
        _, said = started.communicate()
    finally:
        watch.cancel()
        started.kill()
    assert started.returncode == 130, said
    assert b"interrupted" in said and b"Traceback" not in said
    return said.decode("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="a console interrupt cannot be sent to one process on Windows")
def test_ctrl_c_keeps_the_results_that_are_finished(tmp_path, phrase):
    for number in range(40):
        (tmp_path / f"in/{number:02d}.flac").parent.mkdir(exist_ok=True)
        (tmp_path / f"in/{number:02d}.flac").write_bytes(phrase.read_bytes())
    out = tmp_path / "out"
    interrupted(("transcribe", tmp_path / "in", "--out", out), b"[2/40]")
    kept = sorted(path.name for path in out.glob("*"))
    assert {"00.flac.txt", "01.flac.txt", "02.flac.txt"} & set(kept) and "39.flac.txt" not in kept
    assert all("effusion" in path.read_text(encoding="utf-8") for path in out.glob("*.txt"))
    assert not [name for name in kept if name.startswith(".part-")]
    again = run("transcribe", *(tmp_path / f"in/{number:02d}.flac" for number in range(3)), "--out", out, "--resume")
    assert re.search("[123] of 3 were done before", again.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here plays a full disk")
def test_a_full_disk_behind_stdout_is_one_sentence(texts):
    with Path("/dev/full").open("w") as full:
        done = program("claims", texts[0], check=1, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert b"disk is full" in done.stderr and b"Traceback" not in done.stderr
