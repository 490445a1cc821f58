"""What is not taken is named: links that lead nowhere, what macOS leaves, what is waited for, who does not answer."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dictation.audio import Recording
from dictation.audio.endings import APPLE_DOUBLE, AUDIO_ENDINGS
from dictation.errors import InputError, UsageError
from pipelines import batch_watch
from pipelines.batch_watch import finished
from pipelines.inputs import expand
from pipelines.outputs import check_writable
from tests.pipelines.test_batch_watch import Stopped

SOUND = np.zeros(16_000, np.float32)
BESIDE = APPLE_DOUBLE + bytes(100)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    made.mkdir()
    soundfile.write(made / "a.wav", SOUND, 16_000)
    return made


def failures(paths) -> dict[str, str]:
    return {item.path.name: str(item.failure) for item in expand(paths, AUDIO_ENDINGS) if item.failure}


@pytest.mark.parametrize("named", ["", "*.wav", "**", "gone.wav"])
def test_a_link_that_leads_nowhere_is_named_and_the_rest_is_done(folder, named):
    (folder / "gone.wav").symlink_to(folder / "nothing.wav")
    (folder / "circle.wav").symlink_to(folder / "circle.wav")
    (folder / "notes.xyz").symlink_to(folder / "nothing")  # of no known kind: nobody meant it
    paths = [folder / named, folder / "a.wav"]
    found = failures(paths)
    assert set(found) == ({"gone.wav"} if named == "gone.wav" else {"gone.wav", "circle.wav"})
    assert all("is a link to something that is not there; mend it" in why for why in found.values())
    assert "a.wav" in [item.path.name for item in expand(paths, AUDIO_ENDINGS) if not item.failure]


@pytest.mark.parametrize("out", ["s3://results/march", "http://host/out", "gs://b"])
def test_an_address_is_no_folder_for_results(folder, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="a folder of this machine"):
        check_writable(Path(out))


def test_a_link_to_a_folder_is_named_where_its_recordings_would_be_missed(folder, tmp_path):
    (tmp_path / "march").mkdir()
    (folder / "march").symlink_to(tmp_path / "march")
    (folder / "april").symlink_to(tmp_path / "april")  # on a share that is not mounted
    (folder / "may").mkdir()
    (folder / "latest").symlink_to(folder / "may")
    found = failures([folder])
    assert "is a link to a folder elsewhere, which is not followed" in found["march"]
    assert "is a link to something that is not there" in found["april"] and set(found) == {"march", "april"}


def test_what_macos_lays_beside_files_is_passed_by_and_told(folder, capsys):
    for name in ("._a.wav", "._b.wav", "._c.wav", "._d.wav"):
        (folder / name).write_bytes(BESIDE)
    shutil.copy(folder / "a.wav", folder / "._said.wav")  # somebody called a recording so
    assert sorted(item.path.name for item in expand([folder], AUDIO_ENDINGS)) == ["._said.wav", "a.wav"]
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "._a.wav" in told and "and 1 more" in told and "macOS" in told
    with pytest.raises(InputError, match=r"\._a\.wav: is what macOS lays beside a file, without sound"):
        Recording(folder / "._a.wav").samples()


def watched(folder, until_s: float, clock: list[float]):
    def pause(_seconds: float) -> None:
        clock[0] += 1
        if clock[0] > until_s:
            raise Stopped

    with pytest.raises(Stopped):
        for _ in finished(folder, AUDIO_ENDINGS, None, pause, lambda: clock[0]):
            pass


def test_a_watched_recording_that_is_waited_for_is_named_once_after_half_a_minute(folder, capsys):
    content, clock = (folder / "a.wav").read_bytes(), [0.0]
    (folder / "half.wav").write_bytes(content[:8_000])
    (folder / "empty.wav").touch()
    (folder / "gone.wav").symlink_to(folder / "nothing.wav")
    (folder / "._a.wav").write_bytes(BESIDE)
    watched(folder, batch_watch.UNSAID_S - 2, clock)
    before = capsys.readouterr().err
    assert "half.wav" not in before and before.count("gone.wav") == 1 and before.count("._a.wav") == 1
    watched(folder, 4 * batch_watch.UNSAID_S, [0.0])
    told = capsys.readouterr().err
    assert told.count("half.wav: is not there up to its end and has not changed for half a minute") == 1
    assert told.count("empty.wav: is empty and has not changed for half a minute") == 1
    assert told.count("gone.wav") == 1 and told.count("._a.wav") == 1
    assert f"{folder / 'a.wav'}:" not in told
