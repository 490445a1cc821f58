"""MedASR's weights: a folder, the hub's cache or the hub → a model on its device in a precision that fits it.

The cache comes first, and the network is not touched where it holds the model. Whatever precision a checkpoint was
saved in, a CPU runs it in fp32 or int8: half-precision convolutions are hundreds of times slower there.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dictation.errors import DictationError, MissingError
from dictation.hub import CONFIG, Checkpoint, ModelKind, quiet_transformers, read_json
from dictation.settings import Settings
from dictation.speech.medasr import int8_cache
from dictation.speech.medasr.conformer import Conformer, unsupported
from dictation.speech.medasr.int8 import quantised
from dictation.speech.medasr.letters import MEL_HOP_SAMPLES, SUBSAMPLING_KERNEL, SUBSAMPLING_STRIDE
from dictation.speech.medasr.mel import mels
from dictation.speech.medasr.self_check import Verdict, self_check
from dictation.weights import sha256_of

DEFAULT_MODEL = "google/medasr"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
PROCESSORS = ("processor_config.json", "preprocessor_config.json")  # one of them
ARCHITECTURE = "lasr_ctc"
CPU_BATCH = 1  # more gains nothing in fp32, and a final that comes would have to wait for it
INT8_BATCH = 4  # at most, one a thread: each window takes memory
GPU_BATCH = 16
SMALL = "the network is so small that int8 gains nothing"
LEAST_INT8_BYTES = 50_000_000  # of weights: a smaller network is quick in fp32, too

MEDASR = ModelKind(
    engine="MedASR",
    extra="medasr",
    packages=("torch", "transformers"),
    default=DEFAULT_MODEL,
    default_gb=1,  # 105 million weights in fp32
    needed=lambda folder: ((CONFIG,), (WEIGHTS,), (TOKENIZER,), PROCESSORS),
)
find, cached = MEDASR.find, MEDASR.cached
check_packages, check_transformers = MEDASR.check_packages, MEDASR.check_transformers


@dataclass(frozen=True)
class Loaded:
    """A model ready to run. `features` and `tokenizer` are the objects of transformers.

    `network` is transformers' LasrForCTC, or in int8 and `for_hearing` our Conformer. `device` is cpu, cuda or mps;
    `precision` int8, float32, float16 or bfloat16, and `because` says why that one; `blank` the id of the CTC blank;
    `batch` how many windows are best heard together.
    """

    checkpoint: Checkpoint
    network: Any
    features: Any
    tokenizer: Any
    device: str
    precision: str
    because: str
    sha256: str
    blank: int

    @property
    def batch(self) -> int:
        """How many windows are best heard together, where the settings do not say."""
        if self.device != "cpu":
            return GPU_BATCH
        if self.precision != "int8":
            return CPU_BATCH
        import torch

        return min(int(torch.get_num_threads()), INT8_BATCH)

    def piece_text(self, piece: int) -> str:
        """The text of a piece of the vocabulary, as the tokenizer's file has it."""
        return str(self.tokenizer.convert_ids_to_tokens(piece))


def load(checkpoint: Checkpoint, settings: Settings) -> Loaded:
    """Load a model in the precision that the settings name, or for "auto" in the fastest that is safe here.

    That is half precision on an NVIDIA GPU, fp32 on Apple's, and on a CPU int8 where its self-check passed, else fp32.
    Raises MissingError where the folder holds no MedASR model or a damaged one, or where this machine cannot run the
    precision that is named; DictationError where int8 is named and its weights cannot be kept.
    """
    import torch
    from transformers import AutoFeatureExtractor, AutoTokenizer

    folder = checkpoint.folder
    _check_config(folder)
    warnings.filterwarnings("ignore", "Using padding='same' with even kernel lengths")  # as MedASR was trained
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    device = device_here(torch)
    precision, because = _first_choice(torch, device, settings)
    with _damaged(folder), quiet_transformers():
        features = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if getattr(features, "hop_length", None) != MEL_HOP_SAMPLES:
        raise MissingError(f"{folder}: its frames are not of 10 ms, so it is no MedASR model; give another folder.")
    sha256 = sha256_of(folder / WEIGHTS)
    network = None
    if precision == "int8":
        network, because = _in_int8(folder, features, sha256, settings)
        precision = "int8" if network else "float32"
    if network is None:
        network = _with_transformers(folder, getattr(torch, precision)).to(device)
    return Loaded(
        checkpoint=checkpoint,
        network=network,
        features=features,
        tokenizer=tokenizer,
        device=device,
        precision=precision,
        because=because,
        sha256=sha256,
        blank=int(network.config.pad_token_id),
    )


def for_hearing(model: Loaded) -> Loaded:
    """Return a model that is not to be trained with our loop as its network, where fp32 on a CPU allows it.

    Its logits are those of transformers' network, in six sevenths of the time.
    """
    if model.device != "cpu" or model.precision != "float32" or unsupported(model.network.config):
        return model
    return replace(model, network=Conformer(model.network.config, model.network.state_dict()))


