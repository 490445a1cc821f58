"""What every model that reads prompts and images can do."""

from collections.abc import Sequence
from threading import Event
from typing import Any, Protocol

import numpy as np

from dictation.models.schema import Schema
from dictation.speech import Engine


class VisionLanguageModel(Protocol):
    """An engine that answers under a schema. A new engine is one file that satisfies this."""

    @property
    def engine(self) -> Engine:
        """The record of this engine, known before anything is asked."""
        ...

    def generate(
        self, prompt: str, images: Sequence[np.ndarray], schema: Schema, cancel: Event | None = None
    ) -> dict[str, Any]:
        """Answer a prompt with one JSON object that satisfies `schema`, the same each time.

        `images` are uint8 of shape (rows, columns) or (rows, columns, 3), air dark; the model sees them before the
        prompt. Each call stands alone. Raises ModelError where the answer is cut short or invalid (it is never
        repaired), MissingError where a server or its key is not there, Cancelled soon after `cancel` is set.
        """
        ...
