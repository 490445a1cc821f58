"""What a person is told where the program itself failed: never the message of the error, which may hold words."""

import logging
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import Any

from dictation.review.event_log import failed_as


def told(error: Exception) -> str:
    """Return a sentence, and write where it failed to the terminal, without the error's message."""
    _write(type(error), error.__traceback__)
    return (
        f"The program itself failed ({type(error).__name__}); what was said is kept. Report the lines in the terminal."
    )


def keep_words_out() -> None:
    """From now on nothing in this program, libraries included, writes the message of an error, log or warning.

    Any of them may quote a report, a patient or the name of a file. Where it came from is written, and its kind.
    """
    threading.excepthook = lambda failed: _write(failed.exc_type, failed.exc_traceback)
    sys.unraisablehook = lambda failed: _write(failed.exc_type, failed.exc_traceback)
    traceback.print_exc = lambda *_, **__: _write(*sys.exc_info()[::2])  # what gradio reports its events' errors with
    warnings.showwarning = lambda _, kind, file, line, *__: _say(f"{kind.__name__} ({file}:{line})")
    logging.raiseExceptions = False  # or one that fails prints its arguments
    handler = logging.StreamHandler()
    handler.setFormatter(_Wordless())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)


class _Wordless(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        said = f"{record.levelname} {record.name} ({record.pathname}:{record.lineno})"
        if not record.exc_info or record.exc_info[0] is None:
            return said
        return f"{said}\n{_lines(record.exc_info[0], record.exc_info[2])}".rstrip()


def _write(kind: type[BaseException] | None, trace: TracebackType | None) -> None:
    if kind is not None:
        failed_as(kind, trace)
        _say(_lines(kind, trace))


def _lines(kind: type[BaseException], trace: TracebackType | None) -> str:
    return "".join(traceback.format_tb(trace)) + kind.__name__


def _say(text: str) -> None:
    stream: Any = sys.stderr
    if stream is not None:
        stream.write(f"{text}\n")
