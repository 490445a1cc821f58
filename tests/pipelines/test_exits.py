"""Ctrl-C ends a command as the contract says, whatever a library makes of it."""

import os
import signal
import sys

import pytest
import typer

from dictation.errors import DictationError, MissingError
from pipelines.exits import exits


@pytest.fixture
def terminal():
    """Ctrl-C as a terminal has it; where the tests run in the background of a shell it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
@pytest.mark.parametrize("error", [RuntimeError, ImportError, MissingError, DictationError])
def test_an_interrupt_inside_an_import_is_an_interrupt(error, terminal, capsys):
    """onnxruntime's import turns it into an ImportError, of which a caller makes "the package is not installed"."""
    with pytest.raises(typer.Exit) as ended, exits():
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            raise error("not installed") from None
    assert ended.value.exit_code == 130 and "interrupted" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_a_job_in_the_background_of_a_shell_goes_on(terminal):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with exits():
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
