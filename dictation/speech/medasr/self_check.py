"""Whether int8 agrees with fp32 on this machine, and is faster: both hear a voice-like sound made here.

Integer products are first tried with the largest numbers, since some processors saturate on them without a word.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.speech.medasr.int8 import is_exact, steps_here

LEAST_EQUAL = 0.99  # of the frames
_UNDECIDED = 0.05  # probabilities that differ by less may change places
_MAX_ERROR = 0.2  # of the logits, root mean square against their own; saturation gives far more
_SECONDS = 10
_TRIES = 3
_VOWELS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))


@dataclass(frozen=True)
class Verdict:
    """What the self-check found. `reason` says it in words; `equal` is the share of frames with the same piece."""

    agrees: bool
    reason: str
    equal: float = 0.0
    error: float = 0.0


def self_check(fp32: Callable[[np.ndarray], np.ndarray], int8: Callable[[np.ndarray], np.ndarray]) -> Verdict:
    """Compare two networks, each a function of 16 kHz samples that gives logits, shape (frames, vocabulary)."""
    if not is_exact():
        return Verdict(False, "its int8 products are not exact on this processor")
    sound = voice_like(_SECONDS)
    (expected, slow_s), (found, fast_s) = _timed(fp32, sound), _timed(int8, sound)
    if not np.isfinite(found).all():
        return Verdict(False, "int8 gave values that are no numbers")
    error = float(np.sqrt(np.mean((found - expected) ** 2) / np.mean((expected - expected.mean()) ** 2)))
    shares = np.exp(expected - expected.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    best = np.take_along_axis(shares, found.argmax(axis=1)[:, None], axis=1)[:, 0]
    equal = float(np.mean(shares.max(axis=1) - best <= _UNDECIDED))
    bits = steps_here().bit_length() + 1
    share = f"{100 * equal:.1f} % of frames equal fp32, logits differ by {100 * error:.1f} %, numbers of {bits} bits"
    if equal < LEAST_EQUAL or error > _MAX_ERROR:
        return Verdict(False, f"its self-check failed: {share}", equal, error)
    if fast_s >= slow_s:
        return Verdict(
            False, f"int8 is no faster on this processor ({slow_s:.2f} s in fp32, {fast_s:.2f} s)", equal, error
        )
    return Verdict(True, f"its self-check passed: {share}", equal, error)


def voice_like(seconds: int) -> np.ndarray:
    """A melody of vowels with bursts of noise and pauses between them, the same each time; 16 kHz float32."""
    random = np.random.default_rng(0)
    at_s = np.arange(seconds * SAMPLE_RATE) / SAMPLE_RATE
    syllable = (at_s / 0.25).astype(int)
    formants_hz = np.array(_VOWELS_HZ)[syllable * 7 % len(_VOWELS_HZ)]
    pitch_hz = 115 + 25 * np.sin(2 * np.pi * 0.4 * at_s)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE
    voice = np.zeros(len(at_s))
    for harmonic in range(1, 30):
        heights = 1 / (1 + ((harmonic * pitch_hz[:, None] - formants_hz) / (40, 60, 90)) ** 2)
        voice += heights.sum(axis=1) * np.cos(harmonic * phase) / harmonic**0.5
    into_s = at_s % 0.25
    hiss = np.diff(random.normal(0, 0.3, len(at_s)), prepend=0.0) * (into_s < 0.06)
    envelope = np.sin(np.pi * into_s / 0.25) ** 0.5 * (syllable % 8 < 6)
    sound = envelope * (voice * (into_s >= 0.05) + hiss) + random.normal(0, 1e-3, len(at_s))
    return np.asarray(0.25 * sound / np.abs(sound).max(), dtype=np.float32)


def _timed(network: Callable[[np.ndarray], np.ndarray], sound: np.ndarray) -> tuple[np.ndarray, float]:
    """Logits, and the CPU seconds of the best try: other programs may be at work."""
    best_s = float("inf")
    for _ in range(_TRIES):
        start_s = time.process_time()
        found = network(sound)
        best_s = min(best_s, time.process_time() - start_s)
    return found, best_s
