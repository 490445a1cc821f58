"""A Recording: the same sound at 16 kHz, mono, in [-1, 1], whatever the rate and the channels."""

import hashlib
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE, Recording
from dictation.audio.resample import Resampler
from tests.audio.audio_files import CLIPS, clip, tone


def test_sound_at_16_khz_comes_back_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sound = clip("lungs")
    soundfile.write(path, sound, SAMPLE_RATE, subtype="FLOAT")
    recording = Recording(path)
    np.testing.assert_array_equal(recording.samples(), sound)
    assert recording.samples().dtype == np.float32
    assert recording.duration_s() == len(sound) / SAMPLE_RATE
    assert recording.warnings == ()
    assert (recording.path, recording.name) == (path, "a.wav")
    assert recording.id == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("rate_hz", [4_000, 8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000, 384_000])
def test_any_rate_keeps_pitch_level_and_length(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(rate_hz, 1.0), rate_hz, subtype="FLOAT")
    recording = Recording(path)
    heard = recording.samples()
    assert [f"only {rate_hz} Hz" in warning for warning in recording.warnings] == [True] * (rate_hz < 8_000)
    assert abs(len(heard) - SAMPLE_RATE) <= 1
    inner = slice(1_600, 14_400)  # the ends hold the filter's own start and stop
    np.testing.assert_allclose(heard[inner], tone(SAMPLE_RATE, 1.0)[inner], atol=2e-3)


def test_a_streamed_recording_equals_what_librosa_loads_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    voice = np.tile(np.concatenate([clip(name) for name in CLIPS]), 8)  # several chunks
    soundfile.write(path, np.stack([voice, np.roll(voice, 50)], axis=1), 44_100, subtype="PCM_24")
    expected, _ = librosa.load(path, sr=SAMPLE_RATE, mono=True)
    heard = np.concatenate(list(Recording(path).blocks(1.0)))
    assert len(heard) == pytest.approx(len(expected), abs=1)
    np.testing.assert_allclose(heard[: len(expected)], expected[: len(heard)], atol=1e-4)


def test_tones_above_8_khz_do_not_fold_back(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(48_000, 1.0, hz=11_000), 48_000, subtype="FLOAT")
    assert np.abs(Recording(path).samples()[1_600:14_400]).max() < 1e-3


def test_a_rate_that_changes_within_a_file_is_followed() -> None:
    resampler = Resampler("a.mp3")
    pieces = [resampler.feed(tone(48_000, 1.0), 48_000), resampler.feed(tone(16_000, 1.0), 16_000), resampler.finish()]
    assert len(np.concatenate(pieces)) == 2 * SAMPLE_RATE


@pytest.mark.parametrize("block_s", [0.1, 0.33, 1.0, 30.0])
def test_blocks_have_their_exact_length_and_join_without_seams(tmp_path: Path, block_s: float) -> None:
    path = tmp_path / "a.flac"
    sound = np.concatenate([clip(name) for name in CLIPS])
    soundfile.write(path, sound, 22_050)
    recording = Recording(path)
    blocks = list(recording.blocks(block_s))
    assert {len(block) for block in blocks[:-1]} <= {round(block_s * SAMPLE_RATE)}
    assert 0 < len(blocks[-1]) <= round(block_s * SAMPLE_RATE)
    np.testing.assert_array_equal(np.concatenate(blocks), recording.samples())