def device_here(torch: Any) -> str:
    """The fastest device of this machine: cuda, mps or cpu."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def outlook(checkpoint: Checkpoint, settings: Settings) -> tuple[bool, str]:
    """Say whether a model that is not loaded will run, and in which precision and why, or what will be in the way."""
    import torch

    try:
        device = device_here(torch)
        precision, because = _first_choice(torch, device, settings)
    except MissingError as error:
        return False, str(error)
    if precision != "int8":
        return True, f"{precision} on the {device}: {because}"
    is_named = settings.medasr_precision == "int8"
    if not is_named and not int8_pays(checkpoint.folder):
        return True, f"float32 on the cpu: {SMALL}"
    found = int8_cache.verdict(sha256_of(checkpoint.folder / WEIGHTS), settings.cache)
    if found is None:
        return True, "int8 on the cpu, once its self-check has passed at the first use"
    if found.agrees:
        return True, f"int8 on the cpu: {found.reason}"
    return not is_named, f"{'no' if is_named else 'float32 on the cpu, not'} int8: {found.reason}"


def int8_pays(folder: Path) -> bool:
    """True where the network is so large that "auto" tries int8."""
    return (folder / WEIGHTS).stat().st_size >= LEAST_INT8_BYTES


def _first_choice(torch: Any, device: str, settings: Settings) -> tuple[str, str]:
    """The precision to try, and why. Raises MissingError where the device cannot run the one that is named."""
    named = settings.medasr_precision
    if device == "cuda":
        has_bfloat16 = torch.cuda.is_bf16_supported(including_emulation=False)
        able = ["bfloat16", "float16", "float32"] if has_bfloat16 else ["float16", "float32"]
    elif device == "mps":
        able = ["float32"]
    else:
        able = ["int8", "float32"] + (["bfloat16"] if torch.cpu._is_amx_tile_supported() else [])
    if named == "auto":
        return able[0], f"the fastest that is safe on the {device}"
    if named not in able:
        raise MissingError(
            f"MedASR cannot run in {named} on this machine's {device}; set DICTATION_MEDASR_PRECISION to auto or to "
            f"{' or '.join(able)}."
        )
    return named, "named in the settings"


def _in_int8(folder: Path, features: Any, sha256: str, settings: Settings) -> tuple[Conformer | None, str]:
    """The network in int8 and why, or None and why not. Raises where int8 is named and cannot be had."""
    import torch
    from transformers import LasrCTCConfig

    is_named = settings.medasr_precision == "int8"
    if not is_named and not int8_pays(folder):
        return None, SMALL

    def convert() -> int8_cache.Converted:
        reference = _with_transformers(folder, torch.float32)
        weights = quantised(reference.state_dict().items())
        ours = Conformer(reference.config, weights)

        def logits(network: Any, sound: np.ndarray, batched: bool) -> np.ndarray:
            with torch.inference_mode():
                heard = mels(features, sound)
                found = network(heard[None]).logits[0] if batched else network(heard)
            return np.asarray(found.numpy(), dtype=np.float64)

        return weights, self_check(
            lambda sound: logits(reference, sound, True), lambda sound: logits(ours, sound, False)
        )

    config = LasrCTCConfig.from_pretrained(folder)
    try:
        if odd := unsupported(config):
            weights: dict[str, Any] = {}
            found = Verdict(False, f"int8 knows no {odd}")
        else:
            weights, found = int8_cache.converted(sha256, settings.cache, convert)
    except MissingError:
        raise
    except DictationError as error:
        if is_named:
            raise
        return None, f"int8 could not be prepared: {error}"
    if found.agrees:
        return Conformer(config, weights), found.reason
    if is_named:
        raise MissingError(
            f"MedASR cannot run in int8 here: {found.reason}; set DICTATION_MEDASR_PRECISION to auto or float32."
        )
    return None, f"not int8: {found.reason}"


def _with_transformers(folder: Path, dtype: Any) -> Any:
    """The network of transformers on the CPU, in eval mode."""
    from transformers import LasrForCTC

    with _damaged(folder), quiet_transformers():
        network, report = LasrForCTC.from_pretrained(
            folder, dtype=dtype, local_files_only=True, output_loading_info=True
        )
    counters = "num_batches_tracked"  # of normalisation while training; a converted checkpoint may lack them
    absent = sum(not name.endswith(counters) for name in report["missing_keys"]) + len(report["mismatched_keys"])
    if absent:
        raise MissingError(f"{folder / WEIGHTS}: {absent} of the model's weights are missing; get the file again.")
    return network.eval()


@contextmanager
def _damaged(folder: Path) -> Iterator[None]:
    """Say of any failure to read a file that the files are damaged."""
    try:
        yield
    except Exception as error:  # safetensors and tokenizers have exception types of their own, without a common base
        raise MissingError(
            f"{folder}: the model could not be loaded ({type(error).__name__}); its files are damaged, get them again."
        ) from error


def _check_config(folder: Path) -> None:
    config = read_json(folder / CONFIG)
    kind, encoder = config.get("model_type"), config.get("encoder_config", {})
    if kind != ARCHITECTURE:
        raise MissingError(
            f"{folder}: it holds a model of type {kind}, not {ARCHITECTURE}; give a folder with a MedASR model."
        )
    if not isinstance(encoder, dict):
        raise MissingError(f"{folder / CONFIG}: it is damaged; get the file again.")
    shape = (encoder.get("subsampling_conv_kernel_size", 5), encoder.get("subsampling_conv_stride", 2))
    if shape != (SUBSAMPLING_KERNEL, SUBSAMPLING_STRIDE):
        raise MissingError(f"{folder}: its frames are not of 40 ms, so it is no MedASR model; give another folder.")
