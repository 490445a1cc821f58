"""The reader's network is the library's, whatever file its weights come from, and no file can run code."""

import hashlib
import os
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
import torchxrayvision as library

from dictation.errors import Cancelled, MissingError, ModelError
from dictation.models import xrv
from dictation.models.xrv import XrvModel
from dictation.settings import Settings
from tests.models.tiny_xrv import network

SETTINGS = Settings(threads=1)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same weights alone, with their network, and with it in the way of torch before 1.6, as the published ones."""
    folder = tmp_path_factory.mktemp("xrv")
    made = network()
    torch.save(made.state_dict(), folder / "state.pt")
    torch.save(made, folder / "network.pt")
    made.op_threshs = None  # the library keeps those of the published weights in its own table
    torch.save(made, folder / xrv.PUBLISHED_FILE, _use_new_zipfile_serialization=False)
    return folder


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(1).integers(0, 256, (260, 300), dtype=np.uint8)


@pytest.fixture
def published(files, monkeypatch):
    """The file in the library's cache, taken for the published one."""
    path = files / xrv.PUBLISHED_FILE
    monkeypatch.setattr(xrv, "PUBLISHED_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(xrv, "cache_folder", lambda: files)
    return path


def by_the_library(files: Path, pixels: np.ndarray) -> np.ndarray:
    """What the library itself makes of an image with the weights in its cache."""
    made = library.models.DenseNet(weights=xrv.PUBLISHED, cache_dir=str(files))
    image = library.datasets.normalize(pixels, 255)[None]
    image = library.datasets.XRayResizer(224)(library.datasets.XRayCenterCrop()(image))
    with torch.inference_mode():
        return made(torch.from_numpy(image)[None])[0].numpy()


def test_what_is_known_of_the_library_is_true():
    entry = library.models.model_urls[xrv.PUBLISHED]
    assert entry["weights_url"].endswith("/" + xrv.PUBLISHED_FILE)
    assert Path(library.utils.get_cache_dir()) == xrv.cache_folder()
    assert entry["labels"] == library.models.DenseNet.targets and len(set(entry["labels"])) == 18
    assert entry["input_resolution"] == xrv.SIZE


def test_scores_are_the_librarys(files, image, published):
    wanted = by_the_library(files, image)
    assert len({round(float(score), 3) for score in wanted}) > 9
    for path in (files / "state.pt", files / "network.pt", None):
        model = XrvModel.load(path, SETTINGS)
        assert np.allclose(model.scores(image), wanted, atol=1e-6)
        assert model.findings == tuple(library.models.DenseNet.targets)


def test_the_record_names_the_weights(files, published):
    engine = XrvModel.load(None, SETTINGS).engine
    assert (engine.name, engine.model, engine.weights_sha256) == ("xrv", xrv.PUBLISHED, xrv.PUBLISHED_SHA256)
    other = XrvModel.load(files / "state.pt", SETTINGS).engine
    assert other.model == "state.pt"
    assert other.weights_sha256 == hashlib.sha256((files / "state.pt").read_bytes()).hexdigest()


def test_nothing_is_fetched(tmp_path, monkeypatch):
    monkeypatch.setattr(xrv, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(library.utils, "download", lambda *_: pytest.fail("it was downloaded"))
    with pytest.raises(MissingError, match=r"fetch them .*get_weights") as raised:
        XrvModel.load(None, SETTINGS)
    assert xrv.FETCH in str(raised.value) and not (tmp_path / "cache").exists()


def test_another_file_in_the_cache_is_not_the_published_one(files, monkeypatch):
    monkeypatch.setattr(xrv, "cache_folder", lambda: files)
    with pytest.raises(MissingError, match="is not the published file"):
        XrvModel.load(None, SETTINGS)


class Hostile:
    def __init__(self, mark: Path) -> None:
        self._mark = str(mark)

    def __reduce__(self):
        return os.mkdir, (self._mark,)


@pytest.mark.parametrize("form", ["pickle", "state", "network", "old network"])
def test_a_file_cannot_run_code(tmp_path, form):
    path, mark = tmp_path / "weights.pt", tmp_path / "it_ran"
    made = network()
    if form == "pickle":
        path.write_bytes(pickle.dumps(Hostile(mark)))
    elif form == "state":
        torch.save({**made.state_dict(), "extra": Hostile(mark)}, path)
    else:
        made.extra = Hostile(mark)
        torch.save(made, path, _use_new_zipfile_serialization=form == "network")
    with pytest.raises(MissingError, match=r"weights\.pt: is not the published file .* save its state_dict"):
        XrvModel.load(path, SETTINGS)
    assert not mark.exists()
    with warnings.catch_warnings(), path.open("rb") as file:  # the file is armed: read without care, it runs
        warnings.simplefilter("ignore")
        pickle.load(file) if form == "pickle" else torch.load(file, weights_only=False)
    assert mark.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a network" * 99])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / "weights.pt").write_bytes(content)
    with pytest.raises(MissingError, match=r"weights\.pt: is not the published file"):
        XrvModel.load(tmp_path / "weights.pt", SETTINGS)


POINTS = torch.full((18,), 0.5)
SOMETHING_ELSE = {
    "no operating points": [
        {"op_threshs": None},
        {"op_threshs": torch.where(torch.arange(18) == 3, 1.5, POINTS)},
        {"op_threshs": POINTS.to(torch.complex64)},
        {"op_threshs": POINTS.to("meta")},
        {"op_threshs": POINTS[1:]},
    ],
    "holds no DenseNet-121": [{"classifier.weight": torch.zeros(18, 1023)}, {"features.conv0.weight": None}],
}


@pytest.mark.parametrize(
    ("why", "number"), [(why, number) for why, changes in SOMETHING_ELSE.items() for number in range(len(changes))]
)
def test_weights_of_something_else_are_named(tmp_path, why, number):
    state = network().state_dict() | SOMETHING_ELSE[why][number]
    torch.save({name: value for name, value in state.items() if value is not None}, tmp_path / "weights.pt")
    with pytest.raises(MissingError, match=rf"weights\.pt: .*{why}"):
        XrvModel.load(tmp_path / "weights.pt", SETTINGS)


def test_scores_that_are_no_numbers_are_an_error(tmp_path, image):
    state = network().state_dict()
    state["classifier.bias"][0] = torch.nan
    torch.save(state, tmp_path / "weights.pt")
    with pytest.raises(ModelError, match="no numbers"):
        XrvModel.load(tmp_path / "weights.pt", SETTINGS).scores(image)


def test_a_network_of_other_findings_states_their_names(tmp_path, image):
    made = library.models.DenseNet(num_classes=2, op_threshs=torch.tensor([0.3, 0.6]))
    made.targets = ["Effusion", "Clavicle"]
    torch.save(made, tmp_path / "weights.pt")
    model = XrvModel.load(tmp_path / "weights.pt", SETTINGS)
    assert model.findings == ("Effusion", "Clavicle") and model.scores(image).shape == (2,)


def test_colour_is_read_as_grey(files, image):
    model = XrvModel.load(files / "state.pt", SETTINGS)
    assert np.allclose(model.scores(np.dstack([image] * 3)), model.scores(image), atol=1e-5)


def test_the_middle_of_a_long_image_is_read(files, image):
    model = XrvModel.load(files / "state.pt", SETTINGS)
    middle = image[:, 20:280]
    assert np.allclose(model.scores(image), model.scores(middle))
    assert not np.allclose(model.scores(image), model.scores(image[:, :260]), atol=1e-4)


def test_reading_stops_when_it_is_cancelled(files, image):
    from threading import Event

    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        XrvModel.load(files / "state.pt", SETTINGS).scores(image, cancel)
