"""What every decoder yields: a stretch of sound at the file's own rate and channels."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chunk:
    """`frames` is float32, shape (n, channels), full scale at ±1; `rate_hz` may change within a file."""

    frames: np.ndarray
    rate_hz: int


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
