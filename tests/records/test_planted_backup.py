"""A backup that somebody planted or changed: nothing outside it is read, no token is taken, nothing crashes."""

import hashlib
import json
import os
import sqlite3
import sys
from contextlib import closing
from io import BufferedReader
from pathlib import Path

import pytest

from dictation.errors import DictationError
from dictation.records import backed_up as folder
from dictation.records import transfer
from dictation.records.backed_up import KEPT
from dictation.records.backup_check import check
from dictation.records.trail import entry_hash, head_line
from tests.records.backups import backed_up, command, filled, restored, rows, verified
from tests.records.cases import Place

SECRET = b"of somebody else"
DEEP = "[" * 200_000 + "]" * 200_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    source = Place("", folder / "source")
    filled(source)
    (source.home / "thesis.docx").write_text("a thesis")
    (source.home / "templates" / "notes.txt").write_text("of the user")
    return backed_up(source, folder / "backups").path


@pytest.fixture
def backup(made: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(made, tmp_path / made.name, symlinks=True))


def noted(backup: Path, **contents: bytes | None) -> None:
    """Let the manifest say that these files are as they are now, with `contents` where they are given."""
    manifest = json.loads((backup / "manifest.json").read_bytes())
    for name, content in contents.items():
        path = backup / "home" / name
        if content is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        found = path.read_bytes()
        manifest["files"][name] = {
            "size": len(found),
            "sha256": hashlib.sha256(found).hexdigest(),
            "changed_ns": path.stat().st_mtime_ns,
        }
    (backup / "manifest.json").write_text(json.dumps(manifest))


def changed(backup: Path, statement: str, *values: object) -> None:
    """Change the database of a backup, and its manifest with it."""
    with closing(sqlite3.connect(backup / "home" / "records.sqlite3")) as connection, connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        assert connection.execute(statement, values).rowcount
    noted(backup, **{"records.sqlite3": None})


def test_the_names_of_a_backup_are_those_that_the_program_writes(made: Path):
    names = json.loads((made / "manifest.json").read_bytes())["files"]
    assert (
        "thesis.docx" not in names and "templates/notes.txt" not in names and "users/ada.example/macros.toml" in names
    )
    assert {name.partition("/")[0] for name in names} <= {pattern.partition("/")[0] for pattern in KEPT}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize("linked", ["images", "vocabulary.txt", "users/ada.example", "records.head", ""])
def test_no_link_is_followed(backup: Path, tmp_path: Path, linked: str):
    path = (backup / "home" / linked) if linked else backup / "home"
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    assert any("is a link" in fault for fault in check(backup))
    target = Place("", tmp_path / "target")
    with pytest.raises(DictationError, match="is a link or no regular file, which no backup holds; use another backup"):
        restored(backup, target)
    if linked and linked != "records.head":
        done = restored(backup, target, anyway=True)
        assert any("is a link" in fault for fault in done.faults)
        assert not list(target.home.glob(f"{linked}/**/*.*")) and not (target.home / linked).is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders there")
def test_a_pipe_keeps_nobody_waiting(backup: Path, tmp_path: Path):
    (backup / "home" / "vocabulary.txt").unlink()
    os.mkfifo(backup / "home" / "vocabulary.txt")
    assert any("no regular file" in fault for fault in check(backup))
    with pytest.raises(DictationError, match="no regular file"):
        restored(backup, Place("", tmp_path / "target"))


def test_what_no_backup_holds_is_left_out_and_named(backup: Path, tmp_path: Path):
    planted = (
        "key_token", "viewer_token", "port", "users/ada.example/viewer_token", "templates/run.py", "audio/run.sh",
        "captures/deep/er.capture", "program.py", "before-2026-01-01T000000Z-abcdef/records.sqlite3",
    )  # fmt: skip
    noted(backup, **dict.fromkeys(planted, SECRET))
    place = Place("", tmp_path / "target")
    done = command(place, "restore", backup)
    assert done.returncode == 0, done.stderr
    assert "are left out; a backup holds the program's own files only." in done.stderr
    assert "audio/run.sh" in done.stderr and "and 4 more" in done.stderr
    found = [path for path in place.home.rglob("*") if path.is_file() and SECRET in path.read_bytes()]
    assert found == [] and len(verified(place)) == 3


