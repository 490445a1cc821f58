"""Recordings decoded by other processes: the same sound, and a file that breaks its decoder takes no other along."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dictation.audio import Recording
from dictation.audio.endings import AUDIO_ENDINGS
from dictation.errors import DictationError, InputError
from pipelines.batch_decoding import BLOCKS_AHEAD, Decoders
from pipelines.inputs import expand
from tests.conftest import SAMPLES
from tests.pipelines.hostile import decoding_hostile
from tests.waiting import until


def tone(path: Path, seconds: float = 0.5) -> Path:
    soundfile.write(path, 0.1 * np.sin(np.arange(round(seconds * 16_000)) / 10), 16_000)
    return path


@pytest.fixture
def decoders():
    # patient enough that a process is done with a short file on a busy machine, too
    with closing(Decoders(decoding_hostile, patience_s=6, count=2)) as these:
        yield these


def test_what_arrives_is_what_is_in_the_file(decoders):
    inputs = expand([SAMPLES / "08_telegraphic_correction", SAMPLES / "01_left_effusion"], AUDIO_ENDINGS)
    for item, recording in decoders.recordings(inputs):
        here = Recording(item.path)
        assert recording.id == here.id
        for _ in range(2):  # the second time it is decoded in this process
            assert np.array_equal(recording.samples(), here.samples())
            assert recording.duration_s() == here.duration_s()
            assert recording.warnings == here.warnings


def test_a_crash_and_a_hang_fail_by_name_and_the_others_overtake_them(tmp_path, decoders):
    names = ["1hang.wav", "2crash.wav", "3.wav", "4crash.wav", *(f"{number}.wav" for number in range(5, 10))]
    inputs = expand([tone(tmp_path / name) for name in names], AUDIO_ENDINGS)
    came, failed = [], {}
    for item, recording in decoders.recordings(inputs):
        came.append(item.path.name)
        try:
            assert recording.samples().shape == (8_000,)
        except InputError as error:
            failed[item.path.name] = str(error)
    assert sorted(came) == names and came[-1] == "1hang.wav"
    assert set(failed) == {"1hang.wav", "2crash.wav", "4crash.wav"}
    assert all(str(tmp_path / name) in why for name, why in failed.items())
    assert "broke off" in failed["2crash.wav"] and "stopped for 6 s" in failed["1hang.wav"]


def test_in_order_a_decoder_that_hangs_is_waited_for(tmp_path, decoders):
    names = ["0hang.wav", "1.wav", "2.wav", "3.wav"]
    inputs = expand([tone(tmp_path / name) for name in names], AUDIO_ENDINGS)
    came = []
    for item, recording in decoders.recordings(inputs, in_order=True):
        for _ in recording.blocks() if item.path.name != "0hang.wav" else ():
            pass
        came.append(item.path.name)
    assert came == names


def test_a_long_recording_is_not_held_in_memory(tmp_path, decoders):
    long, short = tone(tmp_path / "long.wav", 200), tone(tmp_path / "short.wav")
    [(_, recording), _] = decoders.recordings(expand([long, short], AUDIO_ENDINGS), in_order=True)
    until(recording._arrived.full, "a decoder that is as far ahead as it may be")
    assert BLOCKS_AHEAD * 30 < 200
    assert sum(len(block) for block in recording.blocks()) == 200 * 16_000


def test_what_nobody_reads_to_its_end_holds_nobody_up(tmp_path, decoders):
    files = [tone(tmp_path / f"{number}.wav", 100) for number in range(6)]
    for _, recording in decoders.recordings(expand(files, AUDIO_ENDINGS)):
        blocks = recording.blocks()
        assert len(next(blocks)) == 30 * 16_000
        blocks.close()


def test_closing_ends_a_decoder_that_hangs(tmp_path):
    inputs = expand([tone(tmp_path / "1.wav"), tone(tmp_path / "2hang.wav")], AUDIO_ENDINGS)
    decoders = Decoders(decoding_hostile, count=2)
    next(iter(decoders.recordings(inputs)))
    processes = list(decoders._decoders)
    decoders.close()
    assert processes and not any(process.is_alive for process in processes)


def test_no_sound_is_said_as_ever(tmp_path, decoders):
    (tmp_path / "a.wav").write_bytes(b"no sound at all")
    (tmp_path / "b.wav").touch()
    inputs = [*expand([tmp_path], AUDIO_ENDINGS), *expand([tone(tmp_path / "c.wav")], AUDIO_ENDINGS)]
    for item, recording in decoders.recordings(inputs, in_order=True):
        try:
            recording.samples()
            assert item.path.name == "c.wav"
        except DictationError as error:
            with pytest.raises(type(error)) as here:
                Recording(item.path).samples()
            assert str(here.value) == str(error)
