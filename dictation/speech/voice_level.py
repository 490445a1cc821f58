"""Quiet voices raised, with a cap: for recognizers whose features keep the level of the sound.

Only what lies below the level of ordinary dictation is changed, so a normal recording reaches the model untouched.
"""

from collections.abc import Sequence

import numpy as np

from dictation.audio import SAMPLE_RATE, Window

FLOOR_DBFS = -32.0  # RMS of the voiced seconds; a speaker near a microphone is at -30 to -18
MAX_GAIN_DB = 30.0  # more would make words of the room's noise
PEAK = 0.95  # of full scale, which the gain never exceeds


def raised(window: Window) -> np.ndarray:
    """Return the window's samples, float32, shape (n,), made louder where the voice lies below FLOOR_DBFS."""
    level_dbfs = voice_dbfs(window)
    peak = float(np.abs(window.samples).max(initial=0.0))
    if level_dbfs >= FLOOR_DBFS or peak == 0.0:
        return window.samples
    gain = min(10 ** (min(FLOOR_DBFS - level_dbfs, MAX_GAIN_DB) / 20), PEAK / peak)
    return window.samples * np.float32(gain) if gain > 1 else window.samples


def voice_dbfs(window: Window) -> float:
    """Return the RMS level of the window's stretches of speech, in dB below full scale; -inf for digital silence."""
    voiced = [window.samples[first:last] for first, last in _spans(window.speech, window)]
    power = float(np.mean(np.square(np.concatenate(voiced), dtype=np.float64))) if voiced else 0.0
    return 10 * float(np.log10(power)) if power > 0 else -np.inf


def _spans(speech: Sequence[tuple[float, float]], window: Window) -> list[tuple[int, int]]:
    return [
        (round((start_s - window.start_s) * SAMPLE_RATE), round((end_s - window.start_s) * SAMPLE_RATE))
        for start_s, end_s in speech
    ]
