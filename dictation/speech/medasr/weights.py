"""MedASR's weights: a folder, the hub's cache or the hub → a model on its device in a precision that fits it.

The cache comes first, and the network is not touched where it holds the model. Whatever precision a checkpoint was
saved in, a CPU runs it in fp32: half-precision convolutions are hundreds of times slower there.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dictation.errors import MissingError
from dictation.hub import CONFIG, Checkpoint, ModelKind, quiet_transformers, read_json
from dictation.speech.medasr.letters import MEL_HOP_SAMPLES, SUBSAMPLING_KERNEL, SUBSAMPLING_STRIDE
from dictation.weights import sha256_of

DEFAULT_MODEL = "google/medasr"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
PROCESSORS = ("processor_config.json", "preprocessor_config.json")  # one of them
ARCHITECTURE = "lasr_ctc"

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
        with quiet_transformers():
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


def _device(torch: Any) -> tuple[str, Any]:
    """The fastest device of this machine and the precision that is safe on it."""
    if torch.cuda.is_available():
        return "cuda", torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if torch.backends.mps.is_available():
        return "mps", torch.float32
    return "cpu", torch.float32
