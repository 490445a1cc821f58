"""MedGemma on this machine: Gemma 3 of transformers, decoding greedily under a schema it cannot leave.

Images come first, then the prompt, in one turn of the user and without a system turn, as the model was trained. A long
answer ends by its schema, whose longest answer is the budget; only a full context can cut it short, which is an error.
"""

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from dictation.errors import Cancelled, ModelError
from dictation.models.answer import parsed
from dictation.models.gemma_weights import Loaded, check_packages, find, is_out_of_memory, load
from dictation.models.json_constraint import JsonConstraint, OnlyAllowed
from dictation.models.schema import Schema, longest_answer
from dictation.settings import Settings
from dictation.speech import Engine

TURN, IMAGE = "<bos><start_of_turn>user\n{seen}{prompt}<end_of_turn>\n<start_of_turn>model\n", "<start_of_image>"
TURN_ENDS = "<end_of_turn>"


class GemmaModel:
    """A MedGemma model as a VisionLanguageModel."""

    def __init__(self, model: Loaded) -> None:
        self._model = model

    @classmethod
    def load(cls, model: str | Path | None, settings: Settings) -> "GemmaModel":
        """Load `model`: a folder, the name of a model on the hub, or None for google/medgemma-1.5-4b-it.

        Raises MissingError, with the fix in one sentence, where a package, the model, the network, a token, the
        acceptance of the model's terms or memory is missing.
        """
        check_packages()
        return cls(load(find(model), settings.threads))

    @cached_property
    def engine(self) -> Engine:
        """The record of this engine."""
        checkpoint = self._model.checkpoint
        packages = ("torch", "transformers", "tokenizers", "llguidance", "radiology-dictation")
        return Engine(
            name="medgemma",
            model=checkpoint.model,
            revision=checkpoint.revision,
            weights_sha256=self._model.sha256,
            precision=f"{self._model.precision} ({self._model.device})",
            settings={"decoding": "greedy, schema-constrained"},
            versions={name: version(name) for name in packages},
        )

    def generate(
        self, prompt: str, images: Sequence[np.ndarray], schema: Schema, cancel: Event | None = None
    ) -> dict[str, Any]:
        """Answer a prompt under a schema; see VisionLanguageModel. A cancelled generation ends within one token."""
        if images and not self._model.sees:
            raise ModelError(f"{self._name}: this model reads text only; use one that sees images.")
        constraint = JsonConstraint(self._token_table, schema)
        try:
            inputs = self._inputs(prompt, images)
            text = self._continued(inputs, constraint, longest_answer(schema), cancel)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise ModelError(
                f"{self._name}: the memory of this machine's {self._model.device} is too small for this report; close "
                "other programs, or use the writer 'endpoint'."
            ) from error
        return parsed(text, schema, self._name)

    def _continued(self, inputs: Any, constraint: JsonConstraint, budget: int, cancel: Event | None) -> str:
        """Return the text that completes the turn. Raises Cancelled, and ModelError where the context is full."""
        from transformers import GenerationConfig

        started = inputs["input_ids"].shape[1]
        room = self._context - started
        if room <= 0:
            raise ModelError(
                f"{self._name}: the dictation ({started} tokens) is longer than the model's context ({self._context}); "
                "dictate the report in parts."
            )

        def is_over(input_ids: Any, scores: Any, **_: object) -> Any:
            constraint.take(int(input_ids[0, -1]))
            over = constraint.is_complete or (cancel is not None and cancel.is_set())
            return input_ids.new_full((1,), over, dtype=bool)

        if cancel is not None and cancel.is_set():
            raise Cancelled("Writing was cancelled; the dictation is kept.")
        greedy = GenerationConfig(do_sample=False, max_new_tokens=min(budget, room), pad_token_id=self._pad)
        written = self._model.network.generate(
            **inputs, generation_config=greedy, logits_processor=[OnlyAllowed(constraint)], stopping_criteria=[is_over]
        )
        if cancel is not None and cancel.is_set():
            raise Cancelled("Writing was cancelled; the dictation is kept.")
        if not constraint.is_complete:
            raise ModelError(f"{self._name}: the model's context was full before the report was; dictate it in parts.")
        return str(self._model.tokenizer.decode(written[0, started:], skip_special_tokens=True))

    def _inputs(self, prompt: str, images: Sequence[np.ndarray]) -> Any:
        from PIL import Image

        text = TURN.format(seen=IMAGE * len(images), prompt=self._without_control_tokens(prompt))
        seen = {"images": [[Image.fromarray(pixels).convert("RGB") for pixels in images]]} if images else {}
        inputs = self._model.processor(text=[text], return_tensors="pt", add_special_tokens=False, **seen)
        inputs = inputs.to(self._model.device)
        if "pixel_values" in inputs:
            inputs["pixel_values"] = inputs["pixel_values"].to(self._model.network.dtype)
        return inputs

    def _without_control_tokens(self, prompt: str) -> str:
        """Make plain text of tokens with a meaning: a typed "<end_of_turn>" must not end the turn."""
        for token in self._model.tokenizer.added_tokens_decoder.values():
            if token.special:
                prompt = prompt.replace(token.content, token.content.replace("<", "< "))
        return prompt

    @cached_property
    def _token_table(self) -> Any:
        """The tokenizer as llguidance wants it, made once (seconds), as wide as the network's output.

        Gemma's output is wider than its vocabulary; what is beyond it is never allowed.
        """
        from llguidance.hf import from_tokenizer

        tokenizer = self._model.tokenizer
        width = self._model.network.get_output_embeddings().weight.shape[0]
        return from_tokenizer(tokenizer, n_vocab=width, eos_token=tokenizer.convert_tokens_to_ids(TURN_ENDS))

    @property
    def _context(self) -> int:
        return int(self._model.network.config.get_text_config().max_position_embeddings)

    @property
    def _pad(self) -> int:
        return int(self._model.tokenizer.pad_token_id)

    @property
    def _name(self) -> str:
        return self._model.checkpoint.model