PLANTED = [
    "CREATE TRIGGER sly AFTER UPDATE ON cases BEGIN UPDATE cases SET owner = 'eve' WHERE id = new.id; END",
    "CREATE TRIGGER sly AFTER INSERT ON audit BEGIN UPDATE cases SET owner = 'eve'; END",
    "CREATE VIEW sly AS SELECT * FROM cases",
    "CREATE INDEX sly ON cases (lower(owner))",
    "CREATE INDEX sly ON cases (id) WHERE owner = 'eve'",
    "ALTER TABLE cases ADD COLUMN sly TEXT GENERATED ALWAYS AS (owner || 'eve') VIRTUAL",
    "CREATE TABLE sly (a)",
    "DROP INDEX cases_by_accession",
]


@pytest.mark.parametrize("statement", PLANTED)
def test_what_was_planted_in_the_database_is_told_and_never_runs(backup: Path, tmp_path: Path, statement: str):
    file = backup / "home" / "records.sqlite3"
    with closing(sqlite3.connect(file)) as connection, connection:
        owners = connection.execute("SELECT id, owner FROM cases ORDER BY id").fetchall()
        connection.execute(statement)
    noted(backup, **{"records.sqlite3": None})
    place = Place("", tmp_path / "target")
    with pytest.raises(DictationError, match=r"which this program did not make|is not as this program|is missing"):
        restored(backup, place)
    done = restored(backup, place, anyway=True)
    assert len(done.faults) == 1
    with closing(sqlite3.connect(place.home / "records.sqlite3")) as connection:
        assert connection.execute("SELECT id, owner FROM cases ORDER BY id").fetchall() == owners
        assert not connection.execute("SELECT name FROM sqlite_master WHERE name = 'sly'").fetchall()
    with closing(place.open()) as records:
        assert records.verify() == ()


def test_who_was_planted_as_owner_or_reader_is_let_in_no_more(backup: Path, tmp_path: Path):
    with closing(sqlite3.connect(backup / "home" / "records.sqlite3")) as connection:
        (case,) = connection.execute("SELECT id FROM cases LIMIT 1").fetchone()
    changed(backup, "UPDATE cases SET owner = 'eve' WHERE id = ?", case)
    changed(backup, "INSERT INTO case_readers (case_id, name) VALUES (?, 'mallory')", case)
    place = Place("", tmp_path / "target")
    done = command(place, "restore", backup, "--anyway")
    assert done.returncode == 1 and "knows another owner" in done.stderr, done.stderr
    assert "knows others who were let in" in done.stderr
    with closing(sqlite3.connect(place.home / "records.sqlite3")) as connection:
        assert not connection.execute("SELECT id FROM cases WHERE owner = 'eve'").fetchall()
        assert not connection.execute("SELECT name FROM case_readers WHERE name = 'mallory'").fetchall()
    with closing(place.open()) as records:
        assert records.verify() == ()


def written(backup: Path, case: str, what: str, by: str, detail: dict[str, str]) -> None:
    """Write an entry of the trail behind the last, as the program does."""
    with closing(sqlite3.connect(backup / "home" / "records.sqlite3")) as connection:
        number, last = connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    entry = {
        "number": number + 1, "case_id": case, "what": what, "by": by, "at": "2026-01-01",
        "detail": json.dumps(detail), "previous": last,
    }  # fmt: skip
    own = entry_hash(entry)
    columns = ", ".join(f'"{name}"' for name in (*entry, "hash"))
    changed(backup, f"INSERT INTO audit ({columns}) VALUES ({', '.join('?' * 8)})", *entry.values(), own)
    changed(backup, "UPDATE audit_head SET entries = ?, hash = ?", number + 1, own)
    noted(backup, **{"records.head": head_line(number + 1, own).encode()})


