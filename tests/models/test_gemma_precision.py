import pytest

from dictation.errors import MissingError
from dictation.models import gemma_precision
from dictation.models.gemma import GemmaModel
from dictation.models.gemma_precision import Size, chosen
from dictation.models.schema import choice, record
from dictation.settings import Settings
from tests.models.tiny_gemma import save_tiny_gemma

MEDGEMMA_4B = Size(4.3e9, 1.09e9)  # vocabulary 0.67, eye 0.42
MEDGEMMA_27B = Size(27.4e9, 1.83e9)
GIB = 2**30
T4, A10, A6000, H100 = (16 * GIB, False), (22 * GIB, True), (47 * GIB, True), (78 * GIB, True)


@pytest.fixture
def machine(monkeypatch):
    """A machine with this GPU (free bytes, bf16) or none, this memory, and with or without what 4 bits need."""
    import torch

    def made(gpu: tuple[int, bool] | None, memory: float = 64 * GIB, four_bits: bool = True) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu is not None)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: bool(gpu and gpu[1]))
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (gpu[0], gpu[0]) if gpu else (0, 0))
        monkeypatch.setattr(gemma_precision, "available_bytes", lambda: memory)
        monkeypatch.setattr(gemma_precision, "has_four_bits", lambda: four_bits)

    return made


@pytest.mark.parametrize(
    ("gpu", "four_bits", "weights", "expected"),
    [
        (H100, True, MEDGEMMA_4B, ("cuda", "bfloat16")),
        (A10, True, MEDGEMMA_4B, ("cuda", "bfloat16")),
        (A6000, True, MEDGEMMA_27B, ("cuda", "4bit")),
        (A10, True, MEDGEMMA_27B, ("cpu", "4bit")),
        (T4, True, MEDGEMMA_4B, ("cuda", "4bit")),
        (T4, False, MEDGEMMA_4B, ("cpu", "float32")),
        (T4, True, MEDGEMMA_27B, ("cpu", "4bit")),
        (None, True, MEDGEMMA_4B, ("cpu", "float32")),
    ],
)
def test_the_best_that_is_safe_and_fits(machine, gpu, four_bits, weights, expected):
    machine(gpu, four_bits=four_bits)
    choice = chosen("auto", weights)
    assert (choice.device, choice.precision) == expected
    assert choice.because


def test_a_small_memory_takes_4_bits(machine):
    machine(None, memory=12 * GIB)
    assert chosen("auto", MEDGEMMA_4B).precision == "4bit"
    machine(None, memory=12 * GIB, four_bits=False)
    with pytest.raises(MissingError, match=r"needs 20 GB of free memory in float32, .*; for 4 bits run pip install"):
        chosen("auto", MEDGEMMA_4B)
    machine(None, memory=2 * GIB)
    with pytest.raises(MissingError, match=r"needs 7 GB of free memory in 4bit, .* have; use a smaller model, or"):
        chosen("auto", MEDGEMMA_4B)
    machine(None, memory=12 * GIB)
    with pytest.raises(MissingError, match=r"needs 20 GB .* set DICTATION_MEDGEMMA_PRECISION to 4bit"):
        chosen("float32", MEDGEMMA_4B)


def test_what_cannot_run_is_never_run_as_something_else(machine):
    machine(T4)
    with pytest.raises(MissingError, match="GPU has no bf16; set DICTATION_MEDGEMMA_PRECISION to auto or 4bit"):
        chosen("bfloat16", MEDGEMMA_4B)


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "4bit"])
def test_a_model_answers_in_each_precision(precision, tmp_path, one_thread):
    import numpy as np

    folder = save_tiny_gemma(tmp_path / "wide", width=64)  # 4 bits come in blocks of 64
    model = GemmaModel.load(folder, Settings(threads=1, medgemma_precision=precision))
    answer = model.generate(model.prepare([np.zeros((9, 9), np.uint8)]), "Where?", record(side=choice("left", "right")))
    assert answer["side"] in ("left", "right")
    assert model.engine.precision.startswith(precision)
    assert model.engine.settings["precision_because"] == "as set"
    layer = model._model.network.model.language_model.layers[0].mlp.up_proj
    assert (type(layer).__name__ == "Linear4bit") == (precision == "4bit")
    if precision == "4bit":
        import torch

        assert layer.compute_dtype == torch.float32  # fp16 overflows
        in_full = model._model.network.model.vision_tower.modules()
        assert "Linear4bit" not in {type(part).__name__ for part in in_full}
