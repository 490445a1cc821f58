"""What every decoder yields: a stretch of sound at the file's own rate and channels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

CHUNK_VALUES = 2**18  # frames x channels that are read at once: 1 MB, some seconds


@dataclass(frozen=True)
class Chunk:
    """`frames` is float32, shape (n, channels), full scale at ±1; `rate_hz` may change within a file."""

    frames: np.ndarray
    rate_hz: int


def joined(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield the same sound in larger chunks: decoders give some 20 ms at a time, and every step has its price."""
    waiting: list[Chunk] = []
    values = 0
    for chunk in chunks:
        if waiting and (waiting[0].rate_hz, waiting[0].frames.shape[1]) != (chunk.rate_hz, chunk.frames.shape[1]):
            yield _one(waiting)
            waiting, values = [], 0
        waiting.append(chunk)
        values += chunk.frames.size
        if values >= CHUNK_VALUES:
            yield _one(waiting)
            waiting, values = [], 0
    if waiting:
        yield _one(waiting)


def _one(chunks: list[Chunk]) -> Chunk:
    return Chunk(np.concatenate([chunk.frames for chunk in chunks]), chunks[0].rate_hz)


def scaled(samples: np.ndarray) -> np.ndarray:
    """Return samples of any numeric type as float32 with full scale at ±1, shape unchanged.

    Integers are divided by their type's range (unsigned ones are first centred); floats are taken as they are.
    Raises ValueError for types that hold no sound (bool, complex, text).
    """
    kind, bits = samples.dtype.kind, 8 * samples.dtype.itemsize
    if kind == "f":
        return samples.astype(np.float32)
    if kind == "i":
        return (samples.astype(np.float64) / 2.0 ** (bits - 1)).astype(np.float32)
    if kind == "u":
        return (samples.astype(np.float64) / 2.0 ** (bits - 1) - 1.0).astype(np.float32)
    raise ValueError(f"samples of type {samples.dtype} hold no sound; give integers or floats")
