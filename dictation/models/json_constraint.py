"""Schema-constrained decoding: at each step of a generation only tokens that keep the answer valid are possible.

llguidance computes the tokens; the two classes are what transformers calls before and after it chooses one.
"""

from typing import Any

import numpy as np

from dictation.models.schema import Schema

# Compact JSON without \u escapes: no endless white space, and no character longer than its UTF-8.
_JSON: Any = {"whitespace_flexible": False, "json_allowed_escapes": '"\\nt'}


class JsonConstraint:
    """The state of one answer. `tokenizer` is an llguidance tokenizer, as wide as the network's output."""

    def __init__(self, tokenizer: Any, schema: Schema) -> None:
        """Raise ValueError for a schema that llguidance cannot keep to."""
        from llguidance import LLMatcher

        self._matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_json_schema(schema, overrides=_JSON))
        self._width = tokenizer.vocab_size
        self.raise_error()

    def raise_error(self) -> None:
        """Raise ValueError where llguidance has failed."""
        if self._matcher.is_error():
            raise ValueError(f"llguidance: {self._matcher.get_error().splitlines()[0]}")

    @property
    def is_complete(self) -> bool:
        """True once the answer is complete, so that nothing can follow."""
        return bool(self._matcher.is_stopped())

    def allowed(self) -> np.ndarray:
        """Return which tokens may come next: bool of shape (width,)."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        return np.unpackbits(bits, bitorder="little", count=self._width).astype(bool)

    def take(self, token: int) -> None:
        """Add the chosen token to the answer. Raises ValueError for one that was not allowed."""
        self._matcher.consume_token(token)
        self.raise_error()


class OnlyAllowed:
    """Keeps a token from being chosen that the constraint does not allow: a logits processor of transformers."""

    def __init__(self, constraint: JsonConstraint) -> None:
        self._constraint = constraint

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return `scores`, shape (1, width), with minus infinity where a token is not allowed."""
        import torch

        barred = torch.from_numpy(~self._constraint.allowed()).to(scores.device)
        return scores.masked_fill_(barred, float("-inf"))
