"""MedASR's weights: a folder, the hub's cache or the hub → a model on its device in a precision that fits it.

The cache comes first, and the network is not touched where it holds the model. Whatever precision a checkpoint was
saved in, a CPU runs it in fp32: half-precision convolutions are hundreds of times slower there.
"""

import errno
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dictation.errors import DictationError, MissingError
from dictation.speech.medasr_letters import MEL_HOP_SAMPLES, SUBSAMPLING_KERNEL, SUBSAMPLING_STRIDE
from dictation.weights import sha256_of

DEFAULT_MODEL = "google/medasr"
INSTALL = 'pip install "radiology-dictation[medasr]"'
BROKEN_TRANSFORMERS = "5.2.0"  # its feature extractor does not accept LASR's arguments
WEIGHTS, CONFIG, TOKENIZER = "model.safetensors", "config.json", "tokenizer.json"
PROCESSORS = ("processor_config.json", "preprocessor_config.json")  # one of them
ARCHITECTURE = "lasr_ctc"
_DOWNLOADED = ["*.json", "*.safetensors"]  # not the language model: 700 MB that greedy decoding does not use
_HUB_NAME = re.compile(r"[A-Za-z0-9](?!.*(--|\.\.))[\w.-]*/[A-Za-z0-9][\w.-]*(?<![.-])")


@dataclass(frozen=True)
class Checkpoint:
    """A model on disk. `revision` is the commit of the hub, "" for a folder of the user's own."""

    folder: Path
    model: str
    revision: str


@dataclass(frozen=True)
class Loaded:
    """A model ready to run. `network`, `features` and `tokenizer` are the objects of transformers.

    `device` is cpu, cuda or mps; `precision` float32, float16 or bfloat16; `blank` the id of the CTC blank.
    """

    checkpoint: Checkpoint
    network: Any
    features: Any
    tokenizer: Any
    device: str
    precision: str
    sha256: str
    blank: int

    def piece_text(self, piece: int) -> str:
        """The text of a piece of the vocabulary, as the tokenizer's file has it."""
        return str(self.tokenizer.convert_ids_to_tokens(piece))


def check_packages() -> None:
    """Raise MissingError, with the command that helps, where torch or a usable transformers is not installed."""
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise MissingError(f"MedASR needs {error.name}, which is not installed; run: {INSTALL}") from error
    check_transformers(version("transformers"))


def check_transformers(installed: str) -> None:
    """Raise MissingError for a version of transformers that cannot run MedASR."""
    if installed == BROKEN_TRANSFORMERS or int(installed.split(".")[0]) < 5:
        raise MissingError(
            f'transformers {installed} cannot run MedASR; run: pip install "transformers>=5,!={BROKEN_TRANSFORMERS},<6"'
        )


def find(model: str | Path | None) -> Checkpoint:
    """Return where a model lies, downloading it where it is named by its hub name and not cached yet.

    Raises MissingError, with the fix, where it cannot be had, DictationError where the disk is full.
    """
    if model is None:
        model = DEFAULT_MODEL
    folder = Path(model).expanduser()
    if folder.is_dir():
        lacking = _lacking(folder)
        if lacking:
            raise MissingError(
                f"{model}: {lacking} is missing; give a folder with a MedASR model as saved by transformers."
            )
        return _from_folder(folder, str(model))
    if isinstance(model, Path) or not _HUB_NAME.fullmatch(model):
        raise MissingError(f"{model}: there is no such folder; give a folder or a model's name like {DEFAULT_MODEL}.")
    return cached(model) or _downloaded(model)


def _from_folder(folder: Path, name: str) -> Checkpoint:
    resolved = folder.resolve()
    of_hub = resolved.parent.name == "snapshots"
    return Checkpoint(folder, name if of_hub else resolved.name, resolved.name if of_hub else "")


def _lacking(folder: Path) -> str:
    """The first file that a model needs and the folder lacks, or ""."""
    for name in (CONFIG, WEIGHTS, TOKENIZER):
        if not (folder / name).is_file():
            return name
    return "" if any((folder / name).is_file() for name in PROCESSORS) else PROCESSORS[0]


