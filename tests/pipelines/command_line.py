"""The command line within this process: as a user's line, without another start of Python and of the recognizer."""

import contextlib
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app
from tests.conftest import ROOT


def run(
    *arguments: object, stdin: str | bytes = "", check: int = 0, folder: Path = ROOT, **environment: str | Path
) -> Result:
    """Run `dictation` with these words, in `folder`; `check` is the exit code that is expected."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(
            app, [*map(str, arguments)], input=stdin, env={name: str(value) for name, value in environment.items()}
        )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == check, done.stderr
    return done
