"""Two numbers turn a reader's probabilities into shares; they count for that reader only, as it is asked now."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from dictation.reading.calibration import FindingCalibration, SiteCalibration, calibration_file, calibration_of, code_of
from dictation.reading.platt import FOLDS, auc, brier, fitted, logits, sigmoid, unseen
from dictation.speech import Engine

ENGINE = Engine(
    name="xrv", model="m", weights_sha256="a" * 64, precision="float32 (cpu)", settings={"prompt_version": "1"},
    versions={"transformers": "5.5", "torchvision": "none", "torchxrayvision": "1.5", "radiology-dictation": "0.1"},
)  # fmt: skip
FINDING = FindingCalibration(
    slope=2.0, intercept=-1.0, present=40, absent=50, patients=80, auc=0.9, auc_after=0.9, brier=0.3, brier_after=0.1
)


def kept(home, engine=ENGINE, **changes) -> SiteCalibration:
    values = {
        "reader": engine.name, "model": engine.model, "weights_sha256": engine.weights_sha256,
        "precision": engine.precision, "prompt_version": engine.settings.get("prompt_version", ""),
        "versions": code_of(engine), "findings": {"pneumothorax": FINDING}, "images": 90, "made_on": date(2026, 1, 2),
    }  # fmt: skip
    made = SiteCalibration(**values | changes)
    file = calibration_file(home, engine)
    file.parent.mkdir(exist_ok=True)
    file.write_text(made.model_dump_json())
    return made


def drawn(slope: float, intercept: float, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    made = np.random.default_rng(5)
    values = made.normal(0, 2, count)
    return values, made.random(count) < sigmoid(slope * values + intercept)


@pytest.mark.parametrize("slope, intercept", [(1.0, 0.0), (0.4, -2.0), (3.0, 1.0)])
def test_the_two_numbers_are_found_again(slope, intercept):
    found = fitted(*drawn(slope, intercept))
    assert found == pytest.approx((slope, intercept), abs=0.2)


def test_labels_without_a_fault_make_nobody_infinitely_sure():
    values = np.linspace(-3, 3, 60)
    slope, intercept = fitted(values, values > 0)
    assert 0 < slope < 20
    assert 0.9 < sigmoid(np.array([slope * 3 + intercept]))[0] < 0.999


@given(some.lists(some.tuples(some.floats(0, 1), some.booleans()), min_size=2, max_size=60))
def test_any_labels_of_two_kinds_can_be_fitted(images):
    present = np.array([has for _, has in images])
    values = logits(np.array([value for value, _ in images]))
    if present.all() or not present.any():
        with pytest.raises(ValueError, match="one kind"):
            fitted(values, present)
    else:
        assert np.isfinite(fitted(values, present)).all()
        assert 0 <= auc(values, present) <= 1


def test_auc_counts_pairs():
    values, present = np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, True, False, True])
    assert auc(values, present) == pytest.approx((1 + 0.5 + 1 + 1) / 4)


def test_a_patient_is_judged_by_the_others_only():
    values, present = drawn(1.0, 0.0, 200)
    patients = list(range(100)) * 2
    present[[7, 107]] = True, False  # two images of one patient
    changed = present.copy()
    changed[[7, 107]] = False, True
    before, after = unseen(values, present, patients), unseen(values, changed, patients)
    assert before[[7, 107]] == pytest.approx(after[[7, 107]], abs=1e-12)
    assert before != pytest.approx(after)


def test_all_images_of_one_patient_say_nothing():
    values, present = drawn(1.0, 0.0, 100)
    with pytest.raises(ValueError, match=f"fewer than {FOLDS} patients"):
        unseen(values, present, [0] * 100)


def test_brier_is_the_mean_squared_error():
    assert brier(np.array([1.0, 0.5]), np.array([True, True])) == pytest.approx(0.125)


def test_a_probability_is_turned_into_the_measured_share(tmp_path):
    made = kept(tmp_path)
    assert calibration_of(tmp_path, ENGINE) == made
    assert made.apply("pneumothorax", 0.5) == pytest.approx(sigmoid(np.array([-1.0]))[0])
    assert made.apply("nodule", 0.5) is None
    assert 0 < made.apply("pneumothorax", 0.0) < made.apply("pneumothorax", 1.0) < 1
    assert made.record.startswith("calibrated on 90 images, sha256 ")


@pytest.mark.parametrize(
    "changes",
    [
        {"weights_sha256": "b" * 64},
        {"weights_sha256": ""},
        {"precision": "bfloat16 (cuda)"},
        {"name": "medsiglip"},
        {"settings": {"prompt_version": "2"}},
        {"settings": {}},
        {"versions": ENGINE.versions | {"transformers": "5.6"}},
        {"versions": ENGINE.versions | {"torchvision": "0.25"}},
        {"versions": ENGINE.versions | {"torchxrayvision": "1.6"}},
        {"versions": ENGINE.versions | {"radiology-dictation": "0.2"}},
        {"versions": {}},
    ],
)
def test_it_counts_for_this_reader_only(tmp_path, changes):
    kept(tmp_path)
    other = ENGINE.model_copy(update=changes)
    assert calibration_of(tmp_path, other) is None
    file = calibration_file(tmp_path, other)
    file.write_bytes(calibration_file(tmp_path, ENGINE).read_bytes())  # even where its file was put there
    assert calibration_of(tmp_path, other) is None


def test_other_settings_change_no_probability(tmp_path):
    made = kept(tmp_path)
    settings = {"prompt_version": "1", "read_also": ["ct"]}
    other = ENGINE.model_copy(update={"settings": settings, "versions": ENGINE.versions | {"llguidance": "2"}})
    assert calibration_of(tmp_path, other) == made


@pytest.mark.parametrize("content", ["", "{}", "[", '{"schema_version": 99}'])
def test_a_damaged_file_calibrates_nothing(tmp_path, content):
    kept(tmp_path)
    calibration_file(tmp_path, ENGINE).write_text(content)
    assert calibration_of(tmp_path, ENGINE) is None


def test_no_reader_that_falls_while_the_truth_rises_is_calibrated(tmp_path):
    with pytest.raises(ValueError, match="greater than 0"):
        FindingCalibration(**FINDING.model_dump() | {"slope": -1.0})


@pytest.mark.parametrize(
    ("present", "absent", "calibrated", "tells"),
    [
        (5, 95, 0.05, False),  # as frequent as ever: an absence that the frequency states, not the image
        (5, 95, 0.33, False),  # the image makes it likelier: no reason to say that it is absent
        (5, 95, 0.02, True),
        (5, 95, 0.6, True),
        (50, 50, 0.6, False),
        (50, 50, 0.7, True),
        (50, 50, 0.3, True),
        (95, 5, 0.9, False),
        (95, 5, 0.6, False),  # the image makes it less likely: no reason to say that it is there
    ],
)
def test_an_answer_that_only_its_frequency_gives_is_not_the_images(tmp_path, present, absent, calibrated, tells):
    finding = FINDING.model_copy(update={"present": present, "absent": absent})
    assert kept(tmp_path, findings={"pneumothorax": finding}).tells("pneumothorax", calibrated) is tells
