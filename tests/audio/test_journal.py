"""The journal: what was appended is in the file, once, in its place, whatever happens to the program or the file."""

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE, Journal, Recording, unfinished
from dictation.audio.capture import HEADER_BYTES, RECORD_BYTES, scan
from dictation.audio.journal import BLOCK_SAMPLES, OtherSound, forget_provisional
from dictation.errors import DictationError, InputError, UsageError
from tests.audio.audio_files import speech
from tests.conftest import ROOT
from tests.waiting import until

BLOCK = 4_000
RECORD = RECORD_BYTES + 2 * BLOCK


def rounded(sound: np.ndarray) -> np.ndarray:
    return (np.clip(np.rint(sound * 32_768), -32_768, 32_767) / 32_768).astype(np.float32)


def blocks_of(sound: np.ndarray, size: int = BLOCK) -> list[np.ndarray]:
    return [sound[start : start + size] for start in range(0, len(sound), size)]


def kept(folder: Path, sound: np.ndarray, finished: bool = True) -> Path:
    with Journal.create(folder, block_samples=BLOCK) as journal:
        for number, block in enumerate(blocks_of(sound)):
            journal.append(number, block)
        journal.close(finished=finished)
    return journal.path


def test_what_was_appended_is_read_back_while_writing_goes_on(tmp_path):
    sound = speech()
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        for number, block in enumerate(blocks_of(sound)):
            np.testing.assert_array_equal(journal.append(number, block), rounded(block))
            stop = min(len(sound), (number + 1) * BLOCK)
            assert journal.samples == stop
            start = max(0, stop - 9_999)
            np.testing.assert_array_equal(journal.read(start, stop + 500), rounded(sound[start:stop]))
        assert journal.gaps == []
        assert journal.duration_s == len(sound) / SAMPLE_RATE


def test_a_block_that_comes_twice_is_kept_once(tmp_path):
    sound = speech()[: 3 * BLOCK]
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        for number, block in enumerate(blocks_of(sound)):
            assert journal.append(number, block) is not None
            assert journal.append(number, block) is None
        length = journal.path.stat().st_size
        with pytest.raises(OtherSound, match=r"Block 1 .* what came first is kept"):
            journal.append(1, -sound[:BLOCK])
        assert journal.path.stat().st_size == length
        np.testing.assert_array_equal(journal.read(0, 3 * BLOCK), rounded(sound))


def test_late_blocks_find_their_place_and_missing_ones_are_silent_gaps(tmp_path):
    sound = speech()[: 8 * BLOCK]
    pieces = blocks_of(sound)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        for number in (0, 2, 6, 1):
            journal.append(number, pieces[number])
        assert journal.gaps == [(3 * BLOCK, 6 * BLOCK)]
        journal.append(7, pieces[7][:100])
        journal.append(5, pieces[5][:3_000])
        assert journal.samples == 7 * BLOCK + 100
        assert journal.gaps == [(3 * BLOCK, 5 * BLOCK)]
        assert journal.ends == {6, 8}
        heard = journal.read(0, 8 * BLOCK)
        path = journal.path
    expected = rounded(sound[: 7 * BLOCK + 100])
    for start, stop in [*journal.gaps, (5 * BLOCK + 3_000, 6 * BLOCK)]:
        expected[start:stop] = 0
    np.testing.assert_array_equal(heard, expected)
    recording = Recording(path)
    np.testing.assert_array_equal(recording.samples(), expected)
    assert any("missing in 1 gaps, the first at 0.8 s" in warning for warning in recording.warnings)


def test_a_sender_may_pause_within_a_block_and_that_is_no_loss(tmp_path):
    sound = speech()[: 3 * BLOCK]
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        journal.append(0, sound[:BLOCK])
        journal.append(1, sound[BLOCK : BLOCK + 700])
        journal.append(2, sound[2 * BLOCK :])
        assert (journal.gaps, journal.ends) == ([], {2})
        journal.close(finished=True)
    assert Recording(journal.path).warnings == ()


