"""How a command ends: one sentence on stderr and the exit code of the contract, whatever happened.

0 done · 1 some or all inputs failed · 2 wrong usage · 3 something named is missing · 70 our own bug · 130 interrupted
"""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, current_thread, main_thread
from types import FrameType

import typer

from dictation.errors import DictationError, MissingError, UsageError
from dictation.unseen import printable

BUG, INTERRUPTED = 70, 130
OWN = ("dictation", "pipelines")
_KEPT = "dictation: interrupted; what was finished before is kept."


def note(text: str) -> None:
    """Say something to the person, on stderr: results alone go to stdout. No name in it draws on the terminal."""
    print("\n".join(map(printable, text.split("\n"))), file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def stops_at_ctrl_c(stop: Event, said: str = "") -> Iterator[None]:
    """Within, the first Ctrl-C (or SIGTERM) sets `stop` and says `said`, the second raises KeyboardInterrupt."""

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        if said:
            note(said)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _drop_output() -> None:
    """What Python still holds for stdout goes nowhere: writing it at exit would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _asked_to_end() -> Iterator[Event]:
    """Set by Ctrl-C: the error that it becomes inside a library's import ("is not installed") is none of ours."""
    asked = Event()

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()
        raise KeyboardInterrupt

    is_ours = current_thread() is main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_ours:
        signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def exits() -> Iterator[None]:
    """Run the body of a command and end it by the contract."""
    with _asked_to_end() as asked, _ends(asked):
        yield


@contextmanager
def _ends(asked: Event) -> Iterator[None]:
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        note(_KEPT)
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        _drop_output()
        raise typer.Exit(0) from None
    except DictationError as error:
        if asked.is_set():
            note(_KEPT)
            raise typer.Exit(INTERRUPTED) from None
        note(f"dictation: {error}")
        raise typer.Exit(error.exit_code) from None
    except Exception as error:
        if asked.is_set():
            note(_KEPT)
            raise typer.Exit(INTERRUPTED) from None
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _drop_output()
            note("dictation: the output could not be written, the disk is full; free some space.")
            raise typer.Exit(1) from None
        from pydantic import ValidationError  # here, so that a command without settings starts at once

        if isinstance(error, ValidationError) and error.title == "Settings":
            first = error.errors(include_url=False, include_input=False)[0]
            name = f"DICTATION_{first['loc'][0]}".upper()
            note(f"dictation: {name} cannot be used: {first['msg'].lower()}; change or unset it.")
            raise typer.Exit(UsageError.exit_code) from None
        if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] not in OWN:
            note(f"dictation: this needs the package {error.name}, which is not installed; see docs/administration.md.")
            raise typer.Exit(MissingError.exit_code) from None
        # The message of a foreign exception may hold dictated words, so only its kind and place are shown.
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
        note(f"dictation: an error of the program itself ({type(error).__name__} at {where}); please report this line.")
        raise typer.Exit(BUG) from None
