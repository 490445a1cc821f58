"""What a Gemma 3 has read, kept: its images and words as keys and values, from which any number of questions go on.

Keys and values are never changed in place: transformers joins new ones to a copy. So a copy of the lists is enough to
go on twice from the same place.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from inspect import signature
from threading import Event
from typing import Any

import numpy as np

from dictation.errors import Cancelled, ModelError
from dictation.models.gemma_weights import Loaded
from dictation.models.protocol import Content

CHUNK_TOKENS = 2048  # read at once: of 85 slices the attention of all to all would not fit


@dataclass(frozen=True, eq=False)
class Read:
    """What a model has read: a digest of it, its length in tokens, and the keys and values."""

    key: str
    length: int
    cache: Any


class GemmaReading:
    """A network in the middle of a text (decoding.Reading), beginning where `read` ended."""

    def __init__(self, network: Any, read: Read) -> None:
        self._network = network
        self._cache = _copied(read.cache)
        self._marked = self._cache

    def read(self, tokens: Sequence[int], keep: int) -> Any:
        """Read on, and return the scores after each of the last `keep` tokens: float32 of shape (keep, width)."""
        import torch

        ids = torch.tensor([list(tokens)], device=self._network.device)
        return _pass(self._network, self._cache, input_ids=ids, logits_to_keep=keep).logits[0].float()

    def mark(self) -> None:
        """Remember this place of the text."""
        self._marked = _copied(self._cache)

    def back(self) -> None:
        """Go back to the place that was marked last."""
        self._cache = self._marked


def tokens_read(
    model: Loaded, key: str, begins: str, image: str, seen: Sequence[Content], context: int, cancel: Event | None
) -> Read:
    """Let a model read `begins`, then images and text; `image` is the token that stands for an image.

    Raises ModelError where the context is too small, Cancelled between two parts once `cancel` is set.
    """
    from PIL import Image
    from transformers import DynamicCache

    pictures = [Image.fromarray(part).convert("RGB") for part in seen if isinstance(part, np.ndarray)]
    text = begins + "".join(part if isinstance(part, str) else image for part in seen)
    given = {"images": [pictures]} if pictures else {}
    inputs = model.processor(text=[text], return_tensors="pt", add_special_tokens=False, **given).to(model.device)
    length = inputs["input_ids"].shape[1]
    if length >= context:
        raise ModelError(
            f"{model.checkpoint.model}: {len(pictures)} images ({length} tokens) are more than the model's context "
            f"({context}); give fewer."
        )
    cache = DynamicCache(config=model.network.config.get_text_config())
    for part in _parts(inputs, model.network.dtype):
        if cancel is not None and cancel.is_set():
            raise Cancelled("Reading the images was cancelled.")
        _pass(model.network, cache, logits_to_keep=1, **part)
    return Read(key, length, cache)


def _parts(inputs: Any, dtype: Any) -> Iterator[dict[str, Any]]:
    """Yield the inputs in parts of about CHUNK_TOKENS; an image, whose tokens see each other, is never divided."""
    ids = inputs["input_ids"]
    if "pixel_values" not in inputs:
        for start in range(0, ids.shape[1], CHUNK_TOKENS):
            yield {"input_ids": ids[:, start : start + CHUNK_TOKENS]}
        return
    types, pixels = inputs["token_type_ids"], inputs["pixel_values"].to(dtype)
    is_image = types[0].bool().tolist()
    starts = [place for place, now in enumerate(is_image) if now and (place == 0 or not is_image[place - 1])]
    borders, images = [0], [0]
    for number, start in enumerate(starts):
        if start - borders[-1] >= CHUNK_TOKENS:
            borders.append(start)
            images.append(number)
    for place, begin in enumerate(borders):
        end = borders[place + 1] if place + 1 < len(borders) else ids.shape[1]
        last = images[place + 1] if place + 1 < len(images) else len(starts)
        part = {"input_ids": ids[:, begin:end], "token_type_ids": types[:, :end]}  # of all before, too: by their places
        if last > images[place]:
            part["pixel_values"] = pixels[images[place] : last]
        yield part


def _pass(network: Any, cache: Any, **inputs: Any) -> Any:
    """Let the network read on; `cache` grows."""
    name = "cache" if "cache" in signature(network.forward).parameters else "past_key_values"  # before 5.2x
    return network(**inputs, **{name: cache}, use_cache=True)


def _copied(cache: Any) -> Any:
    again = copy(cache)
    again.layers = [copy(layer) for layer in cache.layers]
    return again
