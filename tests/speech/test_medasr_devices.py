"""What of the paths to GPUs a CPU can show: devices asked for, dtypes handed on, and one way back to the CPU.

No GPU is here, so nothing below says that CUDA or Apple's Metal compute right. Torch's meta device shows where tensors
are put, and half precision runs on the CPU, slowly.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE
from dictation.errors import MissingError
from dictation.settings import Settings
from dictation.speech.medasr import posteriors as module
from dictation.speech.medasr import weights
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.self_check import voice_like
from dictation.speech.medasr.weights import GPU_BATCH, find, for_hearing, load
from tests.speech.tiny_lasr import SMALL_LASR

VOICE = voice_like(6)
SOUNDS = [VOICE[: round(seconds * SAMPLE_RATE)] for seconds in (1.0, 3.017, 6.0)]


def torch_with(cuda=False, mps=False, bfloat16=False):
    """A torch of another machine, as far as the choice of device and precision asks it."""
    return SimpleNamespace(
        cuda=SimpleNamespace(is_available=lambda: cuda, is_bf16_supported=lambda including_emulation: bfloat16),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
        cpu=SimpleNamespace(_is_amx_tile_supported=lambda: False),
    )


@pytest.mark.parametrize(
    ("machine", "device", "precision"),
    [
        (torch_with(cuda=True, bfloat16=True), "cuda", "bfloat16"),
        (torch_with(cuda=True), "cuda", "float16"),
        (torch_with(mps=True), "mps", "float32"),
        (torch_with(), "cpu", "int8"),
    ],
)
def test_each_device_gets_the_precision_that_is_safe_on_it(machine, device, precision):
    assert weights.device_here(machine) == device
    assert weights._first_choice(machine, device, Settings())[0] == precision


@pytest.mark.parametrize(
    ("device", "named"),
    [("cpu", "bfloat16"), ("cpu", "float16"), ("mps", "int8"), ("mps", "float16"), ("cuda", "int8")],
)
def test_a_precision_that_a_device_has_not_is_refused_with_the_fix(device, named):
    machine = torch_with(cuda=device == "cuda", mps=device == "mps")
    says = rf"cannot run in {named} on this machine's {device}; set DICTATION_MEDASR_PRECISION to auto"
    with pytest.raises(MissingError, match=says):
        weights._first_choice(machine, device, Settings(medasr_precision=named))


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_hears_a_batch_as_the_fp32_it_was_made_of(small, precision):
    """The dtype of a GPU's network reaches its features, and its posteriors come back as fp32 that add up to 1."""
    import torch

    other = load(find(SMALL_LASR), Settings(medasr_precision="float32"))
    half = replace(other, network=other.network.to(getattr(torch, precision)), precision=precision)
    for found, expected in zip(posteriors(half, SOUNDS[:2]), posteriors(small, SOUNDS[:2]), strict=True):
        assert found.dtype == np.float32 and found.shape == expected.shape
        assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
        best = np.take_along_axis(expected, found.argmax(axis=1)[:, None], axis=1)[:, 0]
        assert (expected.max(axis=1) - best).max() < 0.1  # where another piece is the likeliest, it nearly was before


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_all_that_goes_into_the_network_is_on_its_device_and_in_its_dtype(small, precision, monkeypatch):
    """On torch's meta device. Transformers' network cannot run there, so one that tells what it was given stands in."""
    import torch

    dtype, seen, left = getattr(torch, precision), [], []

    def network(input_features, attention_mask):
        seen.extend([input_features.device.type, input_features.dtype, attention_mask.device.type])
        frames = module.frames(input_features.shape[1])
        return SimpleNamespace(logits=torch.empty(len(input_features), frames, 5, device="meta", dtype=dtype))

    def shares(logits):
        left.append(logits.device.type)
        return np.full(logits.shape, 1 / logits.shape[-1], np.float32)

    network.dtype = dtype
    monkeypatch.setattr(module, "_shares", shares)
    found = posteriors(replace(small, network=network, device="meta", precision=precision), SOUNDS)
    assert (seen, left) == (["meta", dtype, "meta"], ["meta"])
    assert [len(one) for one in found] == [len(one) for one in posteriors(small, SOUNDS)]


@pytest.mark.parametrize("change", [{"device": "cuda"}, {"device": "mps"}, {"precision": "bfloat16"}])
def test_other_devices_and_precisions_keep_the_network_of_transformers_and_a_gpu_hears_many_windows(small, change):
    other = replace(small, **change)
    assert for_hearing(other) is other
    assert "device" not in change or other.batch == GPU_BATCH
