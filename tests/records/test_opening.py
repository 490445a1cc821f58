"""Opening: the schema comes by itself, two programs may start at once, and what cannot be used is one sentence."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr

from dictation import extras
from dictation.errors import DictationError, MissingError, UsageError
from dictation.records import Records, database
from dictation.records.in_use import LOCK, Use
from dictation.records.schema import metadata
from dictation.settings import Settings
from tests.conftest import ROOT
from tests.records.cases import PAGE, Place, draft, opened
from tests.records.store_schema import load

WORKER = """
import sys
from pathlib import Path
from dictation.records import Records, database
from tests.records.cases import draft, opened
for _ in range(3):
    records = Records.open_at(sys.argv[1], Path(sys.argv[2]))
    case = draft()
    records.create(case, "Dr A")
    records.lock(case.id, sys.argv[3], "Dr A")
    for number in range(25):
        records.save(case.model_copy(update={"fields": {"n": str(number)}}), sys.argv[3])
    records.close()
    print(case.id)
"""
FILLER = """
import resource, sys
from pathlib import Path
from dictation.errors import DictationError
from dictation.records import Records, database
from tests.records.cases import PAGE, draft, opened, version
records = Records.open_at("", Path(sys.argv[1]))
case = opened(records, draft())
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
for number in range(10_000):
    bigger = case.model_copy(update={"fields": {"n": str(number), "text": "word " * 50 * number}})
    try:
        records.save(bigger, PAGE)
        case = bigger
    except DictationError as error:
        print(case.id, case.fields["n"], error, sep="|")
        break
try:
    records.sign(bigger, version(bigger, "word " * 100_000), PAGE)
except DictationError as error:
    print(error)
