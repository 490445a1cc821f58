"""Recordings as they arrive on a bad day: what sound there is, is given; else one sentence names file and fix."""

import io
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE, Recording
from dictation.errors import InputError
from tests.audio.audio_files import clip, encoded, encoded_by_av, likeness, opened, pcm, speech, tone, wav


def opened_and_heard(tmp_path: Path, content: bytes) -> Recording:
    recording = opened(tmp_path, content)
    recording.samples()
    return recording


def png() -> bytes:
    with av.open(io.BytesIO(), "w", format="image2pipe") as output:
        stream = output.add_stream("png")
        stream.width, stream.height, stream.pix_fmt = 16, 16, "rgb24"
        return b"".join(map(bytes, stream.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8)))))


def silent_film(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for packet in stream.encode(av.VideoFrame(32, 32, "yuv420p")) + stream.encode(None):
            output.mux(packet)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"Findings: the lungs are clear.\n" * 40, "no recording in a format known"),
        (bytes(10_000), "no recording in a format known"),
        (wav(b""), "no sound"),
        (wav(b"")[:30], "no recording in a format known"),
        (encoded(np.zeros(0, np.float32), "AIFF", "PCM_16"), "no sound"),
        (wav(pcm(tone(SAMPLE_RATE, 1)), rate_hz=1), "sample rate of 1 Hz"),
        (encoded(tone(SAMPLE_RATE, 1), "MP3", "MPEG_LAYER_III")[:60], "no recording in a format known"),
        (zlib.compress(bytes(5_000)), "no recording in a format known"),
        (png(), "no recording in a format known"),
    ],
    ids=["empty", "text", "zeros", "zero samples", "half a header", "empty aiff", "1 Hz", "60 bytes", "zlib", "png"],
)
def test_no_sound_ends_in_one_sentence_with_file_and_fix(tmp_path: Path, content: bytes, says: str) -> None:
    recording = opened(tmp_path, content)
    with pytest.raises(InputError, match=says) as caught:
        recording.samples()
    with pytest.raises(InputError, match=says):
        recording.duration_s()
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'a.wav'}: ")
    assert message.endswith(".") and "\n" not in message
    assert any(fix in message for fix in ("export it again", "record it again", "record or copy it again"))


