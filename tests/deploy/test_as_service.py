"""An administrator's command has the settings that the service has: what systemd reads, and no shell understands."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.as_service import values
from deploy.bundle import REPOSITORY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd is Linux's")
NOBODY = 65534
URL = "postgresql://dictation:a&b$HOME;`id`#1@db.example/x?sslmode=verify-full&application_name=x"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (f"A={URL}", URL),
        (f"A='{URL}'", URL),
        (f'  A= "{URL}"  ', URL),
        ("A=two words  ", "two words"),
        ('A="  two words  "', "  two words  "),
        ("A=it's $5 & more", "it's $5 & more"),
        ("A='it is \"so\" \\n'", 'it is "so" \\n'),
        (r'A="a \"b\" \$c \\ \d"', r'a "b" $c \ \d'),
        (r"A=C:\\x\ y", "C:\\x y"),
        ("A='a''b'\"c\"d", "abcd"),
        ("A=", ""),
        ("A=x=y", "x=y"),
        ("A=1\nA=2", "2"),
    ],
)
def test_a_value_is_what_systemd_reads(line, value):
    assert values(f"# A=0\n; B=1\n\n{line}\n") == {"A": value}


@pytest.mark.parametrize("line", ["A", "A B=1", "export A=1", "1A=2", "=x", "A='x", 'A="x', "A='x\ny'", "A=x\\\ny"])
def test_what_it_cannot_read_is_refused(line):
    with pytest.raises(ValueError, match="line 2"):
        values(f"# settings\n{line}\n")


def run(tmp_path: Path, text: str | None, *arguments: str, user: int = NOBODY, **environment: str):
    """Run it as this user, beside a `dictation` that tells what it was given; no shell takes part."""
    (program := tmp_path / "dictation").write_text(
        f"#!{sys.executable} -I\nimport json, os, sys\nprint(json.dumps([sys.argv[1:], dict(os.environ)]))\n"
    )
    program.chmod(0o755)
    settings = tmp_path / "dictation.env"
    if text is not None:
        settings.write_text(text)
        settings.chmod(0o644)
    code = f"import os, sys; os.geteuid = lambda: {user}; sys.executable = {str(tmp_path / 'python')!r}; "
    code += "from deploy.as_service import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "--settings", str(settings), *arguments]
    own = {**os.environ, "PYTHONPATH": str(REPOSITORY), **environment}
    return subprocess.run(command, env=own, capture_output=True, text=True, timeout=60)


def test_the_command_is_given_the_settings_its_arguments_and_no_setting_of_the_callers(tmp_path):
    text = f"DICTATION_DATABASE_URL={URL}\nDICTATION_SIGNER=\"Dr. A  & 'B' $x\"\n"
    done = run(tmp_path, text, "user", "add", "a b", "$HOME", DICTATION_HOME="/elsewhere", LANG="C.UTF-8")
    assert done.returncode == 0, done.stderr
    arguments, environment = json.loads(done.stdout)
    assert arguments == ["user", "add", "a b", "$HOME"]
    assert {name: value for name, value in environment.items() if name.startswith("DICTATION_")} == {
        "DICTATION_DATABASE_URL": URL, "DICTATION_SIGNER": "Dr. A  & 'B' $x",
    }  # fmt: skip
    assert environment["LANG"] == "C.UTF-8"


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("DICTATION_HOME=/x\nDICTATION_SIGNER='Dr", ("doctor",), "line 2: a quotation mark is not closed"),
        (None, ("doctor",), "cannot be read (no such file or directory)"),
        ("", (), "say which command"),
    ],
)
def test_without_settings_that_can_be_read_nothing_runs(tmp_path, text, arguments, said):
    done = run(tmp_path, text, *arguments)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr and done.stderr.count("\n") == 1


def test_root_is_refused(tmp_path):
    done = run(tmp_path, "", "doctor", user=0)
    assert (done.returncode, done.stdout) == (2, "") and "not as root" in done.stderr
