"""What `dictation --help` promises: nothing cut short, examples that are commands, names that can be given."""

import shlex
import tomllib
from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

import dictation
from pipelines.cli import app
from tests.conftest import ROOT

ROOT_COMMAND = typer.main.get_command(app)


def commands(group=ROOT_COMMAND, path=()):
    """Every command with the words that name it, groups too."""
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


def shown(*arguments) -> str:
    done = CliRunner().invoke(app, [*arguments])
    assert done.exit_code == 0, done.output
    return done.output


ALL = dict(commands())
LEAVES = {path: command for path, command in ALL.items() if not getattr(command, "commands", {})}


def lines_of(command) -> list[str]:
    """The command lines of its examples."""
    _, _, lines = (command.epilog or "").partition("Example")
    return [line.strip() for line in lines.splitlines()[1:]]


def arguments_of(line: str) -> list[str]:
    """What a shell gives to `dictation` of a line: no pipe into it, no redirection."""
    words = shlex.split(line.split(" | ")[-1])
    assert words[0] == "dictation"
    end = next((place for place, word in enumerate(words) if word in "<>"), len(words))
    return words[1:end]


def parse(path, line: str) -> None:
    """Parse an example of a command as the program does. Raises where it would be refused."""
    arguments = arguments_of(line)
    assert tuple(arguments[: len(path)]) == path
    LEAVES[path].make_context(" ".join(path), arguments[len(path) :])


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_has_examples_that_parse(path):
    lines = lines_of(LEAVES[path])
    assert lines
    text = shown(*path, "--help")
    for line in lines:
        assert f"  {line}\n" in text, "a terminal must not break it"
        parse(path, line)


def test_the_version_is_that_of_the_package():
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert shown("--version") == f"dictation {dictation.__version__}\n"
    assert dictation.__version__ == version("radiology-dictation") == stated