def test_where_a_stretch_ended_is_kept_among_the_blocks_and_costs_no_sound(tmp_path):
    sound = speech()[: 4 * BLOCK]
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        for number, block in enumerate(blocks_of(sound)):
            journal.append(number, block)
            if number == 1:
                journal.note_end(2)
                journal.note_end(2)
        journal.note_end(6)  # its last blocks are on their way
        journal.close(finished=True)
    with Journal.open(journal.path) as again:
        assert (again.ends, again.is_finished, again.warnings) == ({2, 6}, True, ())
        again.append(4, sound[:700])
        assert (again.ends, again.is_finished) == ({2, 5, 6}, False)
    raw = bytearray(journal.path.read_bytes())
    raw[HEADER_BYTES + 2 * RECORD + 5] ^= 1  # the first end is damaged: no block is lost with it
    journal.path.write_bytes(raw)
    with Journal.open(journal.path) as again:
        assert again.ends == {5, 6}
        np.testing.assert_array_equal(again.read(0, 4 * BLOCK), rounded(sound))


def test_a_capture_of_an_earlier_program_opens_and_goes_on(tmp_path):
    path = kept(tmp_path, speech()[: 2 * BLOCK], finished=False)
    raw = bytearray(path.read_bytes())
    raw[8:10] = (1).to_bytes(2, "little")
    raw[HEADER_BYTES - 4 : HEADER_BYTES] = zlib.crc32(raw[: HEADER_BYTES - 4]).to_bytes(4, "little")
    path.write_bytes(raw)
    with Journal.open(path) as journal:
        assert (journal.taken_blocks, journal.ends) == (2, set())
        journal.note_end(2)
    with Journal.open(path) as journal:
        assert (journal.taken_blocks, journal.ends, journal.warnings) == (2, {2}, ())


def test_saved_are_the_blocks_that_the_disk_has_confirmed_and_nothing_is_missing_before(tmp_path, monkeypatch):
    sound, fsync = blocks_of(speech()[: 6 * BLOCK]), os.fsync
    may, told, saved = threading.Event(), threading.Event(), []
    monkeypatch.setattr("dictation.audio.saving.TO_DISK_S", 0.01)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        monkeypatch.setattr(os, "fsync", lambda descriptor: (may.wait(60), fsync(descriptor)))
        journal.on_saved = lambda: (saved.append(journal.saved_blocks), told.set())
        for number in (0, 1, 3):
            journal.append(number, sound[number])
        assert (journal.taken_blocks, journal.saved_blocks) == (2, 0)
        may.set()
        while journal.saved_blocks < 2:
            assert told.wait(60)
        journal.append(2, sound[2])
        assert journal.taken_blocks == 4
        while journal.saved_blocks < 4:
            told.clear()
            assert told.wait(60)
    assert saved == sorted(saved) and saved[-1] == 4
    with Journal.open(journal.path) as journal:
        assert journal.taken_blocks == 4
        until(lambda: journal.saved_blocks == 4)  # the program before may have been killed first


def test_any_float_becomes_sound_that_fits(tmp_path):
    with Journal.create(tmp_path) as journal:
        heard = journal.append(0, np.array([np.nan, np.inf, -np.inf, 2, -2, 1, -1, 1e-9], np.float32))
    assert heard.tolist() == [0, 32_767 / 32_768, -1, 32_767 / 32_768, -1, 32_767 / 32_768, -1, 0]


def test_a_block_that_cannot_be_placed_is_refused(tmp_path):
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        assert journal.append(0, np.zeros(0, np.float32)) is None
        for number, count in ((-1, 10), (0, BLOCK + 1), (24 * 3600 * 4, 10)):
            with pytest.raises(UsageError, match="does not fit"):
                journal.append(number, np.zeros(count, np.float32))
    with pytest.raises(UsageError, match="closed"):
        journal.append(0, np.zeros(10, np.float32))


def test_only_the_owner_can_read_a_capture(tmp_path):
    with Journal.create(tmp_path / "home" / "captures") as journal:
        assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_a_finished_capture_is_a_recording_like_any_other(tmp_path):
    sound = speech()
    recording = Recording(kept(tmp_path, sound))
    np.testing.assert_array_equal(recording.samples(), rounded(sound))
    assert recording.warnings == ()
    assert recording.duration_s() == len(sound) / SAMPLE_RATE