def cached(name: str = DEFAULT_MODEL) -> Checkpoint | None:
    """Return the hub's local copy, where it is complete. Does not touch the network."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:  # nothing that could have brought the model is installed
        return None
    config = try_to_load_from_cache(name, CONFIG)
    if not isinstance(config, str) or _lacking(Path(config).parent):
        return None
    return _from_folder(Path(config).parent, name)


def _downloaded(name: str) -> Checkpoint:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(name, allow_patterns=_DOWNLOADED))
    except Exception as error:  # the hub's client lets its HTTP library's errors through, and changed that library
        raise hub_failure(name, error) from error
    lacking = _lacking(folder)
    if lacking:
        raise MissingError(f"{name}: it holds no {lacking}, so it is no MedASR model; check the model's name.")
    return _from_folder(folder, name)


def hub_failure(name: str, error: BaseException) -> DictationError:
    """Return what to tell the user about a download that failed: one sentence with the fix."""
    from huggingface_hub.errors import GatedRepoError, OfflineModeIsEnabled

    chain = list(_causes(error))
    if any(isinstance(cause, OSError) and cause.errno == errno.ENOSPC for cause in chain):
        return DictationError(f"{name}: the disk is full; free 1 GB or set HF_HOME to a folder on another disk.")
    status = next((found for found in map(_http_status, chain) if found), 0)
    if status == 401:
        return MissingError(
            f"{name}: the hub gives it only to those who signed in; check the name, accept the model's terms on its "
            "page on the hub, then run: hf auth login"
        )
    if status == 403 or any(isinstance(cause, GatedRepoError) for cause in chain):
        return MissingError(
            f"{name}: your account has not accepted the model's terms; accept them on the model's page on the hub, or "
            "check that your token may read gated models."
        )
    if status == 404:
        return MissingError(f"{name}: the hub has no such model; check its name.")
    if status:
        return MissingError(f"{name}: the hub answered with error {status}; try again later or give a folder.")
    if any(isinstance(cause, OfflineModeIsEnabled) for cause in chain):
        return MissingError(f"{name}: it is not on this machine and HF_HUB_OFFLINE is set; unset it or give a folder.")
    return MissingError(
        f"{name}: it is not on this machine and the hub cannot be reached; connect to the network once, or copy the "
        "model here and give its folder."
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _http_status(error: BaseException) -> int:
    return int(getattr(getattr(error, "response", None), "status_code", 0) or 0)


def load(checkpoint: Checkpoint, threads: int) -> Loaded:
    """Load a model in fp32 on a CPU and on Apple's GPU, in half precision on an NVIDIA GPU.

    `threads` are torch's CPU threads (0: its own choice). Raises MissingError where the folder holds no MedASR model
    or a damaged one.
    """
    import torch
    from transformers import AutoFeatureExtractor, AutoTokenizer, LasrForCTC

    folder = checkpoint.folder
    _check_config(folder)
    warnings.filterwarnings("ignore", "Using padding='same' with even kernel lengths")  # as MedASR was trained
    if threads > 0:
        torch.set_num_threads(threads)
    device, dtype = _device(torch)
    try:
        with _quiet_transformers():
            network, report = LasrForCTC.from_pretrained(
                folder, dtype=dtype, local_files_only=True, output_loading_info=True
            )
            features = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # safetensors and tokenizers have exception types of their own, without a common base
        raise MissingError(
            f"{folder}: the model could not be loaded ({type(error).__name__}); its files are damaged, get them again."
        ) from error
    counters = "num_batches_tracked"  # of normalisation while training; a converted checkpoint may lack them
    absent = sum(not name.endswith(counters) for name in report["missing_keys"]) + len(report["mismatched_keys"])
    if absent:
        raise MissingError(f"{folder / WEIGHTS}: {absent} of the model's weights are missing; get the file again.")
    if getattr(features, "hop_length", None) != MEL_HOP_SAMPLES:
        raise MissingError(f"{folder}: its frames are not of 10 ms, so it is no MedASR model; give another folder.")
    return Loaded(
        checkpoint=checkpoint,
        network=network.to(device).eval(),
        features=features,
        tokenizer=tokenizer,
        device=device,
        precision=str(dtype).removeprefix("torch."),
        sha256=sha256_of(folder / WEIGHTS),
        blank=int(network.config.pad_token_id),
    )


def _check_config(folder: Path) -> None:
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        kind, encoder = config.get("model_type"), config.get("encoder_config", {})
    except (OSError, ValueError, AttributeError) as error:
        raise MissingError(f"{folder / CONFIG}: it is damaged; get the file again.") from error
    if kind != ARCHITECTURE:
        raise MissingError(
            f"{folder}: it holds a model of type {kind}, not {ARCHITECTURE}; give a folder with a MedASR model."
        )
    shape = (encoder.get("subsampling_conv_kernel_size", 5), encoder.get("subsampling_conv_stride", 2))
    if shape != (SUBSAMPLING_KERNEL, SUBSAMPLING_STRIDE):
        raise MissingError(f"{folder}: its frames are not of 40 ms, so it is no MedASR model; give another folder.")


def _device(torch: Any) -> tuple[str, Any]:
    """The fastest device of this machine and the precision that is safe on it."""
    if torch.cuda.is_available():
        return "cuda", torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if torch.backends.mps.is_available():
        return "mps", torch.float32
    return "cpu", torch.float32


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Keep transformers' bar and report off the terminal: what matters of them becomes an error here."""
    from transformers.utils import logging

    bar, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()
