"""A Recording in the plain case: sound in, the same sound out at 16 kHz."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE, Recording


def tone(rate_hz: int, seconds: float, hz: float = 440.0, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def test_sound_at_16_khz_comes_back_unchanged(tmp_path: Path) -> None:
    sound = tone(SAMPLE_RATE, 1.3)
    soundfile.write(tmp_path / "a.wav", sound, SAMPLE_RATE, subtype="FLOAT")
    recording = Recording(tmp_path / "a.wav")
    np.testing.assert_array_equal(recording.samples(), sound)
    assert recording.duration_s() == pytest.approx(1.3)
    assert recording.warnings == ()
    assert recording.name == "a.wav"
    assert recording.id == hashlib.sha256((tmp_path / "a.wav").read_bytes()).hexdigest()
