"""`dictation learned`: what a user's corrections taught is listed, forgotten and exported."""

import pytest
from typer.testing import CliRunner

from dictation.lexicon.learned import Entry, Learned, read_learned
from pipelines.cli import app

ENTRY = Entry(kind="pronunciation", heard="zorbax", meant="Zorvax", corrected=2, cases=("c1", "c2"))


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("DICTATION_HOME", str(tmp_path))
    return tmp_path


def run(*arguments: str):
    return CliRunner().invoke(app, ["learned", *arguments])


def test_entries_are_listed_with_where_they_came_from_forgotten_and_exported(home):
    Learned(home).put([ENTRY])
    listed = run("list")
    assert listed.exit_code == 0
    assert listed.stdout.startswith(ENTRY.id)
    assert "“zorbax” is “Zorvax”" in listed.stdout and "c1 c2" in listed.stdout
    out = home / "shared.json"
    assert run("export", "--out", str(out)).exit_code == 0
    assert [(one.heard, one.cases) for one in read_learned(out)] == [("zorbax", ())]
    assert "Zorvax" in run("export").stdout
    assert run("forget", ENTRY.id).exit_code == 0
    assert "forgotten" in run("list").stdout
    unknown = run("forget", "00000000")
    assert unknown.exit_code == 2 and "learned list" in unknown.stderr


def test_each_user_has_what_was_learned_of_them_alone(home):
    (home / "users" / "ann").mkdir(parents=True)
    Learned(home / "users" / "ann").put([ENTRY])
    assert "Zorvax" in run("list", "--user", "ann").stdout and run("list").stdout == ""


@pytest.mark.parametrize("user", ["../x", "zoe"])
def test_a_user_of_whom_nothing_is_kept_is_named(home, user):
    nobody = run("list", "--user", user)
    assert nobody.exit_code == 1 and f"--user {user}" in nobody.stderr


def test_a_damaged_file_is_named(home):
    (home / "learned.json").write_text("{")
    damaged = run("list")
    assert damaged.exit_code == 1 and "learned.json" in damaged.stderr and "Traceback" not in damaged.output
