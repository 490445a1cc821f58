"""Schema-constrained decoding: at each step of an answer only tokens that keep it valid are possible.

llguidance computes them, and the tokens that can be the only ones: keys and quotes cost the network nothing.
"""

from collections.abc import Sequence
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
        self._tokenizer = tokenizer
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
        return np.unpackbits(bits, bitorder="little", count=self._tokenizer.vocab_size).astype(bool)

    def take(self, token: int) -> list[int]:
        """Add the chosen token; return it with those that can only follow it. Raises ValueError if not allowed."""
        self._matcher.consume_token(token)
        self.raise_error()
        return [token, *self.forced()]

    def forced(self) -> list[int]:
        """Add the tokens that are the only possible ones now, and return them."""
        tokens = [] if self.is_complete else self._matcher.compute_ff_tokens()
        if tokens:
            self._matcher.consume_tokens(tokens)
            self.raise_error()
        return list(tokens)

    def bytes_of(self, tokens: Sequence[int]) -> bytes:
        """Return the UTF-8 of tokens of the answer; a token may end within a character."""
        return bytes(self._tokenizer.decode_bytes(list(tokens)))