def test_channels_are_averaged(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    left, right = tone(SAMPLE_RATE, 1.0, 300), tone(SAMPLE_RATE, 1.0, 500)
    soundfile.write(path, np.stack([left, right], axis=1), SAMPLE_RATE, subtype="FLOAT")
    recording = Recording(path)
    np.testing.assert_allclose(recording.samples(), (left + right) / 2, atol=1e-6)
    assert recording.warnings == ()


def test_channels_that_cancel_keep_the_voice_and_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    voice = clip("nodule")
    soundfile.write(path, np.stack([voice, -0.9 * voice], axis=1), SAMPLE_RATE, subtype="FLOAT")
    recording = Recording(path)
    np.testing.assert_allclose(recording.samples(), voice, atol=1e-6)
    (warning,) = recording.warnings
    assert "a.wav" in warning and "cancel" in warning and "channel 1" in warning


@pytest.mark.parametrize("first", ["beep", "voice"])
def test_what_was_in_phase_before_hides_no_voice_that_cancels(tmp_path: Path, first: str) -> None:
    path = tmp_path / "a.wav"
    before, voice = tone(8_192, 0.5) if first == "beep" else clip("lungs"), clip("nodule")
    sound = [np.concatenate([before, voice]), np.concatenate([before, -voice])]
    soundfile.write(path, np.stack(sound, axis=1), SAMPLE_RATE, subtype="FLOAT")
    recording = Recording(path)
    heard = recording.samples()[-len(voice) :]
    assert np.corrcoef(heard, voice)[0, 1] > 0.99
    (warning,) = recording.warnings
    assert "cancel each other" in warning


def test_a_dead_channel_does_not_make_the_voice_softer_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    voice = clip("nodule")
    soundfile.write(path, np.stack([0 * voice, voice, 1e-5 * voice], axis=1), SAMPLE_RATE, subtype="FLOAT")
    recording = Recording(path)
    np.testing.assert_allclose(recording.samples(), voice, atol=1e-6)
    (warning,) = recording.warnings
    assert "a.wav" in warning and "channel 1, 3" in warning


def test_a_second_speaker_on_a_channel_that_was_silent_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    first = np.concatenate([np.tile(clip("nodule"), 20), 0 * clip("lungs")])
    second = np.concatenate([0 * np.tile(clip("nodule"), 20), clip("lungs")])
    soundfile.write(path, np.stack([first, second], axis=1), SAMPLE_RATE)
    heard = Recording(path).samples()[-len(clip("lungs")) :]
    assert np.corrcoef(heard, clip("lungs"))[0, 1] > 0.99


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "uint8", "uint16", "float32", "float64"])
def test_samples_in_memory_are_scaled_by_their_type(kind: str) -> None:
    sound = tone(48_000, 0.5)
    dtype = np.dtype(kind)
    whole = sound.astype(np.float64)
    if dtype.kind in "iu":
        whole = whole * 2.0 ** (8 * dtype.itemsize - 1) + (2.0 ** (8 * dtype.itemsize - 1) if dtype.kind == "u" else 0)
    samples = whole.astype(dtype)
    recording = Recording.from_samples(samples, 48_000, "live")
    np.testing.assert_allclose(recording.samples()[800:7_200], tone(SAMPLE_RATE, 0.5)[800:7_200], atol=0.01)
    assert recording.id == hashlib.sha256(samples.tobytes()).hexdigest()
    assert recording.name == "live"


def test_stereo_samples_in_memory_are_frames_by_channels() -> None:
    voice = clip("lungs")
    recording = Recording.from_samples(np.stack([voice, voice], axis=1), SAMPLE_RATE, "live")
    np.testing.assert_allclose(recording.samples(), voice, atol=1e-6)
    assert next(map(len, recording.blocks(0.5))) == 8_000


@pytest.mark.parametrize("samples", [np.zeros((2, 2, 2)), np.zeros(4, bool), np.zeros(4, complex)])
def test_arrays_that_are_no_sound_are_refused(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="samples"):
        Recording.from_samples(samples, SAMPLE_RATE, "live")


def _two_channels(tmp_path, left, right):
    path = tmp_path / "two.wav"
    soundfile.write(path, np.stack([left, right], axis=1), 16_000)
    recording = Recording(path)
    recording.samples()
    return [warning for warning in recording.warnings if "different voices" in warning]


def _bursts(seed: int, seconds: int = 8) -> np.ndarray:
    """Noise that comes and goes as syllables do, at moments of its own."""
    chance = np.random.default_rng(seed)
    loud = np.repeat(chance.choice([0.002, 0.2], seconds * 5), 16_000 // 5)
    return (chance.normal(0, 1, len(loud)) * loud).astype(np.float32)


def test_two_voices_at_once_on_two_channels_are_told(tmp_path):
    assert _two_channels(tmp_path, _bursts(1), _bursts(2))


def test_one_voice_before_two_microphones_and_voices_in_turns_are_not(tmp_path):
    voice = _bursts(3)
    noise = np.random.default_rng(4).normal(0, 0.002, len(voice)).astype(np.float32)
    assert not _two_channels(tmp_path, voice, np.roll(voice, 80) * 0.5 + noise)
    assert not _two_channels(tmp_path, voice, noise), "a quiet channel of noise"
    half = np.arange(len(voice)) < len(voice) // 2
    assert not _two_channels(tmp_path, voice * half + noise, _bursts(5) * ~half + noise)
