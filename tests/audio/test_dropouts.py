"""Sound that was lost inside a recording is reported with its seconds; the pauses of a noise gate are not."""

from pathlib import Path

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE, Recording
from dictation.audio.dropouts import Dropouts
from tests.audio.audio_files import CLIPS, DATA, clip, encoded, pause

SAMPLES = Path(__file__).parents[2] / "audio_samples"
SOUND = (".flac", ".mp3", ".m4a", ".wav", ".ogg", ".webm")
WHOLE = [path for path in sorted([*SAMPLES.glob("*/*"), *DATA.glob("*")]) if path.suffix in SOUND]


def _spoken() -> np.ndarray:
    """Four sentences in a room that is never quite still, and pauses between them."""
    said = np.concatenate([part for name in CLIPS for part in (clip(name), pause(0.5))])
    return said + np.random.default_rng(3).normal(0, 2e-3, len(said)).astype(np.float32)


def _loud_at(sound: np.ndarray, seconds: float) -> int:
    """The sample of the loudest 20 ms in the second from `seconds` on."""
    start = round(seconds * SAMPLE_RATE)
    power = np.convolve(sound[start : start + SAMPLE_RATE] ** 2, np.ones(320), "same")
    return start + int(power.argmax())


def _warnings(tmp_path: Path, content: bytes, name: str = "a.wav") -> tuple[str, ...]:
    (tmp_path / name).write_bytes(content)
    recording = Recording(tmp_path / name)
    recording.samples()
    return recording.warnings


@pytest.mark.parametrize(("subtype", "rest"), [("PCM_16", 0.0), ("FLOAT", 0.0), ("PCM_16", -0.25)])
@pytest.mark.parametrize(("at_s", "seconds"), [(1.0, 2.0), (2.0, 0.4), (4.0, 1.0), (6.0, 2.0)])
def test_sound_that_is_lost_in_mid_speech_is_reported_with_its_seconds(tmp_path, at_s, seconds, subtype, rest):
    sound = _spoken()
    start = _loud_at(sound, at_s)
    sound[start : start + round(seconds * SAMPLE_RATE)] = rest
    (warning,) = _warnings(tmp_path, encoded(sound, "WAV", subtype))
    assert "drops out" in warning and warning.startswith(str(tmp_path / "a.wav"))
    assert f"({start / SAMPLE_RATE:.1f} to {start / SAMPLE_RATE + seconds:.1f} s)" in warning


def test_each_of_several_is_named(tmp_path):
    sound = _spoken()
    starts = [_loud_at(sound, at_s) for at_s in (1.0, 4.0)]
    for start in starts:
        sound[start : start + SAMPLE_RATE // 2] = 0
    (warning,) = _warnings(tmp_path, encoded(sound, "WAV", "PCM_16"))
    assert all(f"{start / SAMPLE_RATE:.1f} to " in warning for start in starts)


@pytest.mark.parametrize("size", [160, 1_000, 16_000, 1_000_000])
def test_how_the_sound_arrives_changes_nothing(size):
    sound = _spoken()
    start = _loud_at(sound, 1.0)
    sound[start : start + 2 * SAMPLE_RATE] = 0
    dropouts = Dropouts()
    for at in range(0, len(sound), size):
        dropouts.feed(sound[at : at + size, None], SAMPLE_RATE)
    (warning,) = dropouts.warnings("a.wav")
    assert f"({start / SAMPLE_RATE:.1f} to {start / SAMPLE_RATE + 2:.1f} s)" in warning


def test_pauses_of_synthetic_speech_are_no_damage(tmp_path):
    said = np.concatenate([part for name in CLIPS for part in (clip(name), pause(0.6))])
    assert _warnings(tmp_path, encoded(said, "WAV", "PCM_16")) == ()


@pytest.mark.parametrize("hold_s", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("threshold", [0.01, 0.03, 0.06])
def test_pauses_that_a_noise_gate_closed_are_no_damage(tmp_path, threshold, hold_s):
    sound = _spoken()
    level = np.sqrt(np.convolve(sound**2, np.ones(160) / 160, "same")) / np.sqrt(np.mean(sound**2))
    is_open = np.convolve(level > threshold * 2, np.ones(round(hold_s * SAMPLE_RATE)), "same") > 0
    assert _warnings(tmp_path, encoded(np.where(is_open, sound, 0), "WAV", "PCM_16")) == ()


def test_silence_at_the_beginning_and_the_end_is_no_damage(tmp_path):
    sound = np.concatenate([pause(1.0), _spoken(), pause(2.0)])
    assert _warnings(tmp_path, encoded(sound, "WAV", "PCM_16")) == ()


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_nothing_is_reported_of_a_whole_recording(path):
    recording = Recording(path)
    recording.samples()
    assert not [warning for warning in recording.warnings if "drops out" in warning]
