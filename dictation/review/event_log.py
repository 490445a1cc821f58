"""The log of a server: a JSON object a line, what happened and when (UTC), never a word that somebody wrote or said.

The names of events and fields are closed lists, and what a field may hold is a pattern: anything else is written "?".
Of an error its kind and its place in the code are written, of a library's warning the library; neither's message, which
may quote a report.
"""

import json
import logging
import logging.handlers
import os
import queue
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, get_args

from dictation.errors import UsageError
from dictation.private import FILE_MODE, private_file

Event = Literal[
    "started", "ended", "page opened", "page left", "case opened", "case closed", "signed", "sent", "sound unheard",
    "engine failed", "error", "library", "refused", "not ready", "ready", "sign-in refused",
    "backup done", "backup failed", "restored", "purged", "purge failed", "exported",
    "delivered", "not delivered", "leftovers removed", "sound in no case",
]  # fmt: skip
EVENTS = get_args(Event)
_ID, _NUMBER, _NAME = r"[0-9a-f]{32}", r"-?\d{1,15}(\.\d{1,6})?", r"[A-Za-z_][\w.]{0,99}"
FIELDS = {
    "case": _ID,  # random, as in the audit trail
    "page": _ID,
    "version": _NUMBER,
    "state": r"draft|preliminary|final|addended",
    "check": r"database|disk|journal|engine",
    "error": _NAME,
    "place": r"[\w.<>: -]{1,400}",  # file and line, the innermost first
    "level": r"[A-Z]{1,10}",
    "logger": _NAME,
    "status": r"\d{3,4}",
    "count": _NUMBER,
    "seconds": _NUMBER,
    "free_mb": _NUMBER,
    "freed_mb": _NUMBER,
}
FRAMES = 6
WAITING = 10_000  # lines that a slow disk may owe
_LOG = logging.getLogger("dictation.events")
_LOG.propagate = False
_LOG.setLevel(logging.INFO)
_LOG.addHandler(logging.NullHandler())


def note(event: Event, **fields: object) -> None:
    """Write that something happened, where a log is kept; never waits for the disk."""
    _LOG.info(event, extra={"event_fields": fields})


def failed_at(event: Event, error: BaseException) -> None:
    """Write that something failed: the kind of the error and where, without its message."""
    note(event, **_failure(type(error), error.__traceback__))


def failed_as(kind: type[BaseException], trace: TracebackType | None) -> None:
    """Write that the program itself failed."""
    note("error", **_failure(kind, trace))


@contextmanager
def kept(path: Path | None, most_bytes: int, files: int) -> Iterator[None]:
    """Keep a log in `path` (None: nowhere) while the body runs; full, it becomes `path`.1, and so on up to `files`.

    The warnings of all libraries go there, too. Raises UsageError where the file cannot be written.
    """
    if path is None:
        yield
        return
    lines: queue.Queue[logging.LogRecord] = queue.Queue(WAITING)
    file = _opened(path, most_bytes, files)
    writer = logging.handlers.QueueListener(lines, file)
    handler = logging.handlers.QueueHandler(lines)
    handler.setFormatter(_Line())
    writer.start()
    for logger in (_LOG, logging.root):
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in (_LOG, logging.root):
            logger.removeHandler(handler)
        writer.stop()
        file.close()


def note_once(path: Path | None, event: Event, **fields: object) -> None:
    """Write one line into the log of a server, which may be running: for commands. Where the disk refuses it, none."""
    if path is None:
        return
    record = _LOG.makeRecord(_LOG.name, logging.INFO, "", 0, event, (), None, extra={"event_fields": fields})
    with suppress(OSError), _appended(path) as file:
        file.write(f"{_Line().format(record)}\n")


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = getattr(record, "event_fields", None)
        if record.name != _LOG.name or fields is None:
            fields = {"level": record.levelname, "logger": record.name, "place": f"{record.filename}:{record.lineno}"}
            if record.exc_info and record.exc_info[0] is not None:
                fields |= _failure(*record.exc_info[::2])
            return json.dumps({"at": at, "event": "library", **_allowed(fields)})
        event = record.msg if record.msg in EVENTS else "?"
        return json.dumps({"at": at, "event": event, **_allowed(fields)})


class _Private(logging.handlers.RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        return _appended(Path(self.baseFilename))


def _opened(path: Path, most_bytes: int, files: int) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        private_file(path)
        return _Private(path, maxBytes=most_bytes, backupCount=files, encoding="utf-8")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UsageError(
            f"{path}: the log cannot be written ({why}); choose another file with DICTATION_LOG."
        ) from error


def _appended(path: Path) -> TextIOWrapper:
    return os.fdopen(os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, FILE_MODE), "a", encoding="utf-8")


def _failure(kind: type[BaseException], trace: TracebackType | None) -> dict[str, Any]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return {"error": kind.__name__, **({"place": place} if place else {})}


def _allowed(fields: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in FIELDS:
            found["?"] = "?"
        elif re.fullmatch(FIELDS[name], str(value), re.ASCII):
            found[name] = value if isinstance(value, int | float) else str(value)
        else:
            found[name] = "?"
    return found