def test_an_entry_behind_one_that_was_changed_lets_nobody_in(backup: Path, tmp_path: Path):
    with closing(sqlite3.connect(backup / "home" / "records.sqlite3")) as connection:
        (case,) = connection.execute("SELECT id FROM cases ORDER BY id LIMIT 1").fetchone()
    written(backup, case, "assigned", "ada", {})
    written(backup, case, "granted", "ada", {"user": "bob"})
    changed(backup, "UPDATE audit SET at = '2020-01-01' WHERE number = (SELECT max(number) FROM audit)")
    written(backup, case, "granted", "ada", {"user": "mallory"})
    written(backup, case, "assigned", "eve", {"from": "trudy"})
    changed(backup, "UPDATE cases SET owner = 'eve' WHERE id = ?", case)
    for name in ("mallory", "trudy"):
        changed(backup, "INSERT INTO case_readers (case_id, name) VALUES (?, ?)", case, name)
    place = Place("", tmp_path / "target")
    done = restored(backup, place, anyway=True)
    assert any("is not what was written" in fault for fault in done.faults), done.faults
    with closing(sqlite3.connect(place.home / "records.sqlite3")) as connection:
        assert connection.execute("SELECT owner FROM cases WHERE id = ?", (case,)).fetchone() == ("ada",)
        assert not connection.execute("SELECT name FROM case_readers WHERE case_id = ?", (case,)).fetchall()


WITH_ROWS = [
    (
        "INSERT INTO recordings (take, recording, case_id, file, started_at, duration_s, sha256, flac) "
        f"SELECT 'x', '{'f' * 32}', 'CASE', file, '2026', 0, '', '' FROM recordings WHERE case_id != 'CASE' LIMIT 1",
        f"recording {'f' * 32} was put there",
    ),
    ("UPDATE recordings SET case_id = 'CASE'", "knows another case, file or beginning of it"),
    ("INSERT INTO orders VALUES ('A99', 'CASE', '{}', 'active', 'stat', '2026')", "no such order"),
    ("INSERT INTO inbox VALUES ('x', '1 2')", "passed over as read"),
    ("INSERT INTO studies VALUES ('CASE', '1.2.3', 'A99', '{}', '2026')", "studies of the case CASE were changed"),
]


@pytest.mark.parametrize(("statement", "named"), WITH_ROWS)
def test_rows_that_lead_sound_images_or_orders_elsewhere_are_refused_and_never_let_in(
    backup: Path, tmp_path: Path, statement: str, named: str
):
    with closing(sqlite3.connect(backup / "home" / "records.sqlite3")) as connection:
        (case,) = connection.execute("SELECT id FROM cases ORDER BY id LIMIT 1").fetchone()
    before = rows(Place("", backup / "home"))
    changed(backup, statement.replace("CASE", case))
    place = Place("", tmp_path / "target")
    with pytest.raises(DictationError, match=named.replace("CASE", case)):
        restored(backup, place)
    assert any(named.replace("CASE", case) in fault for fault in restored(backup, place, anyway=True).faults)
    after = rows(place)
    assert all(after[name] == before[name] for name in ("orders", "studies", "inbox"))
    assert {row[:4] for row in after["recordings"]} == {row[:4] for row in before["recordings"]}
    assert len(verified(place)) == 3


def test_a_session_that_was_planted_in_a_backup_ends_with_it(backup: Path, tmp_path: Path):
    columns = "name, display, role, hash, browser_key, is_disabled, created_at"
    changed(backup, f"INSERT INTO users ({columns}) VALUES ('eve', '', 'reader', '', '', 0, '')")
    changed(backup, "INSERT INTO sessions VALUES (?, 'eve', '2026', '2026', '2099')", "0" * 64)
    place = Place("", tmp_path / "target")
    restored(backup, place, anyway=True)
    assert rows(place)["sessions"] == []


@pytest.mark.parametrize(
    "statement", ["INSERT INTO alembic_version VALUES ('0001')", "INSERT INTO audit_head VALUES (2, 900, 'x')"]
)
def test_two_versions_or_lengths_are_refused_in_one_sentence(backup: Path, tmp_path: Path, statement: str):
    changed(backup, statement)
    place = Place("", tmp_path / "target")
    for more in ((), ("--anyway",)):
        done = command(place, "restore", backup, *more)
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
        assert "of 2 versions at once" in done.stderr or "stands there 2 times" in done.stderr
        assert not (place.home / "records.sqlite3").exists()


