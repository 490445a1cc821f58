"""A recording that ends within a word says so; one that dies away, or is noise, does not."""

import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE, Recording

CUT = "it ends in the middle of speech"


def syllables(seconds: float) -> np.ndarray:
    """Bursts of a buzz, each .2 s with a soft end, a tenth of a second apart."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    buzz = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 12))
    phase = time % 0.3
    envelope = np.where(phase < 0.2, np.abs(np.sin(np.pi * phase / 0.2)) ** 0.5, 0.0)
    noise = np.random.default_rng(0).normal(0, 1e-3, len(time))
    return (0.2 * buzz * envelope + noise).astype(np.float32)


def warned(tmp_path, samples: np.ndarray) -> bool:
    path = tmp_path / "a.wav"
    soundfile.write(path, samples, SAMPLE_RATE)
    recording = Recording(path)
    recording.samples()
    return any(CUT in warning for warning in recording.warnings)


@pytest.mark.parametrize("ends_s", [4.0, 5.5, 62.2])
def test_what_is_cut_within_a_word_is_told(tmp_path, ends_s):
    start = ends_s - ends_s % 0.3
    assert warned(tmp_path, syllables(start + 0.1))
    dip = np.full(round(0.04 * SAMPLE_RATE), 1e-3, np.float32)  # before the burst of a "t"
    assert warned(tmp_path, np.concatenate([syllables(start + 0.1), dip]))


@pytest.mark.parametrize("ends_s", [3.0, 30.0])
def test_what_ends_with_a_word_is_not(tmp_path, ends_s):
    assert not warned(tmp_path, np.concatenate([syllables(ends_s + 0.25), np.zeros(1600, np.float32)]))
    assert not warned(tmp_path, np.concatenate([syllables(ends_s), np.zeros(SAMPLE_RATE, np.float32)]))


def test_steady_noise_and_a_tone_are_no_speech_that_ends(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.1, 5 * SAMPLE_RATE).astype(np.float32)
    tone = np.sin(np.arange(5 * SAMPLE_RATE) / 20).astype(np.float32)
    assert not warned(tmp_path, noise)
    assert not warned(tmp_path, tone)
    assert not warned(tmp_path, syllables(0.5))
