"""In which precision and on which device a MedGemma runs: the best that is safe there and fits.

Gemma 3 overflows in fp16 (bitsandbytes issue 1572), so a GPU without bf16, such as a T4, runs it in 4 bits with fp32
arithmetic. A CPU runs it in fp32, or in 4 bits where its memory is too small for that.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dictation.errors import MissingError
from dictation.extras import install_command

Precision = Literal["float32", "bfloat16", "4bit"]
Asked = Literal["auto", "float32", "bfloat16", "4bit"]
BYTES_PER_WEIGHT: dict[Precision, float] = {"float32": 4.0, "bfloat16": 2.0, "4bit": 0.53}  # nf4, its scales twice
ROOM = 1.15  # weights, and beside them what is read and computed
# Never in 4 bits: small, or used for each token. transformers matches whole names, from the start.
IN_FULL = ["model.vision_tower", "model.multi_modal_projector", "lm_head"]
_MEMORY = Path("/proc/meminfo")


@dataclass(frozen=True)
class Size:
    """How many weights a model has, and how many of these stay in fp32 where the others take 4 bits."""

    weights: float
    in_full: float

    def needed_bytes(self, precision: Precision) -> float:
        """Return the memory that it takes, with room to work."""
        in_full = self.in_full if precision == "4bit" else 0.0
        held = (self.weights - in_full) * BYTES_PER_WEIGHT[precision] + in_full * BYTES_PER_WEIGHT["float32"]
        return held * ROOM


@dataclass(frozen=True)
class Choice:
    """Where and how a model runs. `because` is a half sentence for people."""

    device: Literal["cpu", "cuda"]
    precision: Precision
    because: str

    def arguments(self) -> dict[str, Any]:
        """Return what `from_pretrained` needs for it."""
        import torch

        if self.precision != "4bit":
            return {"dtype": getattr(torch, self.precision)}
        from transformers import BitsAndBytesConfig

        four_bits = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.float32,
            llm_int8_skip_modules=IN_FULL,
        )
        return {"dtype": torch.float32, "quantization_config": four_bits, "device_map": {"": self.device}}


def chosen(asked: Asked, size: Size) -> Choice:
    """Choose for a model of this size.

    Raises MissingError where what is asked for cannot run here, and where a CPU's memory is too small: the system would
    end the whole program, and the dictation that runs in it.
    """
    import torch

    has_gpu = bool(torch.cuda.is_available())
    has_bf16 = has_gpu and bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if asked == "4bit" and not has_four_bits():
        raise MissingError(
            f"4 bits need bitsandbytes and accelerate, which are not installed; run: {install_command('medgemma-4bit')}"
        )
    if asked == "bfloat16" and has_gpu and not has_bf16:
        raise MissingError(
            "This machine's GPU has no bf16; set DICTATION_MEDGEMMA_PRECISION to auto or 4bit instead of bfloat16."
        )
    if asked != "auto":
        choice = Choice("cuda" if has_gpu else "cpu", asked, "as set")
    elif has_gpu:
        choice = _on_gpu(size, has_bf16, float(torch.cuda.mem_get_info()[0]))
    else:
        choice = _on_cpu(size, "there is no NVIDIA GPU")
    if choice.device == "cpu" and not _fits_cpu(size, choice.precision):
        needed = size.needed_bytes(choice.precision) / 1e9
        raise MissingError(
            f"This model needs {needed:.0f} GB of free memory in {choice.precision}, which this machine does not have; "
            f"{_smaller(choice.precision)}use a smaller model, or the writer 'endpoint' with a server that runs it."
        )
    return choice


def _on_gpu(size: Size, has_bf16: bool, free_bytes: float) -> Choice:
    if has_bf16 and size.needed_bytes("bfloat16") <= free_bytes:
        return Choice("cuda", "bfloat16", "the GPU has bf16 and room for it")
    why = "the GPU has too little room for bf16" if has_bf16 else "the GPU has no bf16"
    if not has_four_bits():
        return _on_cpu(size, f"{why}, and 4 bits need: {install_command('medgemma-4bit')}")
    if size.needed_bytes("4bit") <= free_bytes:
        return Choice("cuda", "4bit", why)
    return _on_cpu(size, "the GPU has too little room for 4 bits")


def _on_cpu(size: Size, why: str) -> Choice:
    if not _fits_cpu(size, "float32") and has_four_bits():
        return Choice("cpu", "4bit", f"{why}, and too little memory for fp32")
    return Choice("cpu", "float32", why)


def _smaller(precision: Precision) -> str:
    if precision == "4bit":
        return ""
    if has_four_bits():
        return "set DICTATION_MEDGEMMA_PRECISION to 4bit, "
    return f"for 4 bits run {install_command('medgemma-4bit')}, "


def _fits_cpu(size: Size, precision: Precision) -> bool:
    """True as well where the system does not tell how much memory it has."""
    available = available_bytes()
    return available is None or size.needed_bytes(precision) <= available


def has_four_bits() -> bool:
    """True where what 4 bits need is installed."""
    return all(importlib.util.find_spec(package) is not None for package in ("bitsandbytes", "accelerate"))


def available_bytes() -> float | None:
    """Return the memory that programs can still take, None where the system does not tell."""
    try:
        lines = _MEMORY.read_text(encoding="ascii").splitlines()
        [kilobytes] = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
        return float(kilobytes) * 1024
    except (OSError, ValueError, IndexError):
        return None
