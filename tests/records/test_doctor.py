"""`dictation doctor` says whether what was signed is as it was written, and changes nothing by looking."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pydantic import SecretStr
from sqlalchemy import update
from typer.testing import CliRunner

from dictation.audio import SAMPLE_RATE, Journal
from dictation.case.draft import Draft
from dictation.records import Records, backup, database
from dictation.records.schema import audit
from dictation.records.sound import archive, sound_path
from dictation.records.trail import BACKED_UP, ONE_DISK
from pipelines.cli import app
from pipelines.doctor import examine
from tests.records.cases import AT, Place, draft, opened

NEWER = 'revision = "9999"\ndown_revision = "{head}"\n\ndef upgrade():\n    pass\n'


@pytest.fixture
def own(settings, tmp_path: Path):
    return settings.model_copy(update={"home": tmp_path / "home"})


def check(settings, name: str = "records") -> dict:
    return next(one for one in examine(settings)["checks"] if one["name"] == name)


def files(home: Path) -> dict[str, tuple[int, bytes]]:
    """All that lies in HOME, but for SQLite's table of who reads what."""
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes())
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }


def filled(settings) -> Records:
    records = Records.open(settings)
    for number in range(3):
        records.create(Draft(id=f"{number:032x}"), "Dr. Example")
    return records


def test_the_doctor_verifies_the_records(own):
    assert check(own) == {"name": "records", "ok": True, "state": "no cases yet", "fix": ""}
    filled(own).close()
    assert check(own)["ok"]
    with closing(sqlite3.connect(own.home / "records.sqlite3")) as changed, changed:
        changed.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    found = check(own)
    assert not found["ok"] and "backup" in found["fix"]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE INDEX sly ON cases (lower(owner))", "an index sly, which this program did not make"),
        ("INSERT INTO alembic_version VALUES ('0001')", "of 2 versions at once; restore it from a backup"),
        ("INSERT INTO audit_head VALUES (2, 900, 'x')", "its length stands there more than once"),
    ],
)
def test_cases_that_were_changed_end_the_doctor_with_1(own, monkeypatch, statement: str, named: str):
    monkeypatch.setenv("DICTATION_HOME", str(own.home))
    monkeypatch.setenv("DICTATION_CACHE", str(own.cache))
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
    filled(own).close()
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
    with closing(sqlite3.connect(own.home / "records.sqlite3")) as changed, changed:
        changed.execute(statement)
    said = CliRunner().invoke(app, ["doctor"])
    assert said.exit_code == 1 and named in said.stdout and "Traceback" not in said.output


def test_backups_that_all_lie_on_the_disk_of_the_dictations_are_a_fault(own, tmp_path: Path, monkeypatch):
    filled(own).close()
    assert "backup" not in [one["name"] for one in examine(own)["checks"]], "nothing is known of any"
    folder = tmp_path / "backups"
    folder.mkdir(mode=0o700)

    def made() -> dict:
        backup.back_up("", own.home, folder, by="test", told=print)
        return check(own, "backup")

    found = made()
    assert not found["ok"] and "on the disk of DICTATION_HOME" in found["state"] and "another disk" in found["fix"]
    with monkeypatch.context() as mounted:
        mounted.setattr(backup, "is_on_one_disk", lambda *_: False)
        assert made()["ok"]
    assert made()["ok"], "another one of these days lies elsewhere"


@pytest.mark.parametrize(
    ("ages_days", "ok", "said"),
    [
        ({1: True, 7: False}, True, "lies on another disk"),
        ({1: True, 9: False}, False, "on the disk of DICTATION_HOME"),
        ({7: True, 9: False}, False, "on the disk of DICTATION_HOME"),
        ({9: False}, False, "more than 8 days ago"),
        ({9: True}, False, "more than 8 days ago"),
    ],
)
def test_backups_of_late_are_those_of_the_last_days_before_now(own, ages_days, ok, said):
    records = filled(own)
    now = datetime.now(UTC)
    for days, is_here in sorted(ages_days.items(), reverse=True):
        with records.recorded() as (connection, trail):
            trail.add("", BACKED_UP, "test", {ONE_DISK: is_here})
            of = update(audit).where(audit.c.number == trail.count)
            connection.execute(of.values(at=(now - timedelta(days=days)).isoformat()))
    records.close()
    found = check(own, "backup")
    assert found["ok"] == ok and said in found["state"]
    assert bool(found["fix"]) != ok and ("night" in found["fix"]) == ("ago" in said)


