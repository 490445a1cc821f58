"""The small MedASR in rising noise: what its confidences are worth, measured, kept and used."""

import io
import json
from contextlib import redirect_stderr
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE, Recording
from dictation.errors import InputError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.settings import Settings
from dictation.speech.calibration import UNCALIBRATED, calibration_file
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.recognizer import Job
from pipelines import calibrate as pipeline
from pipelines.calibrate import Judged, calibrate
from tests.speech.tiny_lasr import CLIPS, SMALL_LASR

SAID = {
    "lungs": "The lungs are clear",
    "effusion": "No pleural effusion or pneumothorax",
    "nodule": "There is a six millimeter nodule in the right upper lobe",
    "impression": "Impression: No acute finding",
}
TEXT = " ".join(SAID[clip.stem] for clip in CLIPS)
NOISES = (0.012, 0.018, 0.02, 0.022, 0.025, 0.025)  # from no error to every second word
RECORDINGS = 28
SILENCE = np.zeros(SAMPLE_RATE // 2)
FIRST_CLIP_S = len(Recording(CLIPS[0]).samples()) / SAMPLE_RATE


def recognizer(home, **changes) -> MedASRRecognizer:
    return MedASRRecognizer.load(SMALL_LASR, Settings(home=home, medasr_beam=1, **changes))


def noisy(noise: float, seed: int) -> np.ndarray:
    samples = np.concatenate([part for clip in CLIPS for part in (Recording(clip).samples(), SILENCE)])
    return (samples + np.random.default_rng(seed).normal(0, noise, len(samples))).astype(np.float32)


def heard(ear: MedASRRecognizer, samples: np.ndarray):
    [(_, transcript)] = ear.transcribe([Job("1", Recording.from_samples(samples, SAMPLE_RATE, "m"), EMPTY_VOCABULARY)])
    return transcript


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """One calibration, on 28 recordings that are heard and three lines that cannot be used."""
    folder = tmp_path_factory.mktemp("calibration")
    lines = [{"audio": "gone.wav", "text": TEXT}, {"audio": "text.wav", "text": TEXT}]
    (folder / "text.wav").write_text("this is no sound")
    for number in range(RECORDINGS):
        soundfile.write(folder / f"{number}.wav", noisy(NOISES[number % len(NOISES)], number), SAMPLE_RATE)
        lines.append({"audio": f"{number}.wav", "text": TEXT})
    lines.append({"audio": "3.wav", "text": TEXT})
    manifest = folder / "manifest.jsonl"
    manifest.write_text("\n".join(json.dumps(line) for line in lines))
    home, noted = folder / "home", io.StringIO()
    before = recognizer(home)
    with redirect_stderr(noted):
        table, whole = calibrate(manifest, before, Settings(home=home))
    return SimpleNamespace(
        home=home, folder=folder, before=before, table=table, whole=whole, noted=noted.getvalue(),
        file=calibration_file(home, before.engine),
    )  # fmt: skip


def test_the_table_says_what_was_measured(run):
    kept = json.loads(run.file.read_text())
    head, *rows, last = run.table.splitlines()
    assert head.startswith("medasr small_lasr (float32") and f"{kept['words']} words of {RECORDINGS} recordings" in head
    assert len(rows) >= 6
    assert kept["words"] >= 500 and kept["wrong"] >= 10
    assert kept["error_after"] < kept["error_before"]
    assert last.startswith(f"expected calibration error {kept['error_before']:.3f} before")


def test_the_same_engine_is_calibrated_from_then_on_and_says_so(run):
    after = recognizer(run.home)
    assert after.engine.settings["confidence"].startswith("calibrated on ")
    sound = noisy(0.03, seed=99)
    own, calibrated = heard(run.before, sound).words, heard(after, sound).words
    assert [word.text for word in own] == [word.text for word in calibrated]
    assert [word.confidence for word in own] != [word.confidence for word in calibrated]
    pairs = sorted((one.confidence, other.confidence) for one, other in zip(own, calibrated, strict=True))
    assert [pair[1] for pair in pairs] == sorted(pair[1] for pair in pairs)


def test_bad_rows_are_named_and_counted(run):
    assert not run.whole
    assert "manifest.jsonl, line 1: the column 'audio' names no file" in run.noted
    assert "text.wav" in run.noted
    assert f"manifest.jsonl, line {RECORDINGS + 3}: an earlier line labels the same sound" in run.noted
    assert "3 rows or recordings could not be used." in run.noted
    assert f"[{RECORDINGS + 1}/{RECORDINGS + 1}] " in run.noted


def test_no_dictated_word_is_kept_or_shown(run):
    shown = f"{run.file.read_text()} {run.table} {run.noted}".lower()
    assert not any(word in shown for word in ("lungs", "effusion", "pneumothorax", "nodule", "lobe", "acute"))


def test_a_calibrated_recognizer_is_measured_by_its_own_confidences_and_too_few_words_are_refused(run):
    (run.folder / "one.csv").write_text(f'audio,text\n0.wav,"{TEXT}"\n')
    after = recognizer(run.home)
    with pytest.raises(InputError, match=r"one\.csv: 2\d words could be compared and at least 500 are needed"):
        calibrate(run.folder / "one.csv", after, Settings(home=run.home))
    assert after.confidence is UNCALIBRATED


def test_a_part_of_a_recording_can_be_labelled_and_the_same_sound_counts_once(run, capsys):
    lines = ["audio,text,start_s,end_s", f"0.wav,{SAID[CLIPS[0].stem]},0,{FIRST_CLIP_S + 0.3}"]
    soundfile.write(run.folder / "copy.wav", noisy(NOISES[0], 0), SAMPLE_RATE)
    lines += ["copy.wav,x,,", "1.wav,x,5,2", "2.wav,x,a,b", "0.wav,x,1,9"]
    (run.folder / "parts.csv").write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"parts\.csv: 5 words could be compared"):
        calibrate(run.folder / "parts.csv", run.before, Settings(home=run.home))
    noted = capsys.readouterr().err
    assert "5 words, 0 wrong" in noted
    assert "copy.wav: the same recording under another name" in noted
    assert "line 4: start_s and end_s must be rising seconds" in noted
    assert "line 5: start_s and end_s must be rising seconds" in noted
    assert "line 6: an earlier line labels the same sound" in noted


def judged(confidences: list[float], right: list[bool]) -> Judged:
    return Judged(confidences, right, [number % 10 for number in range(len(right))], [f"{n:064}" for n in range(10)])


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (judged([0.9] * 600, [True] * 600), "0 of 600 words were wrong; at least 10 right and 10 wrong"),
        (judged([0.9] * 600, [True] * 5 + [False] * 595), "595 of 600 words were wrong"),
        (judged([0.9] * 600, [True] * 540 + [False] * 60), "the recognizer's own are by 0.000, so nothing was kept"),
        (judged([0.9] * 100, [True] * 80 + [False] * 20), "100 words could be compared"),
        (
            Judged([0.9] * 600, [True, False] * 300, [number % 4 for number in range(600)], ["0" * 64] * 9),
            "the words come from 4 recordings and at least 5 are needed, .*; add recordings",
        ),
        (Judged(), "0 words could be compared"),
    ],
    ids=["no errors", "all errors", "good already", "few words", "few recordings", "nothing"],
)
def test_what_says_too_little_is_refused(run, tmp_path, found, why):
    with pytest.raises(InputError, match=why):
        pipeline._measured(tmp_path / "m.csv", run.before.engine, found)
