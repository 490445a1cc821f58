"""What the files for administrators name is there: settings and commands."""

import json
import re
import shlex

import pytest
import typer

from deploy.bundle import REPOSITORY
from pipelines.cli import app

TEXTS = [*(REPOSITORY / "deploy").iterdir(), REPOSITORY / "docs" / "administration.md"]
FILES = {path.name: path.read_text(encoding="utf-8") for path in TEXTS if path.is_file()}


@pytest.mark.parametrize("name", FILES)
def test_every_command_that_is_named_exists(name):
    known = set(typer.main.get_command(app).commands)
    named = set(re.findall(r"(?:bin/|exec app |^    |`)dictation ([a-z-]+)", FILES[name], re.MULTILINE))
    assert named - known == set()


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
