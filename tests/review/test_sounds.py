"""A click on a word plays just its stretch, from whatever file its recording is."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dictation.audio import Journal
from dictation.errors import DictationError
from dictation.review.sounds import LONGEST_S, wav_bytes

RATE_HZ = 16_000


def ramp(seconds: float) -> np.ndarray:
    """Samples that tell their own place: each is its number, scaled to 16 bits."""
    return (np.arange(round(seconds * RATE_HZ)) % 32_768 / 32_768).astype(np.float32)


@pytest.fixture(params=["capture", "flac", "wav"])
def recording(request, tmp_path) -> Path:
    if request.param != "capture":
        path = tmp_path / f"a.{request.param}"
        soundfile.write(path, ramp(5), RATE_HZ, subtype="PCM_16")
        return path
    with Journal.create(tmp_path, block_samples=1600) as journal:
        for number in range(50):
            journal.append(number, ramp(5)[number * 1600 : (number + 1) * 1600])
        return journal.path


def heard(wav: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32_768


def test_a_stretch_is_exactly_those_samples(recording):
    assert np.array_equal(heard(wav_bytes(recording, 1.25, 2.5)), ramp(5)[20_000:40_000])


def test_a_stretch_is_clamped_to_the_recording(recording):
    assert np.array_equal(heard(wav_bytes(recording, -0.5, 0.5)), ramp(5)[:8000])
    assert np.array_equal(heard(wav_bytes(recording, 4.5, 9.0)), ramp(5)[72_000:])


@pytest.mark.parametrize(
    ("from_s", "to_s"), [(2, 2), (3, 2), (-2, -1), (6, 7), (float("nan"), 1), (0, float("inf")), (1e30, 1e31)]
)
def test_what_is_no_stretch_of_it_is_refused(recording, from_s, to_s):
    with pytest.raises(DictationError) as error:
        wav_bytes(recording, from_s, to_s)
    assert str(recording) not in str(error.value)


def test_no_more_than_a_minute_is_given(tmp_path):
    soundfile.write(tmp_path / "a.flac", ramp(70), RATE_HZ)
    assert len(heard(wav_bytes(tmp_path / "a.flac", 1, 69))) == LONGEST_S * RATE_HZ


def test_a_capture_that_is_still_written_can_be_played(tmp_path):
    with Journal.create(tmp_path, block_samples=1600) as journal:
        journal.append(0, ramp(0.1))
        journal.append(2, ramp(0.3)[3200:])
        sound = heard(wav_bytes(journal.path, 0, 1))
    assert len(sound) == 4800 and not sound[1600:3200].any() and np.array_equal(sound[3200:], ramp(0.3)[3200:])


def test_a_file_that_libsndfile_does_not_read_is_decoded(tmp_path):
    import av

    path = tmp_path / "a.m4a"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE_HZ)
        frame = av.AudioFrame.from_ndarray(ramp(3).reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate = RATE_HZ
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    assert len(heard(wav_bytes(path, 0.5, 1.5))) == RATE_HZ


@pytest.mark.parametrize("content", [None, b"", b"no sound at all"])
def test_a_recording_that_is_gone_or_damaged_is_told_without_its_path(tmp_path, content):
    path = tmp_path / "EXAMPLE_Ada.flac"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DictationError) as error:
        wav_bytes(path, 0, 1)
    assert "Ada" not in str(error.value)
