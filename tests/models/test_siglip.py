"""A pair's probability is the network's own softmax over its two texts, for an image resized as in the evaluation."""

import json
import shutil
from threading import Event

import numpy as np
import pytest
import torch

from dictation.errors import Cancelled, MissingError, ModelError
from dictation.lexicon import rows
from dictation.models.siglip import MEDSIGLIP, SiglipModel
from dictation.settings import Settings
from tests.models.tiny_siglip import SIDE, save_tiny_siglip
from tests.reading.studies import noise

SETTINGS = Settings(threads=1)
PAIRS = [(row["positive"], row["negative"]) for row in rows("siglip_pairs")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_siglip(tmp_path_factory.mktemp("siglip") / "tiny")


@pytest.fixture(scope="module")
def model(folder):
    return SiglipModel.load(folder, SETTINGS)


@pytest.mark.parametrize("colour", [False, True])
def test_probabilities_are_the_networks(folder, model, colour):
    from PIL import Image
    from transformers import AutoProcessor
    from transformers import SiglipModel as Network

    pixels = noise(96, 64)
    pixels = np.dstack([pixels, pixels[::-1], 255 - pixels]) if colour else pixels
    halves = pixels.reshape(SIDE, 3, SIDE, 2, -1)[:, 1, :].astype(float).mean(axis=2).astype(np.uint8)
    small = Image.fromarray(halves if colour else halves[..., 0]).convert("RGB")  # bilinear without smoothing, by hand
    texts = [text for pair in PAIRS for text in pair]
    inputs = AutoProcessor.from_pretrained(folder)(text=texts, images=small, padding="max_length", return_tensors="pt")
    with torch.inference_mode():
        odds = Network.from_pretrained(folder, dtype=torch.float32)(**inputs).logits_per_image[0]
    wanted = torch.softmax(odds.view(-1, 2), dim=1)[:, 0]
    found = model.probabilities(pixels, model.encoded(PAIRS))
    assert np.allclose(found, wanted, atol=1e-5)
    assert found.min() < 0.45 and found.max() > 0.55


def test_the_opposite_pair_has_the_rest(model):
    there, not_there = (model.encoded(pairs) for pairs in (PAIRS, [(no, yes) for yes, no in PAIRS]))
    pixels = noise(64, 64)
    assert np.allclose(model.probabilities(pixels, there) + model.probabilities(pixels, not_there), 1, atol=1e-5)


def test_the_padding_is_read_whatever_the_tokenizer_gives(model, tmp_path):
    folder = save_tiny_siglip(tmp_path / "masked")
    config = json.loads((folder / "tokenizer_config.json").read_text())
    masks = {"model_input_names": ["input_ids", "attention_mask"]}
    (folder / "tokenizer_config.json").write_text(json.dumps(config | masks))
    masked = SiglipModel.load(folder, SETTINGS)
    assert "attention_mask" in masked._processor.tokenizer("pleural effusion")
    assert torch.equal(masked.encoded(PAIRS).first, model.encoded(PAIRS).first)


def full(**_):
    raise torch.OutOfMemoryError("CUDA out of memory")


def test_too_little_memory_is_an_error_with_the_fix(model, monkeypatch):
    pairs = model.encoded(PAIRS[:1])
    monkeypatch.setattr(model._network.text_model, "forward", full)
    monkeypatch.setattr(model._network.vision_model, "forward", full)
    with pytest.raises(MissingError, match=r"tiny: the memory of this machine's cpu is too small for MedSigLIP; close"):
        model.encoded(PAIRS)
    with pytest.raises(ModelError, match="too small for this image; close other programs"):
        model.probabilities(noise(64, 64), pairs)


def test_the_record_names_the_weights(model, folder):
    assert (model.engine.name, model.engine.model, model.engine.precision) == ("medsiglip", "tiny", "float32 (cpu)")
    assert len(model.engine.weights_sha256) == 64


def test_a_text_that_is_too_long_is_never_cut(model):
    with pytest.raises(ValueError, match="longer than 64 tokens"):
        model.encoded([("pleural effusion " * 30, "no effusion")])


def test_reading_stops_when_it_is_cancelled(model):
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        model.probabilities(noise(64, 64), model.encoded(PAIRS[:1]), cancel)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        *[
            (name, None, f"{name} is missing; give a folder with a MedSigLIP model")
            for name in ("spiece.model", "config.json", "model.safetensors", "processor_config.json")
        ],
        *[(name, "damaged", "its files are damaged, get them again") for name in ("spiece.model", "model.safetensors")],
        ("config.json", '{"model_type": "clip"}', "a model of type clip, not siglip"),
    ],
)
def test_a_file_that_is_missing_damaged_or_of_another_model_is_named(folder, tmp_path, name, content, says):
    copied = shutil.copytree(folder, tmp_path / "model")
    (copied / name).unlink() if content is None else (copied / name).write_text(content)
    with pytest.raises(MissingError, match=says):
        SiglipModel.load(copied, SETTINGS)


def test_a_model_that_is_nowhere_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(MissingError, match=r"google/medsiglip-448: it is not on this machine"):
        SiglipModel.load(None, SETTINGS)
    assert MEDSIGLIP.cached() is None
