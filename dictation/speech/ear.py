"""What an ear is asked, live as in a file: one stretch of sound in, its words out, later and in turn.

A recognizer serves files with `transcribe` and live dictation with `hear`; both pass through its one queue of turns, so
that several sessions and a batch share one engine and live work goes first.
"""

from concurrent.futures import Future
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np

from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.speech.transcript import Engine, Word


class Urgency(IntEnum):
    """Who goes first: the end of a spoken phrase, then text that is provisional anyway, then recordings."""

    FINAL = 0
    PARTIAL = 1
    FILE = 2


@dataclass(frozen=True)
class Stretch:
    """A stretch of one recording or dictation that is to be heard.

    `samples` is 16 kHz mono float32 in [-1, 1], shape (n,), and begins at `start_s` of the recording. Its first
    `context_s` seconds were heard before: they help the ear, and no word of them is given again. `speech` holds the
    [start, end) of each stretch of voice in it, in seconds of the recording, context included.
    """

    samples: np.ndarray
    start_s: float
    speech: tuple[tuple[float, float], ...]
    vocabulary: Vocabulary = EMPTY_VOCABULARY
    context_s: float = 0.0


@dataclass(frozen=True)
class Heard:
    """What a stretch gave: its words in order with seconds of the recording, and what a person should listen to again.

    Each warning begins with the seconds that it is about.
    """

    words: tuple[Word, ...]
    warnings: tuple[str, ...] = ()


class Ear(Protocol):
    """What a live session needs of a recognizer."""

    @property
    def engine(self) -> Engine:
        """The record of this engine."""
        ...

    @property
    def max_stretch_s(self) -> float:
        """The longest stretch that it hears at once, context included, in seconds."""
        ...

    @property
    def waiting_s(self) -> float:
        """How long a final that is asked for now is expected to wait for its turn, in seconds."""
        ...

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> Future[Heard]:
        """Ask for the words of a stretch; returns at once for live work.

        A PARTIAL that still waits is cancelled by a later one of the same `key`, and by a FINAL of that key. The future
        fails with a DictationError where the engine fails; the sound is then still in the journal.
        """
        ...