def test_a_torn_tail_is_cut_off_and_writing_goes_on(tmp_path):
    sound = speech()[: 6 * BLOCK]
    path = kept(tmp_path, sound, finished=False)
    os.truncate(path, path.stat().st_size - 5_000)
    recording = Recording(path)
    np.testing.assert_array_equal(recording.samples(), rounded(sound[: 5 * BLOCK]))
    assert [("not finished" in warning, "1.2 s" in warning) for warning in recording.warnings] == [(True, True)]
    with Journal.open(path) as journal:
        assert journal.samples == 5 * BLOCK
        assert journal.append(4, sound[4 * BLOCK : 5 * BLOCK]) is None
        assert journal.append(5, sound[5 * BLOCK :]) is not None
        journal.close(finished=True)
    assert journal.warnings == ()
    np.testing.assert_array_equal(Recording(path).samples(), rounded(sound))


@pytest.mark.parametrize("cut", [*range(0, RECORD_BYTES + 3), 3_000, RECORD - 1, RECORD])
def test_cut_anywhere_everything_before_the_cut_is_there(tmp_path, cut):
    sound = speech()[: 3 * BLOCK]
    path = kept(tmp_path, sound, finished=False)
    os.truncate(path, path.stat().st_size - cut)
    whole = 3 if cut == 0 else 2
    np.testing.assert_array_equal(Recording(path).samples(), rounded(sound[: whole * BLOCK]))
    with Journal.open(path) as journal:
        assert journal.samples == whole * BLOCK


@pytest.mark.parametrize("at", [0, 5, 9, 13, RECORD_BYTES + 700])
def test_a_damaged_block_in_the_middle_is_a_gap_with_a_warning(tmp_path, at):
    sound = speech()[: 6 * BLOCK]
    path = kept(tmp_path, sound)
    content = bytearray(path.read_bytes())
    content[HEADER_BYTES + 2 * RECORD + at] ^= 0xFF
    path.write_bytes(content)
    expected = rounded(sound)
    expected[2 * BLOCK : 3 * BLOCK] = 0
    recording = Recording(path)
    np.testing.assert_array_equal(recording.samples(), expected)
    assert any("file is damaged" in warning for warning in recording.warnings)
    with Journal.open(path) as journal:
        assert journal.gaps == [(2 * BLOCK, 3 * BLOCK)]
        assert "damaged in 1 place" in journal.warnings[0]
        np.testing.assert_array_equal(journal.read(0, 6 * BLOCK), expected)


def test_damage_behind_the_last_whole_block_is_told_too(tmp_path):
    sound = speech()[: 3 * BLOCK]
    path = kept(tmp_path, sound)
    content = bytearray(path.read_bytes())
    content[HEADER_BYTES + 3 * RECORD - 50] ^= 0xFF
    path.write_bytes(content)
    recording = Recording(path)
    np.testing.assert_array_equal(recording.samples(), rounded(sound[: 2 * BLOCK]))
    assert ["file is damaged" in warning for warning in recording.warnings] == [True]


def test_a_capture_that_is_being_written_can_be_heard_so_far(tmp_path):
    sound = speech()[:BLOCK]
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        journal.append(0, sound)
        recording = Recording(journal.path)
        np.testing.assert_array_equal(recording.samples(), rounded(sound))
    assert ["still going on" in warning for warning in recording.warnings] == [True]


def test_zeros_where_power_failed_cost_only_what_they_replaced(tmp_path):
    sound = speech()[: 6 * BLOCK]
    path = kept(tmp_path, sound, finished=False)
    content = bytearray(path.read_bytes())
    content[HEADER_BYTES + 5 * RECORD - 100 :] = bytes(40_000)
    path.write_bytes(content)
    np.testing.assert_array_equal(Recording(path).samples(), rounded(sound[: 4 * BLOCK]))
    with Journal.open(path) as journal:
        assert journal.path.stat().st_size == HEADER_BYTES + 4 * RECORD


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda content: b"", "empty"),
        (lambda content: content[:20], "ends inside its header"),
        (lambda content: content[:HEADER_BYTES], "no sound"),
        (lambda content: content[: HEADER_BYTES + 900], "no sound"),
        (lambda content: content[:11] + b"\xff" + content[12:], "header of the capture is damaged"),
        (lambda content: content[:HEADER_BYTES] + b"blk\xf1" * 50_000, "no sound"),
        (lambda content: content[:HEADER_BYTES] + os.urandom(300_000), "no sound"),
    ],
    ids=["nothing", "half a header", "a header alone", "half a block", "a flipped byte", "marks of blocks", "noise"],
)
def test_a_capture_without_sound_is_one_sentence(tmp_path, damage, says):
    path = kept(tmp_path, speech()[: 3 * BLOCK])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=says):
        Recording(path).samples()


