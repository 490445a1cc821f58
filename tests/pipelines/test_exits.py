"""Ctrl-C ends a command as the contract says, whatever a library makes of it."""

import os
import signal
import sys

import pytest
import typer

from dictation.errors import DictationError, MissingError
from pipelines.exits import exits


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
@pytest.mark.parametrize("error", [RuntimeError, ImportError, MissingError, DictationError])
def test_an_interrupt_inside_an_import_is_an_interrupt(error, capsys):
    """onnxruntime's import turns it into an ImportError, of which a caller makes "the package is not installed"."""
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(typer.Exit) as ended, exits():
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            raise error("not installed") from None
    assert ended.value.exit_code == 130 and "interrupted" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before
