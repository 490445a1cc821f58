"""MedSigLIP: an image and pairs of texts → how much better the first text of each pair fits the image than the second.

The image is resized to the network's square as in the published evaluation (bilinear without smoothing, whatever its
shape), texts are padded to the length that the network was trained with, and the two of a pair share the probability.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from dictation.errors import Cancelled, DictationError, MissingError, ModelError
from dictation.extras import versions
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
from dictation.settings import Settings
from dictation.speech import Engine

TOKENIZERS = ("spiece.model", "tokenizer.json")  # one of them
PROCESSORS = ("preprocessor_config.json", "processor_config.json")
Pair = tuple[str, str]


def _needed(folder: Path) -> Iterator[tuple[str, ...]]:
    yield (CONFIG,)
    if (kind := read_json(folder / CONFIG).get("model_type")) != "siglip":
        raise MissingError(f"{folder}: it holds a model of type {kind}, not siglip; give a folder with MedSigLIP.")
    yield TOKENIZERS
    yield PROCESSORS
    yield from ((file.name,) for file in weight_files(folder))


MEDSIGLIP = ModelKind(
    engine="MedSigLIP",
    extra="medsiglip",
    packages=("PIL", "sentencepiece", "torch", "transformers"),
    default="google/medsiglip-448",
    default_gb=4,  # 0.9 billion weights in fp32
    needed=_needed,
)


@dataclass(frozen=True)
class EncodedPairs:
    """Texts as the network sees them: of each pair the first and the second, each of shape (pairs, width)."""

    first: Any
    second: Any


class SiglipModel:
    """A SigLIP of transformers, in fp32 on an NVIDIA GPU where there is one, else on the CPU."""

    def __init__(self, checkpoint: Checkpoint, network: Any, processor: Any, device: str) -> None:
        """Take what `load` loads."""
        self._checkpoint, self._network, self._processor = checkpoint, network.eval(), processor
        self._device, self._sha256 = device, weights_digest(checkpoint.folder)

    @classmethod
    def load(cls, model: str | Path | None, settings: Settings) -> "SiglipModel":
        """Load `model`: a folder, the name of a model on the hub, or None for google/medsiglip-448.

        Raises MissingError, with the fix, where a package, the model, the network, a token, the acceptance of the
        model's terms or memory is missing.
        """
        MEDSIGLIP.check_packages()
        checkpoint = MEDSIGLIP.find(model)
        import torch
        from transformers import AutoProcessor
        from transformers import SiglipModel as Network

        if settings.threads > 0:
            torch.set_num_threads(settings.threads)
        folder, device = checkpoint.folder, "cuda" if torch.cuda.is_available() else "cpu"
        try:
            with quiet_transformers():
                network, report = Network.from_pretrained(
                    folder, dtype=torch.float32, local_files_only=True, output_loading_info=True
                )
                processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
                network = network.to(device)
        except Exception as error:  # safetensors and sentencepiece have exception types of their own
            if is_out_of_memory(error):
                raise MissingError(f"{folder}: this machine's {device} has too little memory for MedSigLIP.") from error
            raise MissingError(
                f"{folder}: the model could not be loaded ({type(error).__name__}); its files are damaged, get them "
                "again."
            ) from error
        if absent := len(report["missing_keys"]) + len(report["mismatched_keys"]):
            raise MissingError(f"{folder}: {absent} of the model's weights are missing; get its files again.")
        return cls(checkpoint, network, processor, device)

    @property
    def engine(self) -> Engine:
        """The record of this engine."""
        packages = ("torch", "torchvision", "transformers", "sentencepiece", "radiology-dictation")
        return Engine(
            name="medsiglip",
            model=self._checkpoint.model,
            revision=self._checkpoint.revision,
            weights_sha256=self._sha256,
            precision=f"float32 ({self._device})",
            versions=versions(*packages),
        )

    @property
    def side(self) -> int:
        """How many pixels a side the network looks at."""
        return int(self._network.config.vision_config.image_size)

    def encoded(self, pairs: Sequence[Pair]) -> EncodedPairs:
        """Encode pairs of texts, once for all images.

        Raises ValueError for a text longer than the network reads, MissingError where memory runs out.
        """
        import torch

        longest = int(self._network.config.text_config.max_position_embeddings)
        texts = [text for pair in pairs for text in pair]
        tokenizer = self._processor.tokenizer
        if too_long := [text for text in texts if len(tokenizer(text)["input_ids"]) > longest]:
            raise ValueError(f"longer than {longest} tokens: {too_long[0]!r}")
        padded = tokenizer(texts, padding="max_length", max_length=longest, return_tensors="pt")["input_ids"]
        with self._memory_for(MissingError, "MedSigLIP"), torch.inference_mode():
            # the padding is read, too: a SigLIP is trained without an attention mask, whatever its tokenizer gives
            features = self._network.text_model(input_ids=padded.to(self._device)).pooler_output
            features = torch.nn.functional.normalize(features, dim=-1)
            return EncodedPairs(first=features[0::2], second=features[1::2])

    def probabilities(self, pixels: np.ndarray, pairs: EncodedPairs, cancel: Event | None = None) -> np.ndarray:
        """Return for each pair the probability of its first text, shape (pairs,): the two make 1.

        `pixels` is uint8 (rows, columns) or (rows, columns, 3), air dark. Raises ModelError where the network gives no
        number or memory runs out, Cancelled.
        """
        import torch

        if cancel is not None and cancel.is_set():
            raise Cancelled("Reading the image was cancelled.")
        with self._memory_for(ModelError, "this image"), torch.inference_mode():
            images = self._processor.image_processor(self._resized(pixels), return_tensors="pt").to(self._device)
            features = self._network.vision_model(pixel_values=images["pixel_values"]).pooler_output
            features = torch.nn.functional.normalize(features, dim=-1)[0]
            better = self._network.logit_scale.exp() * ((pairs.first - pairs.second) @ features)
            found = np.asarray(torch.sigmoid(better).cpu())  # softmax of two; the network's bias cancels out
        if not np.isfinite(found).all():
            raise ModelError(f"{self._checkpoint.model}: the network gave no numbers; get its weights again.")
        return found

    @contextmanager
    def _memory_for(self, kind: type[DictationError], what: str) -> Iterator[None]:
        """Turn too little memory into an error of this kind that says what it is too little for."""
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise kind(
                f"{self._checkpoint.model}: the memory of this machine's {self._device} is too small for {what}; "
                "close other programs."
            ) from error

    def _resized(self, pixels: np.ndarray) -> np.ndarray:
        """Resize to the network's square, uint8 (side, side, 3). As the evaluation did: its halves are cut off."""
        import torch

        colour = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
        planes = torch.from_numpy(np.ascontiguousarray(colour)).permute(2, 0, 1)[None].float()
        resized = torch.nn.functional.interpolate(planes, (self.side, self.side), mode="bilinear", antialias=False)
        return np.asarray(resized[0].permute(1, 2, 0).to(torch.uint8))