def test_a_file_of_another_kind_is_no_journal(tmp_path):
    (tmp_path / "a.capture").write_bytes(bytes(1_000))
    with pytest.raises(InputError, match="no capture"):
        Journal.open(tmp_path / "a.capture")
    with pytest.raises(InputError, match="cannot be opened"):
        Journal.open(tmp_path / "b.capture")


def test_a_second_writer_is_refused(tmp_path):
    with Journal.create(tmp_path) as journal, pytest.raises(UsageError, match="another dictation"):
        Journal.open(journal.path)
    Journal.open(journal.path).close()


def test_a_disk_without_locks_is_told_and_used(tmp_path, monkeypatch):
    def no_locks(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        journal.append(0, speech()[:BLOCK])
    assert "knows no locks" in journal.unlocked
    assert unfinished(tmp_path) == [journal.path]
    with Journal.open(journal.path) as journal:
        assert "knows no locks" in journal.unlocked and journal.samples == BLOCK


def rests(journal: Journal) -> None:
    until(journal.rest, "the disk has all of it")
    assert journal.is_at_rest


def test_a_capture_that_rests_holds_no_file_open_and_goes_on_where_it_was(tmp_path):
    sound, before = speech()[: 4 * BLOCK], len(list(Path("/dev/fd").iterdir()))
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        rests(journal)
        for number, block in enumerate(blocks_of(sound)):
            journal.append(number, block)
            assert not journal.is_at_rest
            journal.finish()
            rests(journal)
            assert len(list(Path("/dev/fd").iterdir())) == before
            assert journal.saved_blocks == number + 1
            np.testing.assert_array_equal(journal.read(0, len(sound)), rounded(sound[: (number + 1) * BLOCK]))
        assert unfinished(tmp_path) == []
    assert Recording(journal.path).warnings == ()
    np.testing.assert_array_equal(Recording(journal.path).samples(), rounded(sound))


def test_a_capture_rests_only_once_the_disk_has_all_of_it(tmp_path, monkeypatch):
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        may, fsync = threading.Event(), os.fsync
        monkeypatch.setattr(os, "fsync", lambda descriptor: (may.wait(60), fsync(descriptor)))
        journal.append(0, speech()[:BLOCK])
        assert not journal.rest() and not journal.is_at_rest
        may.set()
        rests(journal)
        assert journal.saved_blocks == 1


def test_what_another_program_wrote_while_a_capture_rested_is_kept(tmp_path):
    first, second, third = (speech()[at * BLOCK : (at + 1) * BLOCK] for at in range(3))
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        journal.append(0, first)
        rests(journal)
        with Journal.open(journal.path) as other:
            other.append(1, second)
            with pytest.raises(UsageError, match="another dictation"):
                journal.append(2, third)
        assert journal.append(1, second) is None, "it is here"
        journal.append(2, third)
    np.testing.assert_array_equal(Recording(journal.path).samples(), rounded(speech()[: 3 * BLOCK]))


def test_a_capture_whose_file_went_while_it_rested_takes_nothing_and_says_so(tmp_path):
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        rests(journal)
        journal.path.unlink()
        with pytest.raises(DictationError, match="sound cannot be kept"):
            journal.append(0, speech()[:BLOCK])
        journal.close(finished=True)
    assert list(tmp_path.iterdir()) == []


def test_only_captures_that_say_so_in_their_name_are_forgotten_and_none_that_is_written(tmp_path):
    sound, now_s = speech()[:BLOCK], time.time() + 60
    left = [Journal.create(tmp_path, block_samples=BLOCK, provisional=True) for _ in range(4)]
    for journal in left:
        journal.append(0, sound)
    left[0].close()
    left[1].keep()
    left[2].drop()
    dictated = kept(tmp_path, sound, finished=False)
    assert not left[2].path.exists() and left[1].path.suffix == ".capture"
    size = left[0].path.stat().st_size
    assert forget_provisional(tmp_path, left[0].path.stat().st_mtime) == (0, 0), "it is as young as the program"
    assert forget_provisional(tmp_path, now_s) == (1, size)
    assert set(tmp_path.iterdir()) == {left[1].path, left[3].path, dictated}
    left[3].close()
    assert Recording(left[1].path).warnings == ()
    assert forget_provisional(tmp_path / "nowhere", now_s) == (0, 0)


def test_a_finished_capture_that_is_opened_and_finished_again_stays_as_it_is(tmp_path):
    path = kept(tmp_path, speech()[:BLOCK])
    content, name = path.read_bytes(), Recording(path).id
    with Journal.open(path) as journal:
        assert journal.recording_id() == name
        journal.close(finished=True)
    assert path.read_bytes() == content


@pytest.mark.parametrize(("failures", "told"), [(1, 0), (5, 1)])
def test_a_disk_that_does_not_confirm_ends_no_dictation(tmp_path, monkeypatch, failures, told):
    sound, tries, fsync = speech()[: 2 * BLOCK], [], os.fsync
    enough = threading.Event()

    def fails(descriptor: int) -> None:
        tries.append(descriptor)
        if len(tries) > failures:
            enough.set()
            fsync(descriptor)
        else:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("dictation.audio.saving.TO_DISK_S", 0.01)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        monkeypatch.setattr(os, "fsync", fails)
        journal.append(0, sound[:BLOCK])
        assert enough.wait(30)
        journal.append(1, sound[BLOCK:])
    assert ["does not confirm" in warning for warning in journal.warnings] == [True] * told
    np.testing.assert_array_equal(Recording(journal.path).samples(), rounded(sound))


def test_what_the_system_dropped_when_the_disk_refused_it_is_written_again_before_it_counts(tmp_path, monkeypatch):
    sound, fsync, refusals = speech()[: 2 * BLOCK], os.fsync, [1, 1, 1]
    saved = threading.Event()

    def drops(descriptor: int) -> None:
        if refusals:
            refusals.pop()
            with path.open("r+b") as file:  # what the disk holds where nothing of it was written
                file.seek(HEADER_BYTES)
                file.write(bytes(path.stat().st_size - HEADER_BYTES))
            raise OSError(errno.EIO, "Input/output error")
        fsync(descriptor)

    monkeypatch.setattr("dictation.audio.saving.TO_DISK_S", 0.01)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        path, journal.on_saved = journal.path, saved.set
        monkeypatch.setattr(os, "fsync", drops)
        journal.append(0, sound[:BLOCK])
        journal.append(1, sound[BLOCK:])
        assert saved.wait(30)
        with path.open("rb") as file:
            assert scan(file, "it").blocks.whole >= journal.saved_blocks > 0
    np.testing.assert_array_equal(Recording(path).samples(), rounded(sound))


def test_an_error_of_whoever_is_told_keeps_no_block_from_the_disk(tmp_path, monkeypatch):
    told, failed = threading.Semaphore(0), []

    def gone() -> None:
        told.release()
        raise RuntimeError("the page is gone")

    monkeypatch.setattr("dictation.audio.saving.TO_DISK_S", 0.01)
    monkeypatch.setattr(threading, "excepthook", lambda error: failed.append(error.exc_type))
    sound = speech()[: 3 * BLOCK]
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        journal.on_saved = gone
        for number, block in enumerate(blocks_of(sound)):
            journal.append(number, block)
            assert told.acquire(timeout=30)
            assert journal.saved_blocks == number + 1
    assert failed and set(failed) == {RuntimeError}, "it is told of all the same"
    with Journal.open(journal.path) as again:
        assert again.samples == 3 * BLOCK


def test_unfinished_captures_are_those_that_hold_sound_and_nobody_writes(tmp_path):
    sound = speech()[:BLOCK]
    assert unfinished(tmp_path / "nowhere") == []
    kept(tmp_path, sound, finished=True)
    left = kept(tmp_path, sound, finished=False)
    (tmp_path / "other.capture").write_bytes(b"nothing of ours, but long enough to be read as a header or more" * 9)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        journal.append(0, sound)
        assert unfinished(tmp_path) == [left]
    assert set(unfinished(tmp_path)) == {left, journal.path}


def test_on_a_full_disk_what_was_kept_stays_and_the_sentence_names_the_folder(tmp_path):
    code = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from dictation.audio import Journal
from dictation.errors import DictationError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Journal.create(Path(sys.argv[1]), block_samples=4000) as journal:
    journal.append(0, np.full(4000, 0.25, np.float32))
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 1 << 40))  # the disk ends inside the second block
    try:
        journal.append(1, np.full(4000, 0.5, np.float32))
    except DictationError as error:
        print(error)
    assert journal.samples == 4000 and (journal.read(0, 9000) == 0.25).all()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40))
    journal.append(1, np.full(4000, 0.5, np.float32))
    journal.close(finished=True)
    assert (journal.read(4000, 9000) == 0.5).all() and journal.samples == 8000
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout and "free space" in done.stdout
    (path,) = tmp_path.glob("*.capture")
    recording = Recording(path)
    assert recording.samples().tolist() == [0.25] * 4000 + [0.5] * 4000
    assert recording.warnings == ()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DictationError, match=r"file.*check the path and its rights.*DICTATION_HOME"):
        Journal.create(tmp_path / "file" / "captures")


