"""A pair's probability is the network's own softmax over its two texts, for an image resized as in the evaluation."""

import json
from threading import Event

import numpy as np
import pytest
import torch

from dictation.errors import Cancelled
from dictation.lexicon import rows
from dictation.models.siglip import SiglipModel
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
