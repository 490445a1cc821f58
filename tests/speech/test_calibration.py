from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dictation.speech import Engine, Word
from dictation.speech.calibration import UNCALIBRATED, Calibration, calibration_file, confidence_of, decoding_of
from dictation.speech.reliability import bins, calibration_error, fitted, read, unseen

ENGINE = Engine(
    name="medasr",
    weights_sha256="ab" * 32,
    precision="int8 (cpu)",
    settings={"beam": 8, "alpha": 0.5, "batch": 4, "confidence": "uncalibrated"},
)
POINTS = ((0.2, 0.1), (0.6, 0.5), (0.9, 0.5), (0.95, 0.98))


def calibration(**changes) -> Calibration:
    values = {
        "engine": "medasr", "model": "m", "weights_sha256": ENGINE.weights_sha256, "precision": ENGINE.precision,
        "decoding": decoding_of(ENGINE), "points": POINTS, "words": 1234, "wrong": 60, "recordings": ("00" * 32,),
        "error_before": 0.1, "error_after": 0.02, "made_on": date(2026, 11, 25),
    }  # fmt: skip
    return Calibration(**values | changes)


def keep(home, engine: Engine, content: str):
    path = calibration_file(home, engine)
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    return path


def overconfident(words: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Confidences, a third of them exactly 1, of words that are right less often than these say."""
    random = np.random.default_rng(seed)
    confidences = np.where(random.random(words) < 0.3, 1.0, random.beta(8, 1, words))
    return confidences, random.random(words) < np.where(confidences == 1, 0.97, 0.2 + 0.75 * confidences**3)


def test_a_kept_calibration_is_found_and_applied(tmp_path):
    keep(tmp_path, ENGINE, calibration().model_dump_json())
    found = confidence_of(tmp_path, ENGINE)
    assert found.record.startswith("calibrated on 1234 words, sha256 ")
    said = [Word(text=text, confidence=value) for text, value in (("no", 0.0), ("left", 0.4), ("mass", 0.75), ("x", 1))]
    assert [word.confidence for word in found.applied(said)] == [0.1, 0.3, 0.5, 0.98]
    assert [word.text for word in found.applied(said)] == ["no", "left", "mass", "x"]
    assert found.applied([Word(text="typed")])[0].confidence is None


def test_without_one_the_confidences_stay_as_they_are(tmp_path):
    assert confidence_of(tmp_path, ENGINE) is UNCALIBRATED
    words = (Word(text="no", confidence=0.4),)
    assert UNCALIBRATED.applied(words) == words


@pytest.mark.parametrize(
    "changes",
    [
        {"weights_sha256": "ab" * 31 + "cd"},
        {"precision": "float32 (cpu)"},
        {"name": "whisper"},
        {"settings": ENGINE.settings | {"beam": 1}},
        {"settings": ENGINE.settings | {"language model": "lm.kenlm"}},
    ],
    ids=["weights", "precision", "engine", "beam", "language model"],
)
def test_another_engine_is_not_calibrated_by_it(tmp_path, changes):
    """Weights that begin alike share the name of the file: they are told apart by their whole hash."""
    keep(tmp_path, ENGINE, calibration().model_dump_json())
    assert confidence_of(tmp_path, ENGINE.model_copy(update=changes)).calibration is None


def test_what_changes_no_confidence_does_not_part_an_engine_from_its_calibration(tmp_path):
    keep(tmp_path, ENGINE, calibration().model_dump_json())
    other = {"batch": 16, "chosen": "auto: it is here", "confidence": "calibrated on 1 words", "threads": 2}
    assert confidence_of(tmp_path, ENGINE.model_copy(update={"settings": ENGINE.settings | other})).calibration


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[1]", '{"points": "no"}', "\x00\xff", calibration().model_dump_json()[:-40]],
)
def test_a_damaged_calibration_is_not_used_and_the_record_says_so(tmp_path, content):
    path = keep(tmp_path, ENGINE, content)
    found = confidence_of(tmp_path, ENGINE)
    assert found.calibration is None
    assert found.record == f"uncalibrated: calibration/{path.name} cannot be used; run dictation calibrate again"


@pytest.mark.parametrize("points", [(), ((0.5, 0.9), (0.6, 0.8)), ((0.5, 0.5), (0.5, 0.6)), ((0.5, 1.2),)])
def test_a_map_that_falls_is_refused(points):
    with pytest.raises(ValidationError):
        calibration(points=points)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=300), st.floats(0, 1), st.floats(0, 1))
def test_the_surer_word_stays_the_surer_one(labelled, one, other):
    confidences, right = np.array([pair[0] for pair in labelled]), np.array([pair[1] for pair in labelled])
    made = calibration(points=fitted(confidences, right))
    low, high = sorted((one, other))
    assert 0 <= made.probability(low) <= made.probability(high) <= 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((0.2, 0.5, 0.99, 1.0)), st.booleans()), max_size=200), st.integers(1, 50))
def test_every_word_is_in_one_bin_and_equal_confidences_stay_together(labelled, least):
    confidences, right = np.array([pair[0] for pair in labelled]), np.array([pair[1] for pair in labelled], bool)
    table = bins(confidences, right, least)
    assert sum(row.words for row in table) == len(labelled)
    assert all(row.words >= least for row in table[:-1]) and all(
        row.words >= min(least, len(labelled)) for row in table
    )
    assert all(before.highest < after.lowest for before, after in pairwise(table))


def test_the_map_is_right_about_recordings_that_it_has_not_seen():
    confidences, right = overconfident(5000)
    after = unseen(confidences, right, np.arange(5000) // 50)
    assert calibration_error(confidences, right) > 0.08
    assert calibration_error(after, right) < 0.02
    fresh, correct = overconfident(5000, seed=1)
    assert calibration_error(read(fitted(confidences, right), fresh), correct) < 0.02


def test_a_word_is_judged_by_a_map_that_its_own_recording_had_no_part_in():
    """One recording of five is right throughout: the others know nothing of it."""
    confidences, right = np.full(500, 0.9), np.arange(500) < 100
    assert unseen(confidences, right, np.arange(500) // 100)[right].max() < 0.01


@pytest.mark.parametrize("recordings", [0, 1, 4])
def test_fewer_than_five_recordings_cannot_judge_one_another(recordings):
    """Parts of one recording share its voice and its room: no map is unseen by them."""
    words = 100 * recordings
    with pytest.raises(ValueError, match="recordings"):
        unseen(np.full(words, 0.9), np.arange(words) < 50, np.arange(words) // 100)


def test_confidences_that_mean_what_they_say_have_no_error():
    confidences = np.repeat([0.5, 0.8, 1.0], 100)
    right = np.concatenate([np.arange(100) < 50, np.arange(100) < 80, np.ones(100, bool)])
    assert calibration_error(confidences, right) == pytest.approx(0)
    assert calibration_error(np.full(300, 1.0), right) == pytest.approx(1 - right.mean())
