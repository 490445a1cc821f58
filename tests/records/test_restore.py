"""A backup comes back on a bare machine, from either database into either, and nothing that is there is lost by it."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dictation.audio import Recording, unfinished
from dictation.errors import DictationError, InputError, UsageError
from dictation.records import database, swapping, transfer
from dictation.records.backed_up import OURS
from dictation.records.backup_check import check
from dictation.records.restore import restore
from dictation.records.sound import sound_path
from pipelines.by_whom import operator
from tests.conftest import ROOT
from tests.records.backups import (
    OF_THE_USER,
    backed_up,
    command,
    environment,
    filled,
    noise,
    program,
    restored,
    rows,
    verified,
)
from tests.records.cases import Place, draft, opened

SQLITE = ("records.sqlite3-wal", "records.sqlite3-shm")
NEWER = 'revision = "9998"\ndown_revision = "{newest}"\n\n\ndef upgrade():\n    pass\n'


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    source = Place("", tmp_path / "source")
    filled(source)
    return backed_up(source, tmp_path / "backups").path


def test_a_backup_of_either_database_comes_back_in_either(place: Place, elsewhere: Place, tmp_path: Path):
    filled(place)
    backup = backed_up(place, tmp_path / "backups").path
    before = rows(place)
    done = restored(backup, elsewhere)
    assert done.faults == () and done.before is None
    after = rows(elsewhere)
    entry = after["audit"].pop()
    assert entry[2] == "restored" and json.loads(entry[5]) == {"backup": backup.name, "locks": 1}
    assert before["audit"].pop()[2] == "backed up"
    for name in before.keys() - {"cases", "audit_head"}:
        assert after[name] == before[name], name
    with closing(place.open()) as old, closing(elsewhere.open()) as new:
        ids = verified(elsewhere)
        assert len(ids) == 3
        for case in ids:
            one, two = old.load(case), new.load(case)
            assert (one.draft, one.versions, one.state, one.sent_at) == (
                two.draft,
                two.versions,
                two.state,
                two.sent_at,
            )
            assert two.lock is None
            for recording in new.recordings(case):
                assert (Recording(sound_path(new, recording)).samples() == noise(case)).all()
        assert new.versions(ids[0]) == old.versions(ids[0])
    for name, text in OF_THE_USER.items():
        assert (elsewhere.home / name).read_text(encoding="utf-8") == text
    assert len(unfinished(elsewhere.home / "captures")) == 1
    assert not [path for path in elsewhere.home.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    with closing(elsewhere.open()) as records:
        records.note("", "started", "")
        opened(records, draft("Another."))
    assert len(verified(elsewhere)) == 4
    assert check(backed_up(elsewhere, backup.parent).path) == ()


def test_sound_that_was_gone_when_it_was_backed_up_is_told_of(tmp_path: Path):
    source, target, told = Place("", tmp_path / "source"), Place("", tmp_path / "target"), []
    filled(source)
    next((source.home / "audio").iterdir()).unlink()
    done = backed_up(source, tmp_path / "backups")
    restore(done.path, target.url, target.home, by="Dr A", replaces=False, anyway=False, told=told.append)
    assert told == ["1 recordings have no sound in this backup; look for it in an older one."]


def test_cases_that_are_there_are_never_overwritten_unasked_and_never_deleted(elsewhere: Place, backup: Path):
    theirs = filled(elsewhere, cases=1)
    (elsewhere.home / "key_token").write_text("THEIRS")
    before = rows(elsewhere)
    with pytest.raises(UsageError, match="holds cases already; with --replace"):
        restored(backup, elsewhere)
    assert rows(elsewhere) == before and verified(elsewhere) == sorted(theirs)

    done = restored(backup, elsewhere, replaces=True)
    assert len(verified(elsewhere)) == 3 and not set(verified(elsewhere)) & set(theirs)
    assert (elsewhere.home / "key_token").read_text() == "THEIRS"
    assert done.before is not None and (done.before / "audio").is_dir()
    if elsewhere.url:
        schema = f"before_{done.before.name.removeprefix('before-').lower().replace('-', '_')}"
        elsewhere.tamper(f"DROP SCHEMA public CASCADE; ALTER SCHEMA {schema} RENAME TO public")
    assert verified(Place(elsewhere.url, done.before)) == sorted(theirs)
    assert len(swapping.left_over(elsewhere.home)) == 0


def test_what_a_killed_app_left_in_its_log_is_set_aside_with_its_database(backup: Path, tmp_path: Path):
    running, killed = Place("", tmp_path / "running"), Place("", tmp_path / "killed")
    with closing(running.open()) as records:
        last = opened(records, draft("Lungs clear."))
        shutil.copytree(running.home, killed.home)
    assert (killed.home / "records.sqlite3-wal").stat().st_size > 0
    done = restored(backup, killed, replaces=True)
    assert done.before is not None and len(verified(killed)) == 3
    assert verified(Place("", done.before)) == [last.id]


def test_a_machine_on_which_the_app_was_started_once_is_bare(elsewhere: Place, backup: Path):
    elsewhere.open().close()
    assert restored(backup, elsewhere).faults == ()
    assert len(verified(elsewhere)) == 3


def fresh_disk(folder: Path) -> Path:
    """A folder as a disk that was just made and mounted there has it; root keeps what a repair found in it."""
    found = folder / "lost+found"
    found.mkdir(parents=True)
    (found / "#12").write_text("of a repair")
    found.chmod(0)
    return found


def test_a_disk_that_was_just_mounted_is_bare(elsewhere: Place, tmp_path: Path):
    source = Place("", tmp_path / "source")
    disks = (source.home, source.home / "audio", tmp_path / "backups", elsewhere.home)
    found = [fresh_disk(folder) for folder in disks]
    filled(source)
    done = backed_up(source, tmp_path / "backups")
    assert check(done.path) == () and not [name for name in done.manifest.files if "#12" in name]
    for number in range(2):
        again = restored(done.path, elsewhere, replaces=number > 0)
        assert again.faults == () and (again.before is not None) == (number > 0)
    assert len(verified(elsewhere)) == 3
    assert all(one.stat().st_mode & 0o777 == 0 for one in found)
    assert not list(elsewhere.home.glob("before-*/lost+found"))


def test_a_damaged_backup_is_refused_and_what_is_whole_of_it_can_be_had(elsewhere: Place, backup: Path):
    flac = next((backup / "home" / "audio").glob("*.flac"))
    flac.write_bytes(flac.read_bytes()[:-9])
    with pytest.raises(DictationError, match=r"flac: is not what was backed up; .*--anyway restores what is whole\.$"):
        restored(backup, elsewhere)
    assert not any(elsewhere.home.glob("[!.]*/")), "nothing came"
    done = restored(backup, elsewhere, anyway=True)
    assert "is not what was backed up" in done.faults[0] and len(done.faults) == 2
    with closing(elsewhere.open()) as records:
        assert records.verify() == () and len(records.worklist().rows) == 3


def test_a_backup_whose_database_is_damaged_is_refused_whatever_is_asked(elsewhere: Place, backup: Path):
    (backup / "home" / "records.sqlite3").write_bytes(b"no database at all" * 1000)
    for anyway in (False, True):
        with pytest.raises(DictationError, match=r"records\.sqlite3: is damaged; use another backup\."):
            restored(backup, elsewhere, anyway=anyway)
    elsewhere.open().close()
    assert verified(elsewhere) == []


def test_a_backup_of_a_newer_program_is_refused(elsewhere: Place, backup: Path):
    manifest = json.loads((backup / "manifest.json").read_bytes())
    for changed, error in (({"revision": "9999"}, DictationError), ({"format": 2}, InputError)):
        (backup / "manifest.json").write_text(json.dumps({**manifest, **changed}))
        for act in (lambda: restored(backup, elsewhere), lambda: check(backup)):
            with pytest.raises(error, match=r"was made by a newer version of this program; update it here\.$"):
                act()
    assert not elsewhere.home.exists()


def test_an_older_backup_is_migrated(elsewhere: Place, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    newest = database.newest_revision()
    newer = shutil.copytree(database.MIGRATIONS, tmp_path / "migrations")
    (newer / "versions" / "9998_more.py").write_text(NEWER.format(newest=newest), encoding="utf-8")
    monkeypatch.setattr(database, "MIGRATIONS", newer)
    assert check(backup) == ()
    assert json.loads((backup / "manifest.json").read_bytes())["revision"] == newest
    restored(backup, elsewhere)
    assert rows(elsewhere)["alembic_version"] == [("9998",)]
    assert len(verified(elsewhere)) == 3


def test_a_running_app_is_not_pulled_away_from_under_its_readers(elsewhere: Place, backup: Path):
    elsewhere.open().close()
    with socket.create_server(("127.0.0.1", 0)) as app:
        (elsewhere.home / "port").write_text(str(app.getsockname()[1]))
        with pytest.raises(UsageError, match="the app is running"):
            restored(backup, elsewhere)
    (elsewhere.home / "port").unlink()
    if not elsewhere.url:
        with closing(elsewhere.open()) as records:
            opened(records, draft())
            with pytest.raises(UsageError, match="has the cases open"):
                restored(backup, elsewhere, replaces=True)
    assert len(verified(elsewhere)) == (0 if elsewhere.url else 1)


def open_elsewhere(place: Place) -> list[Place]:
    """The place as other programs name it; with PostgreSQL also one of another machine."""
    return [place, Place(place.url, place.home.with_name("machine"))] if place.url else [place]


def test_nothing_is_restored_while_another_program_has_the_cases_open(elsewhere: Place, backup: Path):
    ids = filled(elsewhere, cases=1)
    for other in open_elsewhere(elsewhere):
        with closing(other.open()), closing(other.open()):  # two apps may share them
            refused = program(elsewhere, "restore", backup, "--replace")
            assert refused.returncode == 2 and refused.stderr.count("\n") == 1, refused.stderr
            assert "has the cases open" in refused.stderr and "stop it first" in refused.stderr
        assert verified(elsewhere) == sorted(ids)
    assert restored(backup, elsewhere, replaces=True).faults == ()


def test_nothing_is_restored_over_what_is_being_backed_up(
    elsewhere: Place, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ids, real = filled(elsewhere, cases=1), transfer.snapshot

    def snapshot(source, home: Path) -> str:
        for other in open_elsewhere(elsewhere):
            with pytest.raises(UsageError, match=r"has the cases open .*stop it first\.$"):
                restored(backup, other, replaces=True)
        return real(source, home)

    monkeypatch.setattr(transfer, "snapshot", snapshot)
    assert check(backed_up(elsewhere, tmp_path / "own").path) == ()
    assert verified(elsewhere) == sorted(ids)


def test_nobody_opens_the_cases_while_they_are_restored(
    elsewhere: Place, backup: Path, monkeypatch: pytest.MonkeyPatch
):
    real, tried = transfer.integrity, []
    monkeypatch.setattr(database, "PATIENCE_S", 1)

    def integrity(file: Path) -> str:
        for other in open_elsewhere(elsewhere):
            with pytest.raises(UsageError, match=r"a backup is being restored there; wait until it has ended\.$"):
                other.open()
            tried.append(other)
        return real(file)

    monkeypatch.setattr(transfer, "integrity", integrity)
    assert restored(backup, elsewhere).faults == () and tried
    assert len(verified(elsewhere)) == 3


def test_a_killed_app_refuses_no_restore(elsewhere: Place, backup: Path):
    opens = (
        "import sys, time; from pathlib import Path; from tests.records.cases import Place; url, home = sys.argv[1:]; "
    )
    opens += "records = Place(url, Path(home)).open(); print('open', flush=True); time.sleep(600)"
    app = subprocess.Popen(
        [sys.executable, "-c", opens, elsewhere.url, str(elsewhere.home)],
        cwd=ROOT, env=environment(elsewhere), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with app:
        try:
            assert app.stdout is not None and app.stdout.readline() == "open\n"
            with pytest.raises(UsageError, match="has the cases open"):
                restored(backup, elsewhere)
        finally:
            app.kill()
    assert restored(backup, elsewhere).faults == ()
    assert len(verified(elsewhere)) == 3


def test_a_database_elsewhere_is_no_place_for_a_backup(backup: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="unset DICTATION_DATABASE_URL"):
        restored(backup, Place(f"sqlite:///{tmp_path}/other.sqlite3", tmp_path / "elsewhere"))


def test_the_command_restores_and_says_what(elsewhere: Place, backup: Path):
    database = ("--database", elsewhere.url) if elsewhere.url else ()
    done = command(Place("", backup.parent), "restore", backup, "--home", elsewhere.home, *database)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "restored and verified: 3 cases, 4 signed versions, 3 recordings" in done.stderr
    assert rows(elsewhere)["audit"][-1][2:4] == ("restored", operator())
    refused = command(elsewhere, "restore", backup)
    assert refused.returncode == 2 and refused.stderr.count("\n") == 1 and "--replace" in refused.stderr
    assert len(verified(elsewhere)) == 3


def test_a_trial_restore_never_touches_the_database_of_the_app(place: Place, backup: Path, tmp_path: Path):
    ids, trial = filled(place, cases=1), Place("", tmp_path / "trial")
    before = rows(place)
    for number, options in enumerate(((), ("--replace",))):
        done = command(place, "restore", backup, "--home", trial.home, *options)
        assert done.returncode == 0 and "restored and verified" in done.stderr, done.stderr
        assert len(verified(trial)) == 3 and len(list(trial.home.glob("before-*"))) == number
    again = command(place, "restore", backup, "--home", trial.home)
    assert again.returncode == 2 and again.stderr.count("\n") == 1 and str(trial.home) in again.stderr
    assert rows(place) == before and verified(place) == sorted(ids)


def test_a_trial_goes_only_where_it_is_told_to(place: Place, backup: Path, tmp_path: Path):
    trial, server = tmp_path / "trial", "postgresql://user@host/name"
    refusals = [
        (("--database", server), "name it with --home"),
        (("--home", trial, "--database", f"sqlite:///{tmp_path}/other.sqlite3"), "--database: is no postgresql://"),
        (("--home", trial, "--database", ""), "--database: is no postgresql://"),
    ]
    if place.url:
        refusals.append((("--home", place.home, "--replace"), "is DICTATION_HOME, whose cases lie in PostgreSQL"))
    for options, why in refusals:
        refused = command(place, "restore", backup, *options)
        assert refused.returncode == 2 and refused.stderr.count("\n") == 1 and why in refused.stderr, refused.stderr
    assert not trial.exists() and not place.home.exists()


@pytest.mark.parametrize("replaces", [False, True])
def test_a_folder_of_other_things_is_refused_and_left_as_it_is(backup: Path, tmp_path: Path, replaces: bool):
    folder = tmp_path / "folder"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "one.jpg").write_text("a photo")
    (folder / "thesis.docx").write_text("a thesis")
    folder.chmod(0o755)
    with pytest.raises(UsageError, match=r"not of this program \(photos, thesis\.docx\); name an empty folder"):
        restored(backup, Place("", folder), replaces=replaces)
    assert sorted(path.name for path in folder.rglob("*")) == ["one.jpg", "photos", "thesis.docx"]
    assert folder.stat().st_mode & 0o777 == 0o755


def test_what_is_not_ours_stays_where_it_is_in_a_home_of_ours(elsewhere: Place, backup: Path):
    filled(elsewhere, cases=1)
    (elsewhere.home / "thesis.docx").write_text("a thesis")
    (elsewhere.home / ".profile").write_text("a profile")
    done = restored(backup, elsewhere, replaces=True)
    assert (elsewhere.home / "thesis.docx").read_text() == "a thesis"
    assert (elsewhere.home / ".profile").read_text() == "a profile"
    assert done.before is not None and {path.name for path in done.before.iterdir()} <= {*OURS, *SQLITE}
    assert len(verified(elsewhere)) == 3


@pytest.fixture(params=["another disk", "the same disk"])
def mounted(elsewhere: Place, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    """The ids of the cases of `elsewhere`, whose folder of images is a mount."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root of Linux can mount")
    ids, images = filled(elsewhere, cases=1), elsewhere.home / "images"
    disk = images.rename(tmp_path / "the images")
    images.mkdir()
    is_other = request.param == "another disk"
    options = ("-t", "tmpfs", "-o", "mode=0700", "tmpfs") if is_other else ("--bind", disk)
    if subprocess.run(["mount", *options, images]).returncode:
        pytest.skip("this machine mounts no disk")
    if is_other:
        shutil.copytree(disk, images, dirs_exist_ok=True)
    yield ids
    subprocess.run(["umount", images], check=True)