def test_reading_from_another_thread_always_gives_what_was_appended(tmp_path):
    sound = np.tile(rounded(speech()), 4)
    wrong, done = [], threading.Event()
    with Journal.create(tmp_path, block_samples=320) as journal:

        def read_along() -> None:
            random = np.random.default_rng(0)
            while not done.is_set():
                stop = journal.samples
                start = int(random.integers(0, stop + 1))
                heard = journal.read(start, stop)
                if not np.array_equal(heard, sound[start:stop]):
                    wrong.append((start, stop))

        reader = threading.Thread(target=read_along)
        reader.start()
        for number, block in enumerate(blocks_of(sound, 320)):
            journal.append(number, block)
        done.set()
        reader.join()
    assert wrong == []


FEEDER = """
import sys, time
from pathlib import Path
import numpy as np
from dictation.audio import Journal
from dictation.audio.capture import from_pcm
sound = from_pcm(Path(sys.argv[2]).read_bytes())
with Journal.create(Path(sys.argv[1])) as journal:
    print(journal.path, flush=True)
    started = time.monotonic()
    for number in range(10**6):  # as a microphone gives them: each block when its last sample was spoken
        time.sleep(max(0.0, started + (number + 1) * journal.block_samples / 16000 - time.monotonic()))
        print("arrived", flush=True)
        journal.append(number, np.resize(np.roll(sound, -number * journal.block_samples), journal.block_samples))
"""


