"""MedGemma's weights: a folder, the hub's cache or the hub → a model on its device in a precision that is safe there.

The cache comes first, and the network is not touched where it holds the model.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dictation.errors import MissingError
from dictation.hub import (
    CONFIG,
    Checkpoint,
    ModelKind,
    is_out_of_memory,
    quiet_transformers,
    read_json,
    weight_files,
    weights_digest,
)
from dictation.models.gemma_precision import Asked, Size, chosen

DEFAULT_MODEL = "google/medgemma-1.5-4b-it"
TOKENIZER = "tokenizer.json"
PROCESSORS = ("processor_config.json", "preprocessor_config.json")  # one of them, where the model sees images
SAVED_BYTES_PER_WEIGHT = 2.0  # published checkpoints are bf16
SEES, READS_ONLY = "gemma3", "gemma3_text"  # architectures


def _needed(folder: Path) -> Iterator[tuple[str, ...]]:
    """What a model's folder must hold, which its configuration and its list of weights tell."""
    yield (CONFIG,)
    yield (TOKENIZER,)
    if _architecture(folder) == SEES:
        yield PROCESSORS
    yield from ((file.name,) for file in weight_files(folder))


MEDGEMMA = ModelKind(
    engine="MedGemma",
    extra="medgemma",
    packages=("llguidance", "PIL", "torch", "transformers"),
    default=DEFAULT_MODEL,
    default_gb=9,  # 4.3 billion weights in bf16
    needed=_needed,
)
find, cached = MEDGEMMA.find, MEDGEMMA.cached
check_packages, check_transformers = MEDGEMMA.check_packages, MEDGEMMA.check_transformers


@dataclass(frozen=True)
class Loaded:
    """A model ready to run. `network` and `processor` are the objects of transformers; a text model's is a tokenizer.

    `sees` says whether it takes images, `device` is cpu or cuda, `precision` float32, bfloat16 or 4bit, and `because`
    why it runs so.
    """

    checkpoint: Checkpoint
    network: Any
    processor: Any
    tokenizer: Any
    sees: bool
    device: str
    precision: str
    because: str
    sha256: str


def _architecture(folder: Path) -> str:
    kind = str(read_json(folder / CONFIG).get("model_type"))
    if kind not in (SEES, READS_ONLY):
        raise MissingError(
            f"{folder}: it holds a model of type {kind}, not {SEES}; give a folder with a MedGemma model."
        )
    return kind


def load(checkpoint: Checkpoint, threads: int, precision: Asked = "auto") -> Loaded:
    """Load a model where and how it runs best here; see gemma_precision.

    `threads` are torch's CPU threads (0: its own choice). Raises MissingError where the folder holds a damaged model,
    the device has too little memory, or `precision` is one that cannot run here.
    """
    import torch
    from transformers import AutoProcessor, AutoTokenizer, Gemma3ForCausalLM, Gemma3ForConditionalGeneration

    if threads > 0:
        torch.set_num_threads(threads)
    folder = checkpoint.folder
    sees = _architecture(folder) == SEES
    how = chosen(precision, size_of(folder))
    network_type = Gemma3ForConditionalGeneration if sees else Gemma3ForCausalLM
    try:
        with quiet_transformers():
            network, report = network_type.from_pretrained(
                folder, local_files_only=True, output_loading_info=True, **how.arguments()
            )
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            processor = AutoProcessor.from_pretrained(folder, local_files_only=True) if sees else tokenizer
            network = network.eval() if how.precision == "4bit" else network.to(how.device).eval()
    except Exception as error:  # safetensors and tokenizers have exception types of their own, without a common base
        if is_out_of_memory(error):
            raise MissingError(
                f"{folder}: this machine's {how.device} has too little memory for the model; use a smaller model, set "
                "DICTATION_MEDGEMMA_PRECISION to 4bit, or use the writer 'endpoint' with a server that runs it."
            ) from error
        raise MissingError(
            f"{folder}: the model could not be loaded ({type(error).__name__}); its files are damaged, get them again."
        ) from error
    if absent := len(report["missing_keys"]) + len(report["mismatched_keys"]):
        raise MissingError(f"{folder}: {absent} of the model's weights are missing; get its files again.")
    return Loaded(
        checkpoint=checkpoint,
        network=network,
        processor=processor,
        tokenizer=tokenizer,
        sees=sees,
        device=how.device,
        precision=how.precision,
        because=how.because,
        sha256=weights_digest(folder),
    )


def size_of(folder: Path) -> Size:
    """Return how many weights a folder holds. In full stay the vocabulary and the eye."""
    config = read_json(folder / CONFIG)
    text, eye = config.get("text_config", config), config.get("vision_config", {})
    in_full = text["vocab_size"] * text["hidden_size"] if {"vocab_size", "hidden_size"} <= text.keys() else 0
    if {"num_hidden_layers", "hidden_size", "intermediate_size"} <= eye.keys():  # attention, and what follows it
        in_full += (
            eye["num_hidden_layers"] * eye["hidden_size"] * (4 * eye["hidden_size"] + 2 * eye["intermediate_size"])
        )
    saved = sum(file.stat().st_size for file in weight_files(folder))
    return Size(saved / SAVED_BYTES_PER_WEIGHT, min(in_full, saved / SAVED_BYTES_PER_WEIGHT))