"""


def started(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen) -> str:
    said, complaint = process.communicate(timeout=120)
    assert (process.returncode, complaint) == (0, "")
    return said


def test_the_migrations_make_the_schema_that_the_code_speaks_of(place: Place):
    records = place.open()
    with records.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    records.close()


def test_two_programs_start_at_once_and_save_their_cases(place: Place):
    pages = ("c" * 32, "d" * 32)
    programs = [started(WORKER, place.url, str(place.home), page) for page in pages]
    cases = [case for program in programs for case in ended(program).split()]
    records = place.open()
    stored = [records.load(case) for case in cases]
    assert [(one.draft.fields["n"], one.revision) for one in stored] == [("24", 26)] * 6
    told = Counter(entry.what for entry in records.audit())
    assert told["created"] == told["opened"] == 6 and records.verify() == ()
    records.close()


def test_two_programs_start_at_once_with_an_older_database_and_one_migrates_it(place: Place):
    load("0001", place)
    programs = [started(WORKER, place.url, str(place.home), page) for page in ("c" * 32, "d" * 32)]
    cases = [case for program in programs for case in ended(program).split()]
    with closing(place.open()) as records:
        assert [records.load(case).draft.fields["n"] for case in cases] == ["24"] * 6
        assert records.verify() == ()


def test_a_database_of_a_newer_program_is_refused_and_left_as_it_is(place: Place):
    records = place.open()
    case = opened(records, draft("Lungs clear."))
    records.close()
    place.tamper("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DictationError, match=r"newer version of this program; update it here\.$"):
        place.open()
    head = database.newest_revision()
    place.tamper(f"UPDATE alembic_version SET version_num = '{head}'")
    records = place.open()
    assert records.load(case.id).draft == case
    records.close()


def test_a_database_of_two_versions_at_once_is_one_sentence(place: Place):
    place.open().close()
    place.tamper("INSERT INTO alembic_version VALUES ('0001')")
    with pytest.raises(DictationError, match=r"of 2 versions at once; restore it from a backup\.$"):
        place.open()


def test_a_migration_that_fails_leaves_nothing_behind(place: Place):
    place.home.mkdir(mode=0o700)
    place.tamper("CREATE TABLE recordings (x INTEGER)")  # somebody else's
    with pytest.raises(DictationError):
        place.open()
    place.tamper("DROP TABLE recordings")
    records = place.open()
    assert records.verify() == ()
    records.close()


def test_the_files_are_for_their_owner_alone(tmp_path: Path):
    records = Records.open_at("", tmp_path / "home")
    opened(records, draft())
    ends = ("-shm", "-wal", ".lock", "")
    names = ["in_use.lock", "records.head", *(f"records.sqlite3{end}" for end in ends)]
    found = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "home").iterdir()}
    assert found == dict.fromkeys(names, 0o600)
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    records.close()


def test_the_settings_say_where(tmp_path: Path):
    records = Records.open(Settings(home=tmp_path / "a b%20c"))
    opened(records, draft())
    records.close()
    assert (tmp_path / "a b%20c" / "records.sqlite3").is_file()
    elsewhere = tmp_path / "e.sqlite3"
    records = Records.open(Settings(home=tmp_path / "h", database_url=SecretStr(f"sqlite:///{elsewhere}")))
    records.close()
    assert elsewhere.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "url", ["mysql://a:SECRET@b/c", "SECRET", "sqlite://", "sqlite:///:memory:", "postgresql:SECRET"]
)
def test_a_url_of_another_kind_is_refused_without_its_password(tmp_path: Path, url: str):
    with pytest.raises(UsageError, match="DICTATION_DATABASE_URL") as refused:
        Records.open_at(url, tmp_path)
    assert "SECRET" not in str(refused.value)


def test_a_server_that_is_not_there_is_one_sentence_without_its_password(tmp_path: Path):
    with pytest.raises(DictationError, match="cannot be reached") as refused:
        Records.open_at(f"postgresql://me:SECRET@/cases?host={tmp_path}", tmp_path / "home")
    assert "SECRET" not in str(refused.value) and "\n" not in str(refused.value)


def test_without_the_driver_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def of_a_source_tree(_name: str) -> list[str]:
        raise PackageNotFoundError

    monkeypatch.setattr(extras, "requires", of_a_source_tree)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingError, match=r"pip install .*\.\[postgres\]"):
        Records.open_at("postgresql://me@localhost/cases", tmp_path)


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_file_that_is_no_database_is_named_or_filled(tmp_path: Path, content: bytes):
    (tmp_path / "records.sqlite3").write_bytes(content)
    if content:
        with pytest.raises(DictationError, match=r"records\.sqlite3: is damaged"):
            Records.open_at("", tmp_path)
        assert (tmp_path / "records.sqlite3").read_bytes() == content
    else:
        Records.open_at("", tmp_path).close()


def test_a_home_that_is_a_file_is_named(tmp_path: Path):
    (tmp_path / "home").write_text("")
    with pytest.raises(DictationError, match="DICTATION_HOME"):
        Records.open_at("", tmp_path / "home")


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(tmp_path: Path):
    said = ended(started(FILLER, str(tmp_path), "3000000")).splitlines()
    case, number, sentence = said[0].split("|")
    assert "free space" in sentence and "free space" in said[1] and len(said) == 2
    records = Records.open_at("", tmp_path)
    assert records.load(case).draft.fields["n"] == number
    assert records.versions(case) == () and records.verify() == ()
    records.save(records.load(case).draft, PAGE)
    records.close()


def test_a_full_small_disk_is_one_sentence_and_nothing_is_lost():
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, text=True
        )
        if mounted.returncode:
            pytest.skip(f"no small disk can be mounted here ({mounted.stderr.strip()}); the limit above is tried")
        try:
            said = ended(started(FILLER, folder)).splitlines()
            case, number, sentence = said[0].split("|")
            assert "free space" in sentence and "free space" in said[1] and len(said) == 2
            records = Records.open_at("", Path(folder))
            assert records.load(case).draft.fields["n"] == number
            assert records.versions(case) == () and records.verify() == ()
            records.close()
        finally:
            subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_a_full_disk_of_the_server_is_one_sentence(place: Place):
    records = place.open()
    case = opened(records, draft("Lungs clear."))
    place.tamper(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
    )
    place.tamper("CREATE TRIGGER full_disk BEFORE UPDATE ON drafts FOR EACH ROW EXECUTE FUNCTION full_disk()")
    with pytest.raises(DictationError, match="free space"):
        records.save(case.model_copy(update={"fields": {"n": "1"}}), PAGE)
    place.tamper("DROP TRIGGER full_disk ON drafts")  # the audit would name it
    place.tamper("DROP FUNCTION full_disk")
    assert records.load(case.id).draft == case and records.verify() == ()
    records.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owners of this kind")
def test_a_lock_that_root_made_belongs_to_whose_home_it_is(tmp_path, monkeypatch):
    """Else a first backup by root would keep the app's user out."""
    given = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, *owner: given.append((path, owner)))
    Use(tmp_path).close()
    assert given == [(tmp_path / LOCK, (tmp_path.stat().st_uid, tmp_path.stat().st_gid))]
