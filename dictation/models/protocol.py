"""What every model that reads prompts and images can do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

import numpy as np

from dictation.models.schema import Schema
from dictation.speech import Engine

Content = np.ndarray | str
Prefix = Any  # what one model has read, opaque to everybody else


@dataclass(frozen=True)
class NotAssessed:
    """A question that the model gave no usable answer to. `reason` is one sentence for people."""

    reason: str


LEAST_MASS = 0.01  # of all beginnings: below that the options are not what the model would say
SOMETHING_ELSE = NotAssessed("the model would begin its answer with something else.")


class VisionLanguageModel(Protocol):
    """An engine that reads images and text and answers under a schema. A new engine is one file that satisfies this."""

    @property
    def engine(self) -> Engine:
        """The record of this engine, known before anything is asked."""
        ...

    @property
    def sees(self) -> bool:
        """True where the model takes images."""
        ...

    def prepare(self, seen: Sequence[Content] = (), cancel: Event | None = None) -> Prefix:
        """Read what comes before every prompt about one study: images, and text between them.

        Images are uint8 of shape (rows, columns) or (rows, columns, 3), air dark. The engine keeps the last prefix
        that it made: preparing the same again, or again in another thread, costs nothing. Raises ModelError where the
        model takes no images or has too little memory or context for them, Cancelled soon after `cancel` is set.
        """
        ...

    def generate(
        self,
        prefix: Prefix,
        prompt: str,
        schema: Schema,
        cancel: Event | None = None,
        told: Callable[[str], None] | None = None,
        likely: str = "",
    ) -> dict[str, Any]:
        """Answer a prompt with one JSON object that satisfies `schema`, the same each time.

        `prefix` is one that this model prepared. `told` is given the text of the answer piece by piece as it comes, in
        the caller's thread. `likely` is an answer that would be no surprise: it changes nothing but the time that it
        takes. Each call stands alone. Raises ModelError where the answer is cut short or invalid (it is never
        repaired), MissingError where a server or its key is not there, Cancelled soon after `cancel` is set.
        """
        ...

    def choose(
        self, prefix: Prefix, prompt: str, options: Sequence[str], cancel: Event | None = None
    ) -> tuple[float, ...] | NotAssessed:
        """Return how probable each of `options` is as the beginning of the answer; together they make 1.

        NotAssessed where the engine gives no probabilities, or the model would begin with something else. Raises
        ValueError for options that begin alike, and otherwise what `generate` raises.
        """
        ...
