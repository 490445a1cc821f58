"""What is dictated: the committed samples, cut into utterances and joined anew with the pauses of a dictation."""

import random
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path

import numpy as np

from dictation.audio import SAMPLE_RATE, Recording

SAMPLES = Path(__file__).parents[2] / "audio_samples"
BLOCK = SAMPLE_RATE // 10  # what a page sends at once
NOISY = "07"  # its noise hides where an utterance ends
PAUSES_S = (1.0, 1.4, 0.9, 2.5, 1.2)  # as benchmarks/live.py has them
LOUD, FRAME, GAP_S = 0.02, SAMPLE_RATE // 100, 0.3
BETWEEN_S = 0.75  # silence that parts two utterances of what is dictated
NOISE = 0.0005  # a quiet room


@dataclass(frozen=True)
class Said:
    """16-bit samples at 16 kHz, and the seconds between which each utterance is said."""

    pcm: np.ndarray
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]

    def blocks(self) -> list[bytes]:
        """The blocks that a page sends."""
        return [self.pcm[at : at + BLOCK].tobytes() for at in range(0, len(self.pcm), BLOCK)]


def spoken(minutes: float, seed: int) -> Said:
    """Return a dictation of about so many minutes, another one for each seed."""
    order = random.Random(seed)
    pauses_s, quiet = cycle(PAUSES_S), np.random.default_rng(seed)
    pieces, length = [], 0
    while length < 60 * minutes * SAMPLE_RATE:
        for piece in (np.zeros(round(next(pauses_s) * SAMPLE_RATE), np.float32), order.choice(clips())):
            pieces.append(piece)
            length += len(piece)
    sound = np.concatenate([*pieces, np.zeros(SAMPLE_RATE, np.float32)])
    sound += quiet.normal(0, NOISE, len(sound)).astype(np.float32)
    return said_in((sound * 32767).astype("<i2"))


def said_in(pcm: np.ndarray) -> Said:
    """Find the utterances in 16-bit samples."""
    spans = _voiced(pcm / np.float32(32768), BETWEEN_S)
    return Said(pcm, tuple(start for start, _ in spans), tuple(end for _, end in spans))


@cache
def clips() -> tuple[np.ndarray, ...]:
    """The utterances of the samples, float32."""
    found = []
    for folder in sorted(SAMPLES.glob("0*")):
        if folder.name.startswith(NOISY):
            continue
        [path] = [path for path in folder.iterdir() if path.stem == folder.name]
        sound = Recording(path).samples()
        for start_s, end_s in _voiced(sound, GAP_S):
            start, end = round((start_s - 0.05) * SAMPLE_RATE), round((end_s + 0.1) * SAMPLE_RATE)
            found.append(sound[max(0, start) : end])
    return tuple(found)


def _voiced(sound: np.ndarray, gap_s: float) -> list[tuple[float, float]]:
    count = len(sound) // FRAME
    loud = np.flatnonzero(np.abs(sound[: count * FRAME]).reshape(count, FRAME).max(axis=1) > LOUD)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > gap_s * SAMPLE_RATE / FRAME)
    starts, ends = [loud[0], *loud[breaks + 1]], [*loud[breaks], loud[-1]]
    second = FRAME / SAMPLE_RATE
    return [(float(a * second), float((b + 1) * second)) for a, b in zip(starts, ends, strict=True)]