def contents(home: Path) -> dict[str, bytes]:
    """What lies in a HOME, but for locks and what SQLite keeps beside its file."""
    names = (path for path in home.rglob("*") if path.is_file() and path.suffix != ".lock" and path.name not in SQLITE)
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in names}


def test_a_home_with_a_mount_in_it_is_refused_and_left_as_it_is(mounted, elsewhere: Place, backup: Path):
    before = contents(elsewhere.home)
    with pytest.raises(UsageError, match=r"images: something is mounted there, .* unmount it, restore, and mount it"):
        restored(backup, elsewhere, replaces=True)
    assert contents(elsewhere.home) == before and verified(elsewhere) == sorted(mounted)


def test_a_swap_that_fails_midway_goes_back(mounted, elsewhere: Place, backup: Path, monkeypatch: pytest.MonkeyPatch):
    """Something was mounted after all had been looked at; with PostgreSQL the files follow once it is gone."""
    before = contents(elsewhere.home)
    monkeypatch.setattr(swapping, "check_movable", lambda *_: None)
    again = "start" if elsewhere.url else "restore"
    with pytest.raises(DictationError, match=rf"cannot be moved to its place .*and {again} again\. Nothing is lost\.$"):
        restored(backup, elsewhere, replaces=True)
    staged = "restored-" if elsewhere.url else "restoring-"
    after = contents(elsewhere.home)
    assert {name: after[name] for name in after if not name.startswith(staged)} == before
    if not elsewhere.url:
        assert verified(elsewhere) == sorted(mounted)
        return
    with pytest.raises(DictationError, match="cannot be moved"):
        elsewhere.open()
    images = elsewhere.home / "images"
    subprocess.run(["umount", images], check=True)
    assert len(verified(elsewhere)) == 3
    subprocess.run(["mount", "--bind", images, images], check=True)  # the fixture takes it away


def test_what_root_restores_belongs_to_whose_home_it_is(elsewhere: Place, backup: Path):
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("only root gives files away")
    filled(elsewhere, cases=1)
    owner = (12345, 12346)
    for path in (elsewhere.home, *elsewhere.home.rglob("*")):
        os.chown(path, *owner)
    done = restored(backup, elsewhere, replaces=True)
    assert done.before is not None and done.before.is_dir()
    found = {path: path.lstat() for path in (elsewhere.home, *elsewhere.home.rglob("*"))}
    others = [str(path) for path, state in found.items() if (state.st_uid, state.st_gid) != owner]
    assert others == []
