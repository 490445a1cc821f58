"""A recording that is given and not taken leaves nothing on the disk, also after a crash; what is dictated stays."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from dictation.audio import Journal
from dictation.errors import DictationError, InputError, UsageError
from dictation.records import Records
from dictation.records.backed_up import is_kept
from dictation.review.giving import give_files, give_recording
from dictation.review.inputs import read_files
from dictation.review.listening import BLOCK_SAMPLES
from dictation.review.sweeping import remove_leftovers, tell_of_no_case
from tests.conftest import ROOT
from tests.imaging.dicom_maker import make


@pytest.fixture
def captures(cases):
    return cases.desk.captures


def silence(path, seconds: float):
    """A file of silence, which is small however long it is."""
    soundfile.write(path, np.zeros(round(seconds * 16_000), np.int16), 16_000)
    return path


def told_last(reader) -> str:
    assert reader.case.bar["state"] == "error"
    return reader.case.bar["message"]


def test_a_recording_that_unfolds_to_more_than_may_be_leaves_nothing(reader, captures, monkeypatch, tmp_path):
    monkeypatch.setattr("dictation.audio.apart.LONGEST_S", 25.0)
    written, append = [], Journal.append

    def counted(journal, number, samples):
        written.append(len(samples))
        return append(journal, number, samples)

    monkeypatch.setattr(Journal, "append", counted)
    give_recording(reader.case, silence(tmp_path / "long.flac", 120))
    assert "long.flac: lasts longer than" in told_last(reader)
    assert 0 < sum(written) <= 25 * 16_000
    assert list(captures.iterdir()) == [] and reader.case.draft.takes == () and reader.case.files_in_hearing == 0


def test_a_recording_for_which_the_disk_has_no_room_leaves_nothing_and_the_sentence_says_so(
    reader, cases, captures, tmp_path
):
    cases.desk.settings = cases.desk.settings.model_copy(update={"least_free_mb": 10**9})
    give_recording(reader.case, silence(tmp_path / "said.wav", 3))
    assert "said.wav: the disk has no room for it" in told_last(reader)
    assert list(captures.iterdir()) == []


def test_a_disk_that_fills_while_a_recording_is_written_stops_it_and_leaves_nothing(
    reader, captures, monkeypatch, tmp_path
):
    looks = []
    monkeypatch.setattr("dictation.review.giving.LOOK_BLOCKS", 1)
    monkeypatch.setattr("dictation.review.giving.free_bytes", lambda _: looks.append(1) or 10**13 * (len(looks) < 3))
    give_recording(reader.case, silence(tmp_path / "said.flac", 100))
    assert "the disk has no room" in told_last(reader) and len(looks) == 3
    assert list(captures.iterdir()) == []


def test_a_file_that_is_no_sound_leaves_nothing(reader, captures, tmp_path):
    (tmp_path / "noise.wav").write_bytes(os.urandom(5000))
    give_recording(reader.case, tmp_path / "noise.wav")
    assert "noise.wav" in told_last(reader)
    assert list(captures.iterdir()) == []


def test_a_recording_that_is_taken_is_named_as_any_other(reader, cases, captures, tmp_path):
    give_recording(reader.case, silence(tmp_path / "said.wav", 3))
    [take] = reader.stored.takes
    assert [path.name for path in captures.iterdir()] == [take.file] and take.file.endswith(".capture")
    assert cases.desk.records.recording_of(take.id).file == take.file
    remove_leftovers(captures)
    assert (captures / take.file).exists()


def test_a_recording_that_the_records_do_not_take_leaves_nothing_in_the_case_either(
    reader, captures, monkeypatch, tmp_path
):
    reader.type("Clear.")

    def full(*_, **__):
        raise DictationError("The disk is full; free space.")

    monkeypatch.setattr(Records, "save", full)
    with pytest.raises(DictationError, match="disk is full"):
        give_recording(reader.case, silence(tmp_path / "said.wav", 3))
    monkeypatch.undo()
    reader.type(" Heart normal.")
    assert list(captures.iterdir()) == []
    assert reader.stored.takes == () and reader.text == "Clear. Heart normal."


def test_what_a_killed_server_left_of_given_recordings_goes_and_no_dictated_sound(reader, captures, capsys):
    code = (
        "import os, sys; from pathlib import Path; import numpy as np; from dictation.audio import Journal\n"
        "for provisional in (True, True, False):\n"
        "    journal = Journal.create(Path(sys.argv[1]), block_samples=1600, provisional=provisional)\n"
        "    [journal.append(number, np.zeros(1600, np.float32)) for number in range(100)]\n"
        "os._exit(9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(captures)], cwd=ROOT, timeout=120, check=False)
    assert killed.returncode == 9
    left = sorted(captures.glob("*.given.part"))
    (dictated,) = captures.glob("*.capture")
    assert len(left) == 2 and not any(is_kept(f"captures/{path.name}") for path in left)
    with Journal.create(captures, block_samples=BLOCK_SAMPLES, provisional=True) as written:
        for path in (*left, dictated, written.path):
            os.utime(path, (time.time() - 60, time.time() - 60))
        capsys.readouterr()
        remove_leftovers(captures)
        said = capsys.readouterr().err
        assert set(captures.iterdir()) == {dictated, written.path}
    assert said == "Deleted 2 given recordings that were not taken before the server ended (0.6 MB); give them again.\n"
    remove_leftovers(captures)
    assert "1 given recording that was" in capsys.readouterr().err and list(captures.iterdir()) == [dictated]
    remove_leftovers(captures)
    assert capsys.readouterr().err == ""


def test_a_recording_that_a_killed_server_had_named_and_not_noted_stays_and_is_told(reader, cases, captures, capsys):
    """It is given between the two: its file counts already, and no case knows it."""
    give_recording(reader.case, silence(captures.parent / "said.wav", 3))
    code = (
        "import os, sys; from pathlib import Path; import numpy as np; from dictation.audio import Journal\n"
        "for blocks in (100, 0):\n"
        "    journal = Journal.create(Path(sys.argv[1]), block_samples=1600, provisional=True)\n"
        "    [journal.append(number, np.zeros(1600, np.float32)) for number in range(blocks)]\n"
        "    journal.keep()\n"
        "    print(journal.path.name)\n"
        "sys.stdout.flush(); os._exit(9)\n"
    )
    command = [sys.executable, "-c", code, str(captures)]
    killed = subprocess.run(command, cwd=ROOT, timeout=120, check=False, capture_output=True, text=True)
    assert killed.returncode == 9
    left, _ = killed.stdout.split()
    before = {path.name: path.read_bytes() for path in captures.iterdir()}
    assert len(before) == 3
    if sys.platform != "win32":
        os.mkfifo(captures / "pipe.capture")  # is none, and keeps nobody waiting
    capsys.readouterr()
    for _ in range(2):
        remove_leftovers(captures)
        tell_of_no_case(cases.desk.records)
        said = capsys.readouterr().err
        assert said.startswith(f"{captures}: 1 recording is in no case (0.3 MB): {left}. A server ended as a recording")
        assert said.count("\n") == 1
    (captures / "pipe.capture").unlink(missing_ok=True)
    assert {path.name: path.read_bytes() for path in captures.iterdir()} == before
    give_recording(reader.case, captures / left)
    assert len(reader.stored.takes) == 2
    with Journal.open(captures / left):  # somebody goes on with it
        tell_of_no_case(cases.desk.records)
    assert capsys.readouterr().err == ""
    (captures / left).unlink()
    tell_of_no_case(cases.desk.records)
    assert capsys.readouterr().err == ""


def test_the_capture_of_a_draft_whose_row_a_killed_server_had_not_written_is_of_its_case(
    reader, cases, captures, monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(Records, "add_recording", lambda *_: None)
    give_recording(reader.case, silence(tmp_path / "said.wav", 3))
    assert cases.desk.records.recordings() == () and len(reader.stored.takes) == 1
    capsys.readouterr()
    tell_of_no_case(cases.desk.records)
    assert capsys.readouterr().err == ""


def image(folder, **values):
    return make(folder / "image.dcm", np.zeros((16, 16), "uint16"), PatientID="1", **values)


def held(reader) -> list[str]:
    """The files of a case's images."""
    folder = reader.cases.desk.images(reader.case.id)
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_an_image_that_is_not_taken_leaves_nothing(reader, tmp_path):
    given = image(tmp_path)
    files = read_files([str(given)])

    def no_more():
        raise UsageError("This case is somebody else's by now.")

    with pytest.raises(UsageError, match="somebody else's"):
        give_files(reader.case, files, [given], no_more)
    assert held(reader) == []
    give_files(reader.case, files, [given])
    assert held(reader) == list(reader.case.draft.images) != []
    with pytest.raises(UsageError, match="somebody else's"):
        give_files(reader.case, files, [given], no_more)
    assert held(reader) == list(reader.case.draft.images), "it was there before"


def test_an_image_for_which_the_disk_has_no_room_leaves_nothing_and_the_sentence_says_so(reader, cases, tmp_path):
    given = image(tmp_path)
    files = read_files([str(given)])
    cases.desk.settings = cases.desk.settings.model_copy(update={"least_free_mb": 10**9})
    with pytest.raises(InputError, match=r"image\.dcm: the disk has no room for it"):
        give_files(reader.case, files, [given])
    assert held(reader) == [] and reader.case.draft.images == ()