def killed_sessions(folder: Path, count: int, shortest_s: float, longest_s: float, seed: int) -> list[float]:
    """Kill writing programs at random moments; seconds of sound missing of each, all captures checked.

    Missing is what is not in the journal of the blocks that arrived, and of the one that was being spoken.
    """
    sound = rounded(speech())
    (folder / "sound").write_bytes((sound * 32_768).astype("<i2").tobytes())
    chance, missing_s = random.Random(seed), []
    for _ in range(count):
        feeder = subprocess.Popen(
            [sys.executable, "-c", FEEDER, folder, folder / "sound"], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        with feeder:
            path = Path(feeder.stdout.readline().strip())
            arrived = 1 + max(1, round(chance.uniform(shortest_s, longest_s) * SAMPLE_RATE / BLOCK_SAMPLES))
            assert [feeder.stdout.readline() for _ in range(arrived)] == ["arrived\n"] * arrived
            time.sleep(chance.uniform(0.0, BLOCK_SAMPLES / SAMPLE_RATE))  # somewhere in the block that is spoken
            feeder.send_signal(signal.SIGKILL)
            arrived += len(feeder.stdout.readlines())
        assert path in unfinished(folder)
        with Journal.open(path) as journal:
            assert journal.gaps == []
            heard = journal.read(0, journal.samples)
        np.testing.assert_array_equal(heard, np.resize(sound, len(heard)))
        np.testing.assert_array_equal(Recording(path).samples(), heard)
        missing_s.append(((arrived + 1) * journal.block_samples - len(heard)) / SAMPLE_RATE)
    return missing_s


def test_a_killed_program_loses_no_session_and_at_most_a_second(tmp_path):
    assert max(killed_sessions(tmp_path, 5, 0.3, 1.0, seed=1)) <= 1.0


@pytest.mark.soak
def test_fifty_killed_programs_lose_no_session_and_at_most_a_second_each(tmp_path):
    missing_s = killed_sessions(tmp_path, 50, 0.3, 6.0, seed=2)
    print(f"\n50 writers killed: at most {min(missing_s):.2f} to {max(missing_s):.2f} s missing, 0 sessions lost")
    assert max(missing_s) <= 1.0