@pytest.mark.parametrize("name", ["images/{case}/one.dcm", "vocabulary.txt", "users/ada.example/macros.toml"])
def test_a_file_that_is_not_what_was_backed_up_is_not_taken_whatever_is_asked(backup: Path, tmp_path: Path, name: str):
    case = next((backup / "home" / "images").iterdir()).name
    path = backup / "home" / name.format(case=case)
    path.write_bytes(SECRET)
    place = Place("", tmp_path / "target")
    done = restored(backup, place, anyway=True)
    assert len(done.faults) == 1 and "is not what was backed up" in done.faults[0]
    assert not (place.home / name.format(case=case)).exists() and len(verified(place)) == 3


@pytest.mark.parametrize(
    "name", ["a\0b", "audio/\0.flac", "/etc/passwd", "audio/../../x.flac", "audio//x.flac", "..", ""]
)
def test_a_name_that_is_no_path_in_it_is_damage(backup: Path, tmp_path: Path, name: str):
    manifest = json.loads((backup / "manifest.json").read_bytes())
    manifest["files"][name] = manifest["files"]["vocabulary.txt"]
    (backup / "manifest.json").write_text(json.dumps(manifest))
    refused(backup, tmp_path, "manifest.json: is damaged; use another backup.")


def test_a_manifest_that_is_nested_deeply_is_damage(backup: Path, tmp_path: Path):
    (backup / "manifest.json").write_text(DEEP)
    refused(backup, tmp_path, "manifest.json: is damaged; use another backup.")


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE recordings SET recording = ? WHERE rowid = 1", "../../../etc/x"),
        ("UPDATE recordings SET file = ?", "../../x.capture"),
        ("UPDATE recordings SET flac = ? WHERE flac != ''", "../records.sqlite3"),
        ("UPDATE cases SET id = ? WHERE rowid = 1", "../../../etc"),
        ("UPDATE cases SET search = ?", "a\0b"),
        ("UPDATE cases SET name = ?", b"DOE^Jane"),
        ("UPDATE cases SET search = ?", "x" * 501),
        ("UPDATE cases SET accession = ?", "x" * 501),
        ("UPDATE cases SET urgency = ?", 2**40),
        ("UPDATE audit_head SET entries = ?", 2**31),
        ("UPDATE cases SET revision = ?", "abc"),
        ("UPDATE cases SET revision = ?", 2**63 - 1),
        ("UPDATE recordings SET duration_s = ?", "abc"),
    ],
)
def test_ids_and_texts_that_the_program_never_writes_are_refused(
    backup: Path, tmp_path: Path, statement: str, value: object, monkeypatch: pytest.MonkeyPatch
):
    changed(backup, statement, value)
    monkeypatch.setattr(transfer, "integrity", lambda file: "")  # that foreign keys hold is another test
    with pytest.raises(DictationError, match="was not written by this program; use another"):
        restored(backup, Place("", tmp_path / "target"), anyway=True)


def test_another_patient_in_the_worklist_than_in_the_order_is_named(backup: Path, tmp_path: Path):
    changed(backup, "UPDATE cases SET name = ?, patient_id = 'P9' WHERE rowid = 1", "OTHER, Person")
    with pytest.raises(DictationError, match="names another patient or exam for the case"):
        restored(backup, Place("", tmp_path / "target"))


