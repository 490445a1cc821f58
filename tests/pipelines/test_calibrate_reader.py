"""A small MedSigLIP on drawn images whose labels follow its own logits: what is measured, kept, used and refused."""

import io
import json
from contextlib import redirect_stderr
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dictation.case import choose_reader
from dictation.errors import Cancelled, InputError, ModelError
from dictation.imaging import load_study
from dictation.reading.calibration import calibration_file
from dictation.reading.platt import logits, sigmoid
from dictation.settings import Settings
from pipelines import calibrate_reader as pipeline
from pipelines.calibrate_reader import calibrate_reader
from pipelines.image_manifest import read_image_manifest
from tests.models.tiny_siglip import save_tiny_siglip
from tests.reading.studies import chest, noise

IMAGES = 120
EXAM = {"modality": "DX", "body_part": "chest", "view": "PA"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_siglip(tmp_path_factory.mktemp("siglip") / "tiny")


@pytest.fixture(scope="module")
def images(tmp_path_factory, folder):
    """Drawn images; pneumothorax is there as often as a map of the reader's probability says, nodules at random."""
    place = tmp_path_factory.mktemp("images")
    reader = choose_reader(f"medsiglip={folder}", Settings(home=place, threads=1))
    values = []
    for number in range(IMAGES):
        pixels = noise(40, 40, number)
        Image.fromarray(pixels).save(place / f"{number}.png")
        said = {opinion.finding: opinion.probability for opinion in reader.read(chest(pixels)).opinions}
        values.append(said["pneumothorax"])
    odds = logits(np.array(values))
    made = np.random.default_rng(3)
    share = sigmoid(3 * (odds - odds.mean()) / odds.std() - 0.5)
    rows = []
    for number in range(IMAGES):
        labels = {
            "Pneumothorax": int(made.random() < share[number]),
            "fracture": int(made.random() < 0.5),
            "Consolidation": int(number < 12),
            "Emphysema": int(number % 2),
        }
        rows.append({"image": f"{number}.png", "patient": f"MRN-{number}", **EXAM, **labels, "hospital": "north"})
    return SimpleNamespace(folder=place, rows=rows, model=f"medsiglip={folder}")


def manifest_of(images, rows, name="manifest.jsonl"):
    path = images.folder / name
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def settings_of(folder, **changes):
    return Settings(home=folder / "home", cache=folder / "cache", threads=1, **changes)


@pytest.fixture(scope="module")
def run(images, tmp_path_factory):
    """One calibration, with lines that cannot be used."""
    settings = settings_of(tmp_path_factory.mktemp("run"))
    reader = choose_reader(images.model, settings, calibrated=False)
    bad = [
        {"image": "gone.png", **EXAM, "pneumothorax": 1},
        {"image": "", **EXAM, "pneumothorax": 1},
        {"image": "1.png", **EXAM, "pneumothorax": "maybe"},
        {"image": "2.png", **EXAM, "pneumothorax": 1},
        {"image": "3.png", "pneumothorax": 1},
    ]
    path, noted = manifest_of(images, [*images.rows, *bad]), io.StringIO()
    with redirect_stderr(noted):
        table, whole = calibrate_reader(path, reader, settings)
    file = calibration_file(settings.home, reader.engine)
    return SimpleNamespace(
        settings=settings, reader=reader, table=table, whole=whole, noted=noted.getvalue(), file=file
    )


def test_what_was_measured_is_kept(run):
    kept = json.loads(run.file.read_text())
    assert list(kept["findings"]) == ["pneumothorax"]
    found = kept["findings"]["pneumothorax"]
    assert found["present"] + found["absent"] == found["patients"] == IMAGES == kept["images"]
    assert found["auc"] > 0.8 and found["brier_after"] < found["brier"]
    assert (kept["weights_sha256"], kept["reader"]) == (run.reader.engine.weights_sha256, "medsiglip")
    assert kept["versions"] == {
        name: run.reader.engine.versions[name] for name in ("radiology-dictation", "torchvision", "transformers")
    }
    assert run.table.splitlines()[2].startswith("pneumothorax")


def test_bad_rows_are_named_and_the_rest_counts(run):
    assert not run.whole
    for line, why in (
        (IMAGES + 1, "the column 'image' names no file"),
        (IMAGES + 2, "its 'image' is empty"),
        (IMAGES + 3, "its 'pneumothorax' is neither 1 nor 0 nor empty"),
        (IMAGES + 4, "the same image as in line 3"),
        (IMAGES + 5, "not assessed: neither an image header nor the order states"),
    ):
        assert f"manifest.jsonl, line {line}: {why}" in run.noted
    assert "no finding is called hospital" in run.noted
    assert "5 rows or images could not be used" in run.noted


def test_nothing_kept_names_a_patient_or_a_file(run):
    kept = [path for folder in (run.settings.home, run.settings.cache) for path in folder.rglob("*") if path.is_file()]
    assert len(kept) == 2
    for path in kept:
        assert "MRN" not in path.read_text() and ".png" not in path.read_text() and "MRN" not in path.name


def test_the_reader_is_calibrated_from_now_on(run, images):
    study = chest(noise(40, 40, 5))
    before = {opinion.finding: opinion for opinion in run.reader.read(study).opinions}
    reader = choose_reader(images.model, run.settings)
    assert reader.engine.settings["calibration"].startswith(f"calibrated on {IMAGES} images")
    for opinion in reader.read(study).opinions:
        assert opinion.calibrated == (opinion.finding == "pneumothorax")
        assert opinion.calibrated or opinion == before[opinion.finding]
    assert before["pneumothorax"].probability != reader.read(study).opinions[1].probability


def test_an_interrupted_run_goes_on(images, tmp_path, monkeypatch, capsys):
    settings = settings_of(tmp_path)
    reader = choose_reader(images.model, settings, calibrated=False)
    path = manifest_of(images, images.rows, "again.jsonl")
    loaded = []

    def interrupted(paths):
        if len(loaded) == 50:
            raise KeyboardInterrupt
        loaded.append(paths)
        return load_study(paths)

    monkeypatch.setattr(pipeline, "load_study", interrupted)
    with pytest.raises(Cancelled, match="interrupted after 50 of 120 images; run it again"):
        calibrate_reader(path, reader, settings)
    assert not calibration_file(settings.home, reader.engine).exists()
    monkeypatch.setattr(pipeline, "load_study", load_study)
    [remembered] = (settings.cache / "readings").iterdir()
    remembered.write_text(remembered.read_text()[:-20])  # the last line was not finished
    asked, read = [], reader.read
    monkeypatch.setattr(reader, "read", lambda study, **beside: asked.append(study) or read(study, **beside))
    _, whole = calibrate_reader(path, reader, settings)
    assert whole and len(asked) == IMAGES - 49
    calibrate_reader(path, reader, settings)
    assert len(asked) == IMAGES - 49
    assert "[120/120] images read" in capsys.readouterr().err


def test_patients_are_counted_and_not_images(images, tmp_path):
    settings = settings_of(tmp_path)
    reader = choose_reader(images.model, settings, calibrated=False)
    few = [row | {"patient": f"MRN-{number % 20}"} for number, row in enumerate(images.rows)]
    with pytest.raises(InputError, match="none of its findings could be calibrated"):
        calibrate_reader(manifest_of(images, few, "few.jsonl"), reader, settings)
    assert not settings.home.exists()


def test_a_reader_that_does_not_know_its_weights_is_refused(images, tmp_path):
    settings = settings_of(tmp_path)
    reader = choose_reader(images.model, settings, calibrated=False)
    reader.engine = reader.engine.model_copy(update={"weights_sha256": ""})
    with pytest.raises(ModelError, match="does not say which weights it runs"):
        calibrate_reader(manifest_of(images, images.rows, "endpoint.jsonl"), reader, settings)


def test_a_table_is_read_like_json_lines(images):
    lines = [
        "image,patient,modality,body_part,view,Pleural Effusion,no such thing",
        "1.png,A,DX,chest,PA,1.0,x",
        "2.png",
    ]
    path = images.folder / "manifest.csv"
    path.write_text("\n".join(lines))
    rows, errors, unknown = read_image_manifest(path)
    assert rows[0].labels == {"pleural_effusion": True} and rows[0].order.procedure == "PA"
    assert rows[1].labels == {} and rows[1].patient == ""
    assert not errors and unknown == ["no such thing"]


@pytest.mark.parametrize(
    "text, why",
    [
        ("image,patient\n1.png,A\n", "none of its columns is a finding"),
        ("picture,pneumothorax\n1.png,1\n", "no column 'image'"),
        ("", "holds no row"),
    ],
)
def test_a_manifest_that_is_none_is_named(images, text, why):
    path = images.folder / "wrong.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"wrong\.csv: .*{why}"):
        read_image_manifest(path)


def test_two_columns_of_one_finding_must_agree(images):
    path = images.folder / "two.csv"
    path.write_text("image,effusion,pleural effusion\n1.png,1,1\n2.png,1,0\n")
    rows, errors, _ = read_image_manifest(path)
    assert len(rows) == 1 and "say different things of 'pleural_effusion'" in str(errors[0])
