"""Every format that a radiologist's recorder, phone or browser leaves, told by its content."""

import sys
from pathlib import Path

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE, Recording
from dictation.errors import InputError
from tests.audio.audio_files import encoded, encoded_by_av, likeness, opened, speech, tone


@pytest.mark.parametrize(
    ("file_format", "subtype", "least"),
    [
        ("WAV", "PCM_U8", 0.99),
        ("WAV", "PCM_16", 0.999999),
        ("WAV", "PCM_24", 0.999999),
        ("WAV", "PCM_32", 0.999999),
        ("WAV", "FLOAT", 0.999999),
        ("WAV", "DOUBLE", 0.999999),
        ("WAV", "ALAW", 0.99),
        ("WAV", "ULAW", 0.99),
        ("WAV", "MS_ADPCM", 0.95),
        ("RF64", "PCM_16", 0.999999),
        ("W64", "PCM_16", 0.999999),
        ("CAF", "PCM_24", 0.999999),
        ("AU", "ULAW", 0.99),
        ("AIFF", "PCM_16", 0.999999),
        ("AIFF", "PCM_24", 0.999999),
        ("AIFF", "FLOAT", 0.999999),
        ("FLAC", "PCM_16", 0.999999),
        ("FLAC", "PCM_24", 0.999999),
        ("MP3", "MPEG_LAYER_III", 0.97),
        ("OGG", "VORBIS", 0.95),
        ("OGG", "OPUS", 0.9),
    ],
)
def test_files_of_libsndfile_keep_sound_and_level(tmp_path: Path, file_format: str, subtype: str, least: float) -> None:
    sound = speech()
    recording = opened(tmp_path, encoded(sound, file_format, subtype))
    heard = recording.samples()
    assert likeness(heard, sound) > least
    assert len(heard) == pytest.approx(len(sound), abs=0.05 * SAMPLE_RATE)
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.05)
    assert recording.duration_s() == len(heard) / SAMPLE_RATE
    assert recording.warnings == ()


@pytest.mark.parametrize(
    ("container", "codec", "live"),
    [
        ("ipod", "aac", False),  # M4A, as phones record
        ("mp4", "aac", True),  # as Safari records: in fragments
        ("adts", "aac", False),
        ("mp3", "libmp3lame", False),
        ("webm", "libopus", False),
        ("webm", "libopus", True),  # as browsers record: the header holds no length
        ("ogg", "libopus", False),
        ("matroska", "flac", False),
        ("mov", "alac", False),
    ],
)
def test_files_of_ffmpeg_keep_sound_and_level(tmp_path: Path, container: str, codec: str, live: bool) -> None:
    sound = tone(48_000, 3.0) * np.linspace(0, 1, 144_000, dtype=np.float32)
    recording = opened(tmp_path, encoded_by_av(sound, container, codec, 48_000, live))
    heard = recording.samples()
    expected = tone(SAMPLE_RATE, 3.0) * np.linspace(0, 1, 48_000, dtype=np.float32)
    assert likeness(heard, expected) > 0.94
    assert len(heard) == pytest.approx(48_000, abs=0.1 * SAMPLE_RATE)
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(np.sqrt(np.mean(expected**2)), rel=0.06)
    assert recording.warnings == ()


@pytest.mark.parametrize("name", ["a.wav", "a.gsm", "a.raw", "a.m3u8", "a"])
def test_the_ending_decides_nothing(tmp_path: Path, name: str) -> None:
    sound = speech()
    recording = opened(tmp_path, encoded(sound, "MP3", "MPEG_LAYER_III"), name)
    assert likeness(recording.samples(), sound) > 0.97


def test_a_play_list_opens_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "other.wav").write_bytes(encoded(speech(), "WAV", "PCM_16"))
    line = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{(tmp_path / 'other.wav').as_uri()}\n#EXT-X-ENDLIST\n"
    with pytest.raises(InputError, match=r"list\.m3u8"):
        opened(tmp_path, line.encode(), "list.m3u8").samples()


def grundig_dss(frames: int) -> bytes:
    """A Grundig .dss file of random frames: six header blocks, then blocks of six bytes of head and 4,048 bits."""
    pad = -(328 * frames) % 4_048
    bits = np.random.default_rng(7).integers(0, 2, 328 * frames, dtype=np.uint8)
    payload = np.packbits(np.concatenate([bits, np.zeros(pad, np.uint8)]))
    content = bytearray(b"\x06dss" + bytes(6 * 512 - 4))
    for number in range(len(payload) // 506):
        first = -(-number * 4_048 // 328)
        following = min(frames, -(-(number + 1) * 4_048 // 328))
        words, bit = divmod(328 * first - 4_048 * number, 16)
        content += (((words + 3) << 4 | bit) << 4).to_bytes(2, "little") + bytes([following - first, 0xFF, 0, 0])
        content += payload[506 * number : 506 * (number + 1)].reshape(-1, 2)[:, ::-1].tobytes()
    return bytes(content)


def test_grundig_dss_is_the_same_in_pieces_as_in_one(tmp_path: Path) -> None:
    whole = pytest.importorskip("grundig.grundig_dss", reason="grundig-dss is the user's choice, not a dependency")
    content = grundig_dss(frames=800)  # more blocks than are read at once
    state, frames = whole.CelpState(), whole.unpack_blocks(content[6 * 512 :])[0]
    original = np.array([value for bits, mode in frames for value in whole.decode_frame(state, bits, mode)]) / 32_768
    expected = Recording.from_samples(original, 12_000, "whole").samples()
    np.testing.assert_allclose(opened(tmp_path, content, "a.dss").samples(), expected, atol=1e-5)


def test_grundig_dss_without_its_package_says_how_to_get_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grundig", None)
    monkeypatch.setitem(sys.modules, "grundig.grundig_dss", None)
    with pytest.raises(InputError, match=r"a\.dss: .*pip install \"grundig-dss==.* or export .* as WAV"):
        opened(tmp_path, grundig_dss(frames=20), "a.dss").samples()


def test_olympus_dss_reaches_its_decoder(tmp_path: Path) -> None:
    header = bytearray(b"\x02dss" + bytes(2 * 512 - 4))
    header[0x26:0x3E] = b"260102030405" * 2  # when the recording began and ended
    noise = np.random.default_rng(3).bytes(512 * 40)  # the codec has no checksum: any bits are a sound
    assert 5 < opened(tmp_path, bytes(header) + noise, "a.dss").duration_s() < 20


def test_ds2_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.ds2: .*export the recording as WAV"):
        opened(tmp_path, b"\x03ds2" + bytes(4_096), "a.ds2").samples()
