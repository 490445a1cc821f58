"""Sound at rest: the FLAC file has the capture's samples, and the capture goes only when it is sure."""

import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE, Journal, Recording
from dictation.errors import DictationError, InputError
from dictation.records import Records, sound
from dictation.records.sound import archive, faults, sound_hash, sound_path
from tests.conftest import ROOT
from tests.records.cases import AT, draft, opened

BLOCK = 1600


@pytest.fixture
def records(tmp_path: Path):
    opened = Records.open_at("", tmp_path / "home")
    yield opened
    opened.close()


def captured(
    records: Records, blocks: list[int], *, finished: bool = True, take: str = "t1", started_at: datetime = AT
) -> tuple[str, Journal]:
    """A case with one capture that holds these blocks of noise."""
    case = opened(records, draft())
    journal = Journal.create(records.home / "captures", block_samples=BLOCK)
    random = np.random.default_rng(7)
    for number in blocks:
        journal.append(number, random.uniform(-1, 1, BLOCK).astype(np.float32))
    records.add_recording(case.id, take, journal.id, journal.path.name, started_at)
    journal.close(finished=finished)
    return case.id, journal


def test_the_flac_file_has_the_samples_of_the_capture_and_gaps_are_silence(records: Records):
    case_id, journal = captured(records, [0, 1, 5, 3])
    samples = Recording(journal.path).samples()
    before = sound_hash(journal.path)
    assert archive(records, case_id, records.home / "captures") == ()

    (kept,) = records.recordings(case_id)
    assert (kept.flac, kept.sha256, kept.duration_s) == (f"{journal.id}.flac", *before)
    path = sound_path(records, kept)
    assert sound_hash(path) == before and not journal.path.exists()
    read, rate = soundfile.read(path, dtype="float32")
    assert rate == SAMPLE_RATE and np.array_equal(read, samples)
    assert not read[2 * BLOCK : 3 * BLOCK].any() and read[3 * BLOCK : 4 * BLOCK].any()
    assert path.stat().st_mode & 0o777 == 0o600
    assert np.array_equal(Recording(path).samples(), samples)
    assert records.audit(case_id)[-1].detail == {"recording": journal.id, "sha256": kept.sha256}
    assert archive(records, case_id, records.home / "captures") == () == faults(records, case_id)


def test_a_capture_that_goes_on_is_left_alone(records: Records):
    case_id, journal = captured(records, [0], finished=False)
    with Journal.open(journal.path) as again:
        assert archive(records, case_id, records.home / "captures") == ()
        again.append(1, np.ones(BLOCK, np.float32))
    assert archive(records, case_id, records.home / "captures") == ()
    assert sound_path(records, records.recordings(case_id)[0]) == journal.path
    Journal.open(journal.path).close(finished=True)
    archive(records, case_id, records.home / "captures")
    assert records.recordings(case_id)[0].duration_s == 0.2


def test_a_program_that_died_before_the_capture_went_is_finished_later(records: Records):
    case_id, journal = captured(records, [0, 1])
    copy = journal.path.read_bytes()
    archive(records, case_id, records.home / "captures")
    journal.path.write_bytes(copy)
    archive(records, case_id, records.home / "captures")
    assert not journal.path.exists()


def test_two_servers_that_archive_a_capture_at_once_keep_its_sound(records: Records, monkeypatch: pytest.MonkeyPatch):
    case_id, _ = captured(records, [0, 1])
    captures, verified, is_open, done = records.home / "captures", Event(), Event(), Event()
    real_hash, real_samples = sound.sound_hash, sound.capture_samples

    def slow_hash(path: Path) -> tuple[str, float]:  # of the first one: the other begins to write meanwhile
        found = real_hash(path)
        verified.set()
        assert is_open.wait(60)
        return found

    def slow_samples(*of: object):  # of the other: the first one ends meanwhile
        if verified.is_set():
            is_open.set()
            assert done.wait(60)
        yield from real_samples(*of)

    def other() -> None:
        assert verified.wait(60)
        with suppress(DictationError):
            archive(records, case_id, captures)
        is_open.set()

    monkeypatch.setattr(sound, "sound_hash", slow_hash)
    monkeypatch.setattr(sound, "capture_samples", slow_samples)
    thread = Thread(target=other)
    thread.start()
    assert archive(records, case_id, captures) == ()
    done.set()
    thread.join()
    monkeypatch.undo()
    assert faults(records) == () and records.recordings(case_id)[0].duration_s == 0.2


def test_a_damaged_capture_stays_and_is_named(records: Records):
    case_id, journal = captured(records, [0, 1, 2])
    content = bytearray(journal.path.read_bytes())
    content[len(content) // 2] ^= 255
    journal.path.write_bytes(content)
    (told,) = archive(records, case_id, records.home / "captures")
    assert "is damaged and stays" in told
    assert journal.path.read_bytes() == content and records.recordings(case_id)[0].flac == ""


def test_sound_that_was_changed_or_lost_is_named(records: Records):
    case_id, journal = captured(records, [0, 1])
    archive(records, case_id, records.home / "captures")
    path = sound_path(records, records.recordings(case_id)[0])
    soundfile.write(path, np.zeros(2 * BLOCK, np.int16), SAMPLE_RATE)
    assert faults(records, case_id) == (f"The recording {journal.id} was changed: its sound is not what was kept.",)
    path.unlink()
    assert "is gone" in faults(records, case_id)[0]
    with pytest.raises(InputError, match="is gone"):
        sound_path(records, records.recordings(case_id)[0])


def test_of_all_recordings_the_newest_are_read_and_the_others_must_be_there(records: Records):
    paths = []
    for number in range(3):
        case_id, _ = captured(records, [number], take=f"t{number}", started_at=AT + timedelta(minutes=number))
        archive(records, case_id, records.home / "captures")
        paths.append(sound_path(records, records.recordings(case_id)[0]))
    assert faults(records, newest=1) == ()
    for path in paths[1:]:
        soundfile.write(path, np.zeros(BLOCK, np.int16), SAMPLE_RATE)
    paths[0].unlink()
    assert [told.split()[-1] for told in faults(records, newest=1)] == ["kept.", "backup."]
    assert len(faults(records)) == 3


def test_a_full_disk_leaves_the_capture(records: Records):
    case_id, journal = captured(records, list(range(20)))
    before = journal.path.read_bytes()
    worker = f"""
import resource, signal
from pathlib import Path
from dictation.errors import DictationError
from dictation.records import Records
from dictation.records.sound import archive
home = Path({str(records.home)!r})
records = Records.open_at("", home)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    archive(records, {case_id!r}, home / "captures")
except DictationError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", worker], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "cannot be written" in done.stdout and done.stdout.count("\n") == 1
    assert journal.path.read_bytes() == before
    assert list((records.home / "audio").iterdir()) == []
    assert archive(records, case_id, records.home / "captures") == ()
    assert records.recordings(case_id)[0].flac