@pytest.mark.parametrize("detail", ['{"backup": "x", "entries": 1}', "{", "[]"])
def test_a_backup_of_which_the_trail_says_no_place_is_no_fault(own, detail: str):
    records = filled(own)
    records.note("", "backed up", "test")
    records.close()
    with closing(sqlite3.connect(own.home / "records.sqlite3")) as changed, changed:
        changed.execute("UPDATE audit SET detail = ? WHERE what = 'backed up'", (detail,))
    assert "backup" not in [one["name"] for one in examine(own)["checks"]]


@pytest.mark.parametrize("is_running", [True, False])
def test_the_doctor_changes_nothing(own, is_running: bool):
    records = filled(own)
    if not is_running:
        records.close()
    (own.home / "records.head").unlink()
    before = files(own.home)
    found = check(own)
    assert not found["ok"] and "records.head: is missing" in found["state"]
    assert files(own.home) == before
    records.close()


def test_a_file_that_is_to_be_made_is_not_made(own, tmp_path: Path):
    url = SecretStr(f"sqlite:///{tmp_path}/other.sqlite3")
    found = check(own.model_copy(update={"database_url": url}))
    assert not found["ok"] and found["fix"].endswith("it will be made when the app starts.")
    assert not (tmp_path / "other.sqlite3").exists() and not own.home.exists()


def test_an_older_database_waits_for_the_app(own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    filled(own).close()
    newer = shutil.copytree(database.MIGRATIONS, tmp_path / "migrations")
    head = database.newest_revision()
    (newer / "versions" / "9999_more.py").write_text(NEWER.format(head=head), encoding="utf-8")
    monkeypatch.setattr(database, "MIGRATIONS", newer)
    before = files(own.home)
    found = check(own)
    assert not found["ok"] and found["fix"].endswith(
        "older version of this program; it will be migrated when the app starts."
    )
    assert files(own.home) == before
    Records.open(own).close()
    assert check(own)["ok"]


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_a_server_is_verified_from_where_nobody_has_worked_yet(settings, place: Place, tmp_path: Path):
    records = place.open()
    case = opened(records, draft())
    elsewhere = settings.model_copy(update={"home": tmp_path / "elsewhere", "database_url": SecretStr(place.url)})
    before = records.audit()
    assert check(elsewhere)["ok"]
    assert not elsewhere.home.exists() and records.audit() == before and records.load(case.id).draft == case
    records.close()


def test_sound_that_was_changed_or_lost_is_named(own):
    records = Records.open(own)
    case = opened(records, draft())
    for number in range(2):
        journal = Journal.create(own.home / "captures")
        journal.append(0, np.full(1600, 0.1, np.float32))
        journal.close(finished=True)
        started_at = AT + timedelta(minutes=number)
        records.add_recording(case.id, f"t{number}", journal.id, journal.path.name, started_at)
    archive(records, case.id, own.home / "captures")
    first, second = (sound_path(records, one) for one in records.recordings(case.id))
    records.close()
    assert check(own, "sound")["ok"]
    first.unlink()
    assert "is gone" in check(own, "sound")["state"]
    soundfile.write(second, np.zeros(1600, np.int16), SAMPLE_RATE)
    found = check(own, "sound")
    assert not found["ok"] and "was changed" in found["state"] and "(1 more)" in found["state"]
    assert check(own)["ok"]


def test_the_folders_of_a_department_are_looked_at_where_they_are_set(own, tmp_path):
    named = ("outbox", "orders", "shared")
    assert not set(named) & {one["name"] for one in examine(own)["checks"]}
    found = own.model_copy(update={name: tmp_path / name for name in named})
    for name in named:
        assert not check(found, name)["ok"] and check(found, name)["fix"], "it is not there, and is never made"
        (tmp_path / name).mkdir()
        assert check(found, name)["ok"]


def test_settings_with_which_the_app_would_not_begin_are_named(own):
    assert "settings" not in {one["name"] for one in examine(own)["checks"]}
    assert "DICTATION_PROXIES" in check(own.model_copy(update={"sign_in": "proxy"}), "settings")["fix"]


def test_a_page_that_everybody_could_open_is_named(own):
    everybody = own.model_copy(update={"public_url": "https://reports.example/"})
    assert not check(everybody, "settings")["ok"] and "DICTATION_SIGN_IN" in check(everybody, "settings")["fix"]
    assert "sign-in" not in {one["name"] for one in examine(everybody)["checks"] if one["ok"]}


def test_sound_that_no_case_has_is_named_and_no_fault(own):
    with closing(filled(own)), Journal.create(own.home / "captures", block_samples=1600) as journal:
        journal.append(0, np.zeros(1600, np.float32))
        assert "in no case" not in check(own, "sound")["state"], "somebody speaks"
    found = check(own, "sound")
    assert found["ok"] and f"; in no case: {journal.path}, dictation serve says why" in found["state"]