def test_rows_alone_come_back_and_nobody_signs_in_whom_the_trail_does_not_know(backup: Path, tmp_path: Path):
    file = backup / "home" / "records.sqlite3"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE exfil (what TEXT)")
        connection.execute("CREATE TRIGGER sly AFTER UPDATE ON drafts BEGIN DELETE FROM holds; END")
        columns = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(users)")}
        values = {name: 0 if kind in ("INTEGER", "BOOLEAN") else "" for name, kind in columns.items()}
        values |= {"name": "evil.admin", "role": "admin"}
        marks = ", ".join("?" for _ in values)
        connection.execute(f"INSERT INTO users ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))
    noted(backup, **{"records.sqlite3": None})
    place = Place("", tmp_path / "target")
    with pytest.raises(DictationError, match="--anyway"):
        restored(backup, place)
    done = restored(backup, place, anyway=True)
    assert all(any(name in fault for fault in done.faults) for name in ("exfil", "sly", "evil.admin"))
    with closing(sqlite3.connect(place.home / "records.sqlite3")) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        assert not names & {"exfil", "sly"} and "drafts" in names
        assert connection.execute("SELECT is_disabled FROM users WHERE name = 'evil.admin'").fetchone() == (1,)
    assert len(verified(place)) == 3


def test_a_view_in_the_place_of_a_table_is_refused(backup: Path, tmp_path: Path):
    with closing(sqlite3.connect(backup / "home" / "records.sqlite3")) as connection, connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("ALTER TABLE holds RENAME TO kept")
        connection.execute("CREATE VIEW holds AS SELECT * FROM kept")
    noted(backup, **{"records.sqlite3": None})
    with pytest.raises(DictationError, match="was not written by this program"):
        restored(backup, Place("", tmp_path / "target"), anyway=True)


def test_names_that_would_draw_on_a_terminal_are_left_out_and_told_plainly(backup: Path, tmp_path: Path):
    manifest = json.loads((backup / "manifest.json").read_bytes())
    for name in ("templates/\x1b[2J.toml", "templates/\ud800.toml", "users/.ssh/vocabulary.txt", "\x1b[31m\n"):
        manifest["files"][name] = manifest["files"]["vocabulary.txt"]
    (backup / "manifest.json").write_text(json.dumps(manifest))
    place = Place("", tmp_path / "target")
    done = command(place, "restore", backup)
    assert done.returncode in (0, 1) and "\x1b" not in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert not list(place.home.glob("users/.ssh")) and not list(place.home.glob("templates/*2J*"))


def test_a_draft_that_is_nested_deeply_or_leads_elsewhere_is_no_crash(backup: Path, tmp_path: Path):
    with closing(sqlite3.connect(backup / "home" / "records.sqlite3")) as connection:
        content = json.loads(connection.execute("SELECT content FROM drafts LIMIT 1").fetchone()[0])
    take = {"id": "t1", "recording": "r1", "file": "../../../outside.capture"}
    elsewhere = ({**content, "images": ["../../records.sqlite3"]}, {**content, "takes": [take]})
    for number, bad in enumerate((DEEP, *map(json.dumps, elsewhere))):
        changed(backup, "UPDATE drafts SET content = ?", bad)
        place = Place("", tmp_path / f"target{number}")
        done = command(place, "restore", backup)
        assert done.returncode == 1 and "cannot be opened" in done.stderr, done.stderr
        done = command(place, "restore", backup, "--anyway")
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
        with closing(place.open()) as records:
            for row in records.worklist().rows:
                with pytest.raises(DictationError, match="is damaged"):
                    records.load(row.id)


def refused(backup: Path, tmp_path: Path, why: str) -> None:
    """Both commands refuse a backup in one sentence, and nothing is there after it."""
    place = Place("", tmp_path / "target")
    for arguments in (("restore", backup), ("restore", backup, "--anyway"), ("backup", "--check", backup)):
        done = command(place, *arguments)
        assert done.returncode == 1 and done.stderr.count("\n") == 1 and why in done.stderr, done.stderr
    assert not place.home.exists()


def test_a_file_that_says_it_is_huge_is_not_read(backup: Path, monkeypatch):
    """Of holes alone, it takes no room where it lies."""
    image = next((backup / "home" / "images").glob("*/*"))
    os.truncate(image, 2**40)
    described = folder.described

    def small(read: BufferedReader) -> folder.KeptFile:
        assert os.fstat(read.fileno()).st_size < 2**40, "it is read"
        return described(read)

    monkeypatch.setattr(folder, "described", small)
    assert any(f"{image.name}: is not what was backed up" in fault for fault in check(backup))


def test_a_backup_larger_than_the_room_there_is_refused_before_anything_is_copied(
    backup: Path, tmp_path: Path, monkeypatch
):
    image = next((backup / "home" / "images").glob("*/*"))
    os.truncate(image, 2**40)
    manifest = json.loads((backup / "manifest.json").read_bytes())
    manifest["files"][image.relative_to(backup / "home").as_posix()]["size"] = 2**40
    (backup / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(folder, "copy", lambda *_, **__: pytest.fail("it was copied"))
    for anyway in (False, True):
        with pytest.raises(DictationError, match=r"takes 1,099,\d{3} MB, .* MB are free there"):
            restored(backup, Place("", tmp_path / "target"), anyway=anyway)
