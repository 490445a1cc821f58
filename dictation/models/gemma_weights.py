"""MedGemma's weights: a folder, the hub's cache or the hub → a model on its device in a precision that is safe there.

The cache comes first, and the network is not touched where it holds the model. Gemma 3 overflows in fp16, so a device
without bf16 is not used: a CPU runs the model in fp32.
"""

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from dictation.errors import MissingError
from dictation.speech.medasr_weights import _quiet_transformers, check_transformers, hub_failure
from dictation.weights import sha256_of

DEFAULT_MODEL = "google/medgemma-1.5-4b-it"
INSTALL = 'pip install "radiology-dictation[medgemma]"'
WEIGHTS, WEIGHTS_INDEX = "model.safetensors", "model.safetensors.index.json"  # in one file, or the list of several
CONFIG, TOKENIZER = "config.json", "tokenizer.json"
PROCESSORS = ("processor_config.json", "preprocessor_config.json")  # one of them, where the model sees images
SEES, READS_ONLY = "gemma3", "gemma3_text"  # architectures
_DOWNLOADED = ["*.json", "*.safetensors"]
_HUB_NAME = re.compile(r"[A-Za-z0-9](?!.*(--|\.\.))[\w.-]*/[A-Za-z0-9][\w.-]*(?<![.-])")
_HUB_BLOB = re.compile(r"[0-9a-f]{64}")  # the hub's cache names large files by their SHA-256


@dataclass(frozen=True)
class Checkpoint:
    """A model on disk. `revision` is the commit of the hub, "" for a folder; `sees` says whether it takes images."""

    folder: Path
    model: str
    revision: str
    sees: bool


@dataclass(frozen=True)
class Loaded:
    """A model ready to run. `network` and `processor` are the objects of transformers; a text model's is a tokenizer.

    `device` is cpu or cuda, `precision` float32 or bfloat16.
    """

    checkpoint: Checkpoint
    network: Any
    processor: Any
    tokenizer: Any
    device: str
    precision: str
    sha256: str


def check_packages() -> None:
    """Raise MissingError, with the command that helps, where a package is not installed or is too old."""
    from importlib.metadata import version

    try:
        import llguidance  # noqa: F401
        import PIL  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise MissingError(f"MedGemma needs {error.name}, which is not installed; run: {INSTALL}") from error
    check_transformers(version("transformers"))


def find(model: str | Path | None) -> Checkpoint:
    """Return where a model lies, downloading it where it is named by its hub name and not cached yet.

    Raises MissingError, with the fix, where it cannot be had, DictationError where the disk is full.
    """
    model = model or DEFAULT_MODEL
    folder = Path(model).expanduser()
    if not folder.is_dir():
        if isinstance(model, Path) or not _HUB_NAME.fullmatch(model):
            raise MissingError(
                f"{model}: there is no such folder; give a folder or a model's name like {DEFAULT_MODEL}."
            )
        if found := cached(model):
            return found
        folder = _downloaded(model)
    if lacking := _lacking(folder):
        raise MissingError(f"{model}: {lacking} is missing; give a MedGemma model as transformers saves it.")
    return _checkpoint(folder, str(model))


def cached(name: str = DEFAULT_MODEL) -> Checkpoint | None:
    """Return the hub's local copy of a model where it is complete. Does not touch the network, nor load torch."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(name, CONFIG)
    if not isinstance(config, str) or _lacking(Path(config).parent):
        return None
    return _checkpoint(Path(config).parent, name)


def _checkpoint(folder: Path, name: str) -> Checkpoint:
    resolved = folder.resolve()
    of_hub = resolved.parent.name == "snapshots"
    return Checkpoint(
        folder=folder,
        model=name if of_hub else resolved.name,
        revision=resolved.name if of_hub else "",
        sees=_architecture(folder) == SEES,
    )


def _downloaded(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=_DOWNLOADED))
    except Exception as error:  # the hub's client lets its HTTP library's errors through, and changed that library
        raise hub_failure(name, error) from error


def _lacking(folder: Path) -> str:
    """The first file that a model needs and the folder lacks, or ""."""
    for name in (CONFIG, TOKENIZER):
        if not (folder / name).is_file():
            return name
    if _architecture(folder) == SEES and not any((folder / name).is_file() for name in PROCESSORS):
        return PROCESSORS[0]
    return next((file.name for file in _weight_files(folder) if not file.is_file()), "")


def _weight_files(folder: Path) -> list[Path]:
    if not (folder / WEIGHTS_INDEX).is_file():
        return [folder / WEIGHTS]
    names = _json(folder / WEIGHTS_INDEX).get("weight_map", {}).values()
    return [folder / name for name in sorted(set(names))]


def _architecture(folder: Path) -> str:
    kind = str(_json(folder / CONFIG).get("model_type"))
    if kind not in (SEES, READS_ONLY):
        raise MissingError(
            f"{folder}: it holds a model of type {kind}, not {SEES}; give a folder with a MedGemma model."
        )
    return kind


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MissingError(f"{path}: it is damaged; get the file again.") from error
    if not isinstance(value, dict):
        raise MissingError(f"{path}: it is damaged; get the file again.")
    return value


def load(checkpoint: Checkpoint, threads: int) -> Loaded:
    """Load a model in bf16 on an NVIDIA GPU that has it, else in fp32 on the CPU.

    `threads` are torch's CPU threads (0: its own choice). Raises MissingError where the folder holds a damaged model
    or the device has too little memory.
    """
    import torch
    from transformers import AutoProcessor, AutoTokenizer, Gemma3ForCausalLM, Gemma3ForConditionalGeneration

    if threads > 0:
        torch.set_num_threads(threads)
    device, dtype = ("cuda", torch.bfloat16) if _has_bf16(torch) else ("cpu", torch.float32)
    network_type = Gemma3ForConditionalGeneration if checkpoint.sees else Gemma3ForCausalLM
    folder = checkpoint.folder
    try:
        with _quiet_transformers():
            network, report = network_type.from_pretrained(
                folder, dtype=dtype, local_files_only=True, output_loading_info=True
            )
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            processor = AutoProcessor.from_pretrained(folder, local_files_only=True) if checkpoint.sees else tokenizer
            network = network.to(device).eval()
    except Exception as error:  # safetensors and tokenizers have exception types of their own, without a common base
        if is_out_of_memory(error):
            raise MissingError(
                f"{folder}: this machine's {device} has too little memory for the model; use a smaller model, or the "
                "writer 'endpoint' with a server that runs it."
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
        device=device,
        precision=str(dtype).removeprefix("torch."),
        sha256=_digest(_weight_files(folder)),
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error is the want of memory, on a GPU or on the CPU (for which torch has no type of its own)."""
    import torch

    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)


def _has_bf16(torch: Any) -> bool:
    return bool(torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False))


def _digest(files: list[Path]) -> str:
    """The SHA-256 of the one file, or of the SHA-256s of several. Those that the hub's cache is named by are taken."""
    digests = []
    for file in files:
        blob = file.resolve().name
        digests.append(blob if _HUB_BLOB.fullmatch(blob) else sha256_of(file))
    return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()
