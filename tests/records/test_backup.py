"""A backup is whole or not there, holds what is of the cases and nothing of the machine, and hinders nobody."""

import os
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from dictation.audio import Journal
from dictation.case.draft import Take
from dictation.discrepancy.precision import SITE_FILE
from dictation.errors import DictationError, InputError, UsageError
from dictation.keypress import port_file, token_file
from dictation.records import backed_up as backed_up_
from dictation.records import recordings, sound, transfer
from dictation.records.backed_up import OURS, belongs_to_machine
from dictation.records.backup import back_up
from dictation.records.backup_check import check
from dictation.records.database import FILE
from dictation.records.trail import HEAD_FILE
from dictation.report import template_files
from dictation.report.macros import MACROS
from dictation.review import correcting, desk, personal, preferences, quiet, verdicts
from dictation.speech import calibration
from tests.records.backups import (
    BLOCK,
    BLOCKS,
    OF_THE_USER,
    backed_up,
    captured,
    command,
    filled,
    noise,
    program,
    restored,
    verified,
)
from tests.records.cases import AT, PAGE, Place, draft, opened, version

of_files = pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # the database has no part in it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir(mode=0o700)
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_holds_what_is_of_the_cases_and_nothing_of_the_machine(place: Place, folder: Path):
    ids = filled(place)
    done = backed_up(place, folder)
    found = files(done.path / "home")
    captures = [name for name in found if name.startswith("captures/")]
    sounds = [name for name in found if name.startswith("audio/")]
    images = {f"images/{case}/one.dcm": case.encode() for case in ids[:2]}
    assert (len(captures), len(sounds)) == (1, 2)
    assert set(found) == {*OF_THE_USER, *captures, *sounds, *images, "records.sqlite3", "records.head"}
    assert found["vocabulary.txt"].decode() == "Dr Öhman\n" and all(found[name] == images[name] for name in images)
    assert not any(b"SECRET" in content for content in files(folder).values())
    assert done.manifest.counts["cases"] == 3 and done.manifest.counts["versions"] == 4
    assert check(done.path) == ()
    modes = {path.stat().st_mode & 0o777 for path in done.path.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (done.path, *done.path.rglob("*")) if path.is_dir()} == {0o700}
    with closing(place.open()) as records:
        last = records.audit()[-1]
        assert (last.what, last.by, last.detail["backup"]) == ("backed up", "Dr A", done.path.name)


def test_what_stays_with_the_machine_is_called_so_elsewhere():
    home = Path("home")
    assert all(belongs_to_machine(name) for name in (token_file(home).name, port_file(home).name, quiet.UPLOADS))
    named = (personal.VOCABULARY, personal.USERS, correcting.NAME, desk.CAPTURES, desk.IMAGES, sound.FOLDER, SITE_FILE)
    assert {*named, HEAD_FILE, calibration.FOLDER, template_files.FOLDER, MACROS, preferences._NAME} < {*OURS}
    assert {verdicts._NAME, f"{MACROS}.toml", *(name.partition("/")[0] for name in OF_THE_USER)} < {*OURS}


def test_a_capture_that_is_written_meanwhile_is_copied_up_to_its_last_whole_block(place: Place, folder: Path):
    with closing(place.open()) as records:
        case = opened(records, draft())
        with captured(records, case, "t1", BLOCKS - 2) as journal:
            os.write(journal._descriptor, b"blk\xf1half a record")
            done = backed_up(place, folder)
            path = done.path / "home" / "captures" / journal.path.name
            assert path.stat().st_size == journal._length
            with Journal.open(path) as copy:
                assert copy.warnings == () and copy.taken_blocks == BLOCKS - 2 and not copy.is_finished
                assert copy.read(0, copy.samples).tolist() == journal.read(0, journal.samples).tolist()


def after_the_snapshot(monkeypatch: pytest.MonkeyPatch, do) -> list[str]:
    """Do something between the copy of the database and that of the files, the first time."""
    taken, real = [], transfer.snapshot

    def snapshot(database, home: Path) -> str:
        taken.append(real(database, home))
        if len(taken) == 1:
            do()
        return taken[-1]

    monkeypatch.setattr(transfer, "snapshot", snapshot)
    return taken


