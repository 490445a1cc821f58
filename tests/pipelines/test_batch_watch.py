"""A folder that is watched: what is half written waits, what is finished is taken, each once."""

import os
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.lexicon import EMPTY_VOCABULARY
from pipelines import batch_watch
from pipelines.batch import Asked
from pipelines.batch_watch import finished, is_whole
from pipelines.transcribe import transcribe
from tests.conftest import SAMPLES
from tests.speech.tiny_lasr import CLIPS, SAID

SOUND = np.zeros(16_000, np.float32)


class Stopped(Exception):
    pass


def container(path: Path, codec: str) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(SOUND.reshape(1, -1), "fltp", "mono")
        frame.sample_rate = 16_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    return path


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    """A second of silence as WAV, AIFF, FLAC, Ogg and M4A."""
    found = {}
    for ending in ("wav", "aiff", "flac", "ogg"):
        found[ending] = tmp_path / f"a.{ending}"
        soundfile.write(found[ending], SOUND, 16_000)
    return found | {"m4a": container(tmp_path / "a.m4a", "aac")}


@pytest.mark.parametrize("ending", ["wav", "aiff", "ogg", "m4a"])
def test_a_container_is_whole_at_its_end_and_not_before(files, ending):
    file = files[ending]
    assert is_whole(file) is True
    content = file.read_bytes()
    for part in (0, 6, 20, 45, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:part])
        assert not is_whole(file), part


def test_an_mp4_in_fragments_does_not_say_which_is_the_last(files, tmp_path):
    with (
        av.open(str(files["m4a"])) as source,
        av.open(
            str(tmp_path / "f.mp4"), "w", options={"movflags": "frag_keyframe+empty_moov", "frag_duration": "100000"}
        ) as out,
    ):
        stream = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    content = (tmp_path / "f.mp4").read_bytes()
    assert content.count(b"moof") > 1 and is_whole(tmp_path / "f.mp4") is None
    (tmp_path / "f.mp4").write_bytes(content[: content.rindex(b"moof") - 4])
    assert is_whole(tmp_path / "f.mp4") is None


def test_a_wav_whose_length_is_not_yet_written_is_not_whole(files):
    content = bytearray(files["wav"].read_bytes())
    for length in (0, 2**32 - 1):
        content[40:44] = length.to_bytes(4, "little")
        files["wav"].write_bytes(content)
        assert is_whole(files["wav"]) is False


def test_a_flac_without_a_count_of_samples_is_not_whole_and_one_with_it_may_be(files):
    assert is_whole(files["flac"]) is None
    content = bytearray(files["flac"].read_bytes())
    content[21:26] = bytes([content[21] & 0xF0, 0, 0, 0, 0])
    files["flac"].write_bytes(content)
    assert is_whole(files["flac"]) is False


def test_what_does_not_say_where_it_ends_may_be_whole():
    assert is_whole(SAMPLES / "06_clean_chest_ct/06_clean_chest_ct.mp3") is None


def test_each_file_is_taken_once_it_is_finished_and_again_when_it_is_another(tmp_path):
    clock = [1000.0]
    folder = tmp_path / "in"
    folder.mkdir()
    whole = folder / "whole.wav"
    soundfile.write(whole, SOUND, 16_000)
    content = whole.read_bytes()
    half, out = folder / "half.wav", folder / "out"
    out.mkdir()
    (out / "result.wav").write_bytes(content)
    found: list[tuple[float, list[str]]] = []
    steps = {
        2: lambda: half.write_bytes(content[:8_000]),
        6: lambda: half.write_bytes(content[:16_000]),
        30: lambda: half.write_bytes(content),
        60: lambda: (whole.write_bytes(content), os.utime(whole, (1, 1))),
        100: lambda: (folder / "never.wav").write_bytes(content[:8_000]),
    }

    def pause(seconds: float) -> None:
        clock[0] += 1
        if action := steps.get(round(clock[0] - 1000)):
            action()
        if clock[0] > 1000 + 100 + batch_watch.GIVEN_UP_S + 10:
            raise Stopped

    with pytest.raises(Stopped):
        for items in finished(folder, AUDIO_ENDINGS, out, pause, lambda: clock[0]):
            found.append((clock[0] - 1000, [item.path.name for item in items]))
    assert found == [
        (batch_watch.SETTLED_S, ["whole.wav"]),
        (30 + batch_watch.SETTLED_S, ["half.wav"]),
        (60 + batch_watch.SETTLED_S, ["whole.wav"]),
        (100 + batch_watch.GIVEN_UP_S, ["never.wav"]),
    ]


def test_a_recording_that_grows_is_transcribed_when_it_is_whole(ear, tmp_path, settings, monkeypatch):
    """A recorder writes for a while, in pieces; its result is of all of it."""
    folder, out, clock = tmp_path / "in", tmp_path / "out", [0.0]
    folder.mkdir()
    content = CLIPS[0].read_bytes()
    pieces = iter((len(content) // 3, 2 * len(content) // 3, len(content)))
    seen = []

    def pause(seconds: float) -> None:
        clock[0] += seconds
        if stop := next(pieces, 0):
            (folder / "a.flac").write_bytes(content[:stop])
        seen.append((out / "a.flac.txt").is_file())
        if seen[-1] or len(seen) > 1_000:
            raise Stopped

    real = batch_watch.finished
    monkeypatch.setattr("pipelines.batch.finished", lambda *where: real(*where, pause, lambda: clock[0]))
    with pytest.raises(Stopped):
        transcribe(Asked((), "text", out, watch=folder), ear, EMPTY_VOCABULARY, settings)
    assert SAID[CLIPS[0].stem] in (out / "a.flac.txt").read_text(encoding="utf-8")
    assert (folder / "a.flac").read_bytes() == content and not (out / "failures.jsonl").exists()