def test_a_film_without_sound(tmp_path: Path) -> None:
    silent_film(tmp_path / "a.mp4")
    with pytest.raises(InputError, match=r"a\.mp4: it has no sound track; "):
        Recording(tmp_path / "a.mp4").samples()


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for read in (Recording.samples, lambda recording: recording.id):
        with pytest.raises(InputError, match=r"b\.wav: there is no such file"):
            read(Recording(tmp_path / "b.wav"))
        with pytest.raises(InputError, match="this is a folder"):
            read(Recording(tmp_path))
        with pytest.raises(InputError, match="cannot be opened"):
            read(Recording(tmp_path / ("a" * 300 + ".wav")))


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = opened(tmp_path, wav(pcm(clip("lungs"))))
    recording.path.chmod(0)
    if os.access(recording.path, os.R_OK):  # the superuser may read everything

        def denied(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(InputError, match=r"a\.wav: you may not read this file; "):
        recording.samples()


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.wav", "a.aiff", "a.webm", "a.ogg"])
def test_a_file_cut_off_gives_what_is_there(tmp_path: Path, name: str) -> None:
    sound = np.tile(speech(), 3)
    whole = {
        "a.mp3": lambda: encoded(sound, "MP3", "MPEG_LAYER_III"),
        "a.flac": lambda: encoded(sound, "FLAC", "PCM_16"),
        "a.wav": lambda: encoded(sound, "WAV", "PCM_16"),
        "a.aiff": lambda: encoded(sound, "AIFF", "PCM_16"),
        "a.webm": lambda: encoded_by_av(np.repeat(sound, 3), "webm", "libopus", 48_000),
        "a.ogg": lambda: encoded(sound, "OGG", "OPUS"),
    }[name]()
    recording = opened(tmp_path, whole[: len(whole) * 2 // 3], name)
    heard = recording.samples()
    assert 0.5 * len(sound) < len(heard) < 0.8 * len(sound)
    assert likeness(heard, sound[: len(heard)]) > 0.85
    if name != "a.ogg":  # an Ogg file states no length
        (warning,) = recording.warnings
        assert warning.startswith(f"{recording.path}: the file ends ") and "header promises" in warning


def test_damage_inside_a_file_costs_only_its_own_stretch(tmp_path: Path) -> None:
    sound = np.tile(speech(), 3)
    for name, file_format, subtype in (("a.mp3", "MP3", "MPEG_LAYER_III"), ("a.flac", "FLAC", "PCM_16")):
        content = bytearray(encoded(sound, file_format, subtype))
        content[len(content) // 3 : len(content) // 3 + 300] = bytes(300)
        heard = opened(tmp_path, bytes(content), name).samples()
        last = len(sound) // 2
        assert likeness(heard[-last:], sound[-last:]) > 0.9


@pytest.mark.parametrize(
    "made",
    [
        lambda sound: encoded(sound, "OGG", "OPUS"),
        lambda sound: encoded(sound, "AU", "PCM_16"),
        lambda sound: encoded(sound, "CAF", "PCM_16"),
        lambda sound: encoded(sound, "W64", "PCM_16"),
        lambda sound: encoded(sound, "RF64", "PCM_16"),
        lambda sound: encoded_by_av(sound, "adts", "aac", SAMPLE_RATE),
        lambda sound: encoded_by_av(sound, "mp3", "libmp3lame", SAMPLE_RATE, live=True),
        lambda sound: encoded_by_av(np.repeat(sound, 3), "webm", "libopus", 48_000, live=True),
    ],
    ids=["ogg", "au", "caf", "w64", "rf64", "aac", "streamed mp3", "streamed webm"],
)
def test_a_file_that_states_no_length_of_its_sound_says_that_it_was_cut_off(
    tmp_path: Path, made: Callable[[np.ndarray], bytes]
) -> None:
    whole = made(speech())
    assert opened_and_heard(tmp_path, whole).warnings == ()
    (warning,) = opened_and_heard(tmp_path, whole[: len(whole) * 2 // 3 + 7]).warnings
    assert "breaks off before its end" in warning


@pytest.mark.parametrize(
    "made",
    [
        lambda sound: encoded(sound, "FLAC", "PCM_16"),
        lambda sound: encoded(sound, "MP3", "MPEG_LAYER_III"),
        lambda sound: encoded_by_av(sound, "mp4", "aac", SAMPLE_RATE),
    ],
    ids=["flac", "mp3", "m4a"],
)
def test_damage_inside_a_file_is_said_though_its_decoder_makes_sound_of_it(
    tmp_path: Path, made: Callable[[np.ndarray], bytes]
) -> None:
    content = bytearray(made(np.tile(speech(), 2)))
    middle = len(content) // 2
    content[middle : middle + 400] = np.random.default_rng(2).bytes(400)
    (warning,) = opened_and_heard(tmp_path, bytes(content)).warnings
    assert "parts of it are damaged, so words may be missing or wrong" in warning


def test_lost_packets_become_silence_so_that_later_words_keep_their_seconds(tmp_path: Path) -> None:
    sound = np.repeat(np.tile(speech(), 2), 3)
    recording = opened(tmp_path, encoded_by_av(sound, "webm", "libopus", 48_000, live=True, lost=range(100, 200)))
    heard = recording.samples()
    assert len(heard) == pytest.approx(len(sound) / 3, abs=0.05 * SAMPLE_RATE)
    assert np.abs(heard[round(2.2 * SAMPLE_RATE) : round(3.8 * SAMPLE_RATE)]).max() < 1e-3
    (warning,) = recording.warnings
    assert "2.0 s are missing" in warning


@pytest.mark.parametrize("stated", [0, 1_000, 0x7FFF_FFFF, 0xFFFF_FFF0, 0xFFFF_FFFF])
def test_a_wav_header_that_does_not_know_the_length(tmp_path: Path, stated: int) -> None:
    sound = pcm(speech())
    recording = opened(tmp_path, wav(sound, stated))
    assert recording.samples().shape == speech().shape
    (warning,) = recording.warnings
    assert "a.wav: its header does not give the true length" in warning


def test_an_aiff_header_that_does_not_know_the_length(tmp_path: Path) -> None:
    content = bytearray(encoded(speech(), "AIFF", "PCM_16"))
    for name, size in ((b"FORM", 4), (b"SSND", 4)):
        at = content.index(name) + 4
        content[at : at + size] = bytes(size)
    frames_at = content.index(b"COMM") + 10
    content[frames_at : frames_at + 4] = bytes(4)
    assert opened(tmp_path, bytes(content), "a.aiff").samples().shape == speech().shape


@pytest.mark.parametrize(
    "after", [b"LIST\x0c\0\0\0INFOISFT\0\0\0\0", b"id3 \x03\0\0\0abc\0" + b"bext\x04\0\0\0abcd", bytes(300)]
)
def test_what_follows_the_sound_of_a_wav_file_is_not_heard(tmp_path: Path, after: bytes) -> None:
    recording = opened(tmp_path, wav(pcm(clip("lungs")), after=after))
    assert recording.samples().shape == clip("lungs").shape
    assert recording.warnings == ()
    with pytest.raises(InputError, match="no sound"):
        opened(tmp_path, wav(b"", after=after)).samples()


def test_pure_silence_is_sound_with_a_warning(tmp_path: Path) -> None:
    recording = opened(tmp_path, wav(bytes(2 * SAMPLE_RATE)))
    np.testing.assert_array_equal(recording.samples(), np.zeros(SAMPLE_RATE))
    (warning,) = recording.warnings
    assert "a.wav: it is silent" in warning


def test_a_recording_too_soft_to_find_the_speech_in_is_told(tmp_path: Path) -> None:
    (warning,) = opened_and_heard(tmp_path, encoded(speech() * 0.004, "WAV", "PCM_24")).warnings
    assert "a.wav: even its loudest sound is so soft (-54 dBFS)" in warning
    assert opened_and_heard(tmp_path, encoded(speech() * 0.02, "WAV", "PCM_24")).warnings == ()


def test_clipping_is_told_and_honest_peaks_are_not(tmp_path: Path) -> None:
    clipped = opened(tmp_path, encoded(np.clip(4 * speech(), -1, 1), "WAV", "PCM_16"))
    assert np.abs(clipped.samples()).max() <= 1
    (warning,) = clipped.warnings
    assert "a.wav: " in warning and "clipped" in warning
    peaks = opened(tmp_path, encoded(2 * speech(), "WAV", "FLOAT"))
    assert np.abs(peaks.samples()).max() > 0.99
    assert peaks.warnings == ()


def test_values_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    sound = speech()
    sound[100:104] = np.nan, np.inf, -np.inf, 1e30
    soundfile.write(tmp_path / "a.wav", sound, SAMPLE_RATE, subtype="FLOAT")
    recording = Recording(tmp_path / "a.wav")
    heard = recording.samples()
    np.testing.assert_array_equal(heard[100:104], [0, 0, 0, 1])
    np.testing.assert_array_equal(heard[104:], sound[104:])
    (warning,) = recording.warnings
    assert "3 samples are no numbers" in warning


def test_a_long_damaged_stretch_does_not_end_the_recording(tmp_path: Path) -> None:
    sound = np.tile(speech(), 4)
    content = bytearray(encoded(sound, "MP3", "MPEG_LAYER_III"))
    third = len(content) // 3
    for start in range(third, 2 * third, 100):  # every frame of the middle third
        content[start : start + 10] = bytes(10)
    recording = opened(tmp_path, bytes(content), "a.mp3")
    heard = recording.samples()
    last = len(sound) // 4
    assert likeness(heard[-last:], sound[-last:]) > 0.9
    assert any("a.mp3: parts of it are damaged" in warning for warning in recording.warnings)


def test_several_sound_tracks_use_the_first_and_say_so(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mka"), "w", format="matroska") as output:
        streams = [output.add_stream("pcm_s16le", rate=SAMPLE_RATE, layout="mono") for _ in range(2)]
        for stream, name in zip(streams, ("lungs", "nodule"), strict=True):
            samples = (clip(name) * 32_767).astype(np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, 0
            for packet in stream.encode(frame) + stream.encode(None):
                output.mux(packet)
    recording = Recording(tmp_path / "a.mka")
    assert likeness(recording.samples(), clip("lungs")) > 0.99
    assert any("several sound tracks" in warning for warning in recording.warnings)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that cannot be read: Linux has one")
def test_a_disk_that_fails_while_reading() -> None:
    recording = Recording(Path("/proc/self/mem"))  # an ordinary file whose first byte is an input/output error
    with pytest.raises(InputError, match=r"/proc/self/mem: cannot be opened .* check the path and the disk"):
        recording.samples()
    with pytest.raises(InputError, match="/proc/self/mem: cannot be opened"):
        _ = recording.id