@pytest.mark.parametrize("elsewhere", ["sqlite"], indirect=True)
def test_sound_that_is_archived_meanwhile_is_in_the_backup_and_known_after_it(
    place: Place, elsewhere: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    with closing(place.open()) as records:
        case = opened(records, draft())
        captured(records, case, "t1").close(finished=True)
        captures = place.home / "captures"
        after_the_snapshot(monkeypatch, lambda: sound.archive(records, case.id, captures))
        done = backed_up(place, folder)
        (there,) = records.recordings()
    assert f"audio/{there.flac}" in done.manifest.files and not list((done.path / "home" / "captures").glob("*"))
    assert check(done.path) == ()
    restored(done.path, elsewhere)
    assert verified(elsewhere) == [case.id]
    with closing(elsewhere.open()) as records:
        assert records.recordings() == (there,)
        assert sound.archive(records, case.id, elsewhere.home / "captures") == ()


def after_the_first_copy(monkeypatch: pytest.MonkeyPatch, do) -> None:
    """Do something once a backup has copied its first file, which is a capture."""
    real = backed_up_.copy

    def copy(source: Path, target: Path) -> backed_up_.KeptFile:
        monkeypatch.setattr(backed_up_, "copy", real)
        kept = real(source, target)
        do()
        return kept

    monkeypatch.setattr(backed_up_, "copy", copy)


@pytest.mark.parametrize("elsewhere", ["sqlite"], indirect=True)  # either comes back in either: test_restore
@pytest.mark.parametrize("is_copied_first", [False, True])
def test_a_dictation_that_is_signed_while_it_is_backed_up_is_heard_to_its_end_once_it_is_back(
    place: Place, elsewhere: Place, folder: Path, monkeypatch: pytest.MonkeyPatch, is_copied_first: bool
):
    with closing(place.open()) as records:
        (place.home / "audio").mkdir()
        case = opened(records, draft("Lungs"))
        journal = captured(records, case, "t1", BLOCKS - 3)
        take = Take(id="t1", recording=journal.id, file=journal.path.name, heard_s=0.2)
        case = case.model_copy(update={"takes": (take,)})
        records.save(case, PAGE)

        def go_on() -> None:
            for number, block in list(enumerate(noise(case.id).reshape(-1, BLOCK)))[BLOCKS - 3 :]:
                journal.append(number, block)
            journal.close(finished=True)
            records.sign(case, version(case), PAGE)
            assert sound.archive(records, case.id, place.home / "captures") == ()

        if is_copied_first:
            after_the_first_copy(monkeypatch, go_on)
        else:
            after_the_snapshot(monkeypatch, go_on)
        done = backed_up(place, folder)
        assert f"audio/{journal.id}.flac" in done.manifest.files
        assert (f"captures/{take.file}" in done.manifest.files) == is_copied_first
        monkeypatch.undo()
        restored(done.path, elsewhere)
        with closing(elsewhere.open()) as there:
            assert there.load(case.id).draft.takes == (take,) and there.verify() == ()
        with Journal.open(elsewhere.home / "captures" / take.file) as capture:
            assert (capture.id, capture.taken_blocks, capture.is_finished) == (journal.id, BLOCKS, False)
            assert capture.read(0, BLOCK * BLOCKS).tolist() == noise(case.id).tolist()


def test_no_sound_is_named_that_was_deleted_meanwhile(place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch):
    filled(place)
    with closing(place.open()) as records:
        gone = records.recordings()[0]

    def purge() -> None:
        with closing(place.open()) as records, records.recorded() as (connection, trail):
            recordings.purged(connection, gone.recording, AT, 1)
            trail.add(gone.case, recordings.PURGED, "", {"recording": gone.recording, "sha256": gone.sha256})
        (place.home / "audio" / gone.flac).unlink()

    taken, told = after_the_snapshot(monkeypatch, purge), []
    done = backed_up(place, folder, told)
    assert len(taken) == 2 and not told
    (place.home / "audio" / f"{records_left(place)}").unlink()
    done = backed_up(place, folder, told)
    assert len(taken) == 3 and told == ["1 recordings have no sound here any more, and none in the backup."]
    assert check(done.path) == ()


def records_left(place: Place) -> str:
    with closing(place.open()) as records:
        return next(one.flac for one in records.recordings() if one.flac and not one.purged_at)


@of_files
def test_the_next_backup_shares_the_sound_and_copies_what_changed(place: Place, folder: Path):
    case = filled(place)[0]
    first = backed_up(place, folder)
    image = place.home / "images" / case / "one.dcm"
    image.write_bytes(b"another one")
    second = backed_up(place, folder)
    assert second.copied < second.manifest.size
    for name in first.manifest.files:
        one, two = (done.path / "home" / name for done in (first, second))
        is_shared = one.stat().st_ino == two.stat().st_ino
        is_own = name.startswith(("captures/", "records.")) or name == f"images/{case}/one.dcm"
        assert is_shared != is_own, name
    assert (second.path / "home" / "images" / case / "one.dcm").read_bytes() == b"another one"
    assert check(first.path) == () and check(second.path) == ()


@of_files
def test_a_backup_of_a_time_to_come_is_not_the_last_one(place: Place, folder: Path):
    """The clock was wrong when it was made."""
    filled(place)
    ahead = folder / "2999-01-01T000000Z"
    backed_up(place, folder).path.rename(ahead)
    told: list[str] = []
    second = backed_up(place, folder, told)
    assert second.copied == second.manifest.size, "nothing is shared with it"
    third = backed_up(place, folder, told)
    assert third.copied < third.manifest.size
    shared = next((third.path / "home" / "audio").glob("*.flac"))
    assert shared.stat().st_ino == (second.path / "home" / "audio" / shared.name).stat().st_ino
    said = f"{ahead}: its time lies in the future, so it is not taken for the last one; check the clock."
    assert told == [said, said] and check(third.path) == ()


def rotten(path: Path) -> bytes:
    """Change one bit of a file and not its size or time; return what it was."""
    content, state = path.read_bytes(), path.stat()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    return content


@of_files
def test_sound_that_rotted_in_the_backup_before_is_named_and_copied_anew(place: Place, folder: Path):
    filled(place)
    first = backed_up(place, folder)
    rotted, lost = sorted((first.path / "home" / "audio").glob("*.flac"))
    whole, told = rotten(rotted), list[str]()
    lost.unlink()
    second = backed_up(place, folder, told)
    ends = "; it is copied anew. Check that disk, and older backups with --check."
    assert sorted(told) == sorted([f"{rotted}: is not what was backed up{ends}", f"{lost}: is missing{ends}"])
    assert (second.path / "home" / "audio" / rotted.name).read_bytes() == whole
    assert check(second.path) == () and len(check(first.path)) == 2
    told.clear()
    third = backed_up(place, folder, told)
    assert told == [] and check(third.path) == ()
    assert (third.path / "home" / "audio" / lost.name).stat().st_nlink == 2


@of_files
def test_a_quick_backup_reads_nothing_that_it_shares(place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch):
    filled(place)
    first = backed_up(place, folder)
    read: list[str] = []
    look = backed_up_.described
    monkeypatch.setattr(backed_up_, "described", lambda file: read.append(Path(file.name).name) or look(file))
    second = backed_up(place, folder, is_quick=True)
    assert not [name for name in read if name.endswith((".flac", ".dcm"))] and FILE in read
    assert second.copied < second.manifest.size and check(second.path) == ()
    read.clear()
    backed_up(place, folder)
    shared = {Path(name).name for name in first.manifest.files if name.startswith(("audio/", "images/"))}
    assert shared and shared <= set(read), "every other backup reads them"


def test_a_quick_backup_by_command_shares_and_a_check_is_never_quick(tmp_path: Path, folder: Path):
    place = Place("", tmp_path / "home")
    filled(place)
    rotten(next((backed_up(place, folder).path / "home" / "audio").glob("*.flac")))
    done = command(place, "backup", folder, "--quick")
    assert done.returncode == 0 and "copied anew" not in done.stderr
    assert command(place, "backup", "--check", "--quick", folder).returncode == 2
    assert "copied anew" in command(place, "backup", folder).stderr


@of_files
def test_what_a_quick_backup_does_not_see_the_next_one_does(place: Place, folder: Path):
    filled(place)
    first = backed_up(place, folder)
    rotted, lost = sorted((first.path / "home" / "audio").glob("*.flac"))
    shorter = next((first.path / "home" / "images").rglob("one.dcm"))
    whole, told = rotten(rotted), list[str]()
    lost.unlink()
    shorter.write_bytes(b"")
    second = backed_up(place, folder, told, is_quick=True)
    assert {one.partition(": ")[0] for one in told} == {str(lost), str(shorter)}
    assert len(check(second.path)) == 1
    told.clear()
    third = backed_up(place, folder, told)
    assert len(told) == 1 and f"{rotted.name}: is not what was backed up" in told[0]
    assert (third.path / "home" / "audio" / rotted.name).read_bytes() == whole and check(third.path) == ()


@of_files
def test_sound_that_rotted_in_the_home_comes_whole_from_the_backup_before(place: Place, folder: Path):
    filled(place)
    first, told = backed_up(place, folder), list[str]()
    rotted, other = sorted((place.home / "audio").glob("*.flac"))
    rotten(rotted)
    second = backed_up(place, folder, told)
    assert told == [] and check(second.path) == ()
    rotten(other)
    lost = second.path / "home" / "audio" / other.name
    lost.unlink()
    backed_up(place, folder, told)
    assert len(told) == 2 and told[0].startswith(f"{lost}: is missing;")
    assert told[1] == f"{other}: is not what it was, though size and time are the same; check the disk."
    assert check(first.path) == ()


def test_nobody_waits_for_a_backup(place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Somebody saves, signs and records between any two steps of it."""
    filled(place)
    with closing(place.open()) as records:
        case = opened(records, draft("Heart normal."))
        with captured(records, case, "live", 1) as journal:
            done: list[int] = []

            def work() -> None:
                number = len(done) + 1
                records.save(case.model_copy(update={"fields": {"n": str(number)}}), PAGE)
                records.note(case.id, "played", "Dr A")
                journal.append(number, journal.read(0, 1600))
                done.append(number)

            real = os.fsync

            def fsync(descriptor: int) -> None:
                real(descriptor)
                if threading.current_thread() is threading.main_thread() and len(done) < 40:
                    monkeypatch.setattr(os, "fsync", real)
                    work()
                    monkeypatch.setattr(os, "fsync", fsync)

            monkeypatch.setattr(os, "fsync", fsync)
            after_the_snapshot(monkeypatch, work)
            backup = backed_up(place, folder)
            monkeypatch.setattr(os, "fsync", real)
            assert len(done) > 5
    assert check(backup.path) == ()


@of_files
def test_a_folder_that_cannot_hold_backups_is_refused(place: Place, tmp_path: Path):
    filled(place)
    (tmp_path / "file").write_text("")
    for folder, why in (
        (place.home / "backups", "lies in DICTATION_HOME"),
        (place.home, "lies in DICTATION_HOME"),
        (tmp_path / "file", "is a file"),
        (tmp_path / "file" / "below", "is not there"),
    ):
        with pytest.raises(UsageError, match=why):
            back_up(place.url, place.home, folder, by="", told=print)
    assert not (place.home / "backups").exists()


@of_files
def test_a_folder_that_is_not_there_is_never_made(place: Place, tmp_path: Path):
    filled(place)
    for folder in (tmp_path / "disk", tmp_path / "disk" / "dictation" / "backups"):
        refused = command(place, "backup", folder)
        assert refused.returncode == 2 and refused.stderr.count("\n") == 1, refused.stderr
        assert f"{folder}: is not there; mount the disk" in refused.stderr
    assert not (tmp_path / "disk").exists()


@of_files
def test_a_backup_on_the_disk_of_the_home_is_told_of(place: Place, folder: Path, request: pytest.FixtureRequest):
    filled(place)
    made = command(place, "backup", folder)
    assert made.returncode == 0 and f"{folder}: lies on the disk of DICTATION_HOME" in made.stderr, made.stderr
    if sys.platform != "linux" or os.geteuid() != 0 or os.system(f"mount -t tmpfs tmpfs {folder}"):
        pytest.skip("another disk is mounted by root, on Linux")
    request.addfinalizer(lambda: os.system(f"umount {folder}"))
    made = command(place, "backup", folder)
    assert made.returncode == 0 and "lies on the disk" not in made.stderr, made.stderr


@of_files
def test_what_a_killed_backup_left_goes_and_is_never_one(place: Place, folder: Path):
    filled(place)
    left, other = folder / "2026-01-01T000000Z.part", folder / "notes.part"
    for one in (left, other):
        (one / "home").mkdir(parents=True)
    with pytest.raises(InputError, match="was not finished"):
        check(left)
    done = backed_up(place, folder)
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == sorted([done.path.name, "notes.part"])


def test_an_interrupted_backup_leaves_nothing(place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch):
    filled(place)

    def interrupt() -> None:
        raise KeyboardInterrupt

    after_the_snapshot(monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        backed_up(place, folder)
    assert [path.name for path in folder.iterdir()] in (["backup.lock"], [])


@of_files
def test_what_is_changed_or_lost_in_a_backup_is_named(place: Place, folder: Path):
    filled(place)
    done = backed_up(place, folder)
    flac = next((done.path / "home" / "audio").glob("*.flac"))
    content = flac.read_bytes()
    flac.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    (done.path / "home" / "vocabulary.txt").unlink()
    faults = check(done.path)
    assert [fault.partition(": ")[2] for fault in faults] == [
        "is not what was backed up; use another backup.",
        "is missing; use another backup.",
    ]
    (done.path / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match=r"manifest\.json: is damaged"):
        check(done.path)


def test_a_version_that_was_changed_before_the_backup_is_named_by_its_check(place: Place, folder: Path):
    filled(place)
    place.tamper("UPDATE versions SET author = 'Dr X' WHERE number = 2")
    assert any("was changed" in fault for fault in check(backed_up(place, folder).path))


def test_the_command_says_what_it_did_and_checks_it(place: Place, folder: Path):
    filled(place)
    made = command(place, "backup", folder)
    assert made.returncode == 0, made.stderr
    path = Path(made.stdout.strip())
    assert "3 cases, 4 signed versions, 3 recordings" in made.stderr
    checked = command(place, "backup", "--check", path)
    assert (checked.returncode, checked.stdout) == (0, "") and "whole" in checked.stderr
    (path / "home" / "records.head").write_text("x")
    checked = command(place, "backup", "--check", path)
    assert checked.returncode == 1 and "records.head: is not what was backed up" in checked.stderr


@of_files
def test_a_full_disk_is_one_sentence_and_leaves_nothing(place: Place, folder: Path):
    filled(place)
    pytest.importorskip("resource")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))"
    full = program(place, "backup", folder, before=limit)
    assert full.returncode == 1 and full.stderr.count("\n") == 1 and "free space" in full.stderr, full.stderr
    assert f"{folder}" in full.stderr
    assert [path.name for path in folder.iterdir()] in (["backup.lock"], [])
    assert check(backed_up(place, folder).path) == ()


def test_a_newer_database_is_refused_in_one_sentence(place: Place, folder: Path):
    filled(place)
    place.tamper("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DictationError, match=r"was made by a newer version of this program; update it here\.$"):
        backed_up(place, folder)
    assert not list(folder.glob("2*"))


def test_where_there_are_no_cases_yet_that_is_said(tmp_path: Path, folder: Path):
    (tmp_path / "home").mkdir()
    with pytest.raises(DictationError, match="is not there yet"):
        back_up("", tmp_path / "home", folder, by="", told=print)
    assert not list(folder.glob("2*"))
