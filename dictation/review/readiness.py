"""Whether this server can take a dictation now: database, disk, journal and ear, each within a time of its own.

A disk that hangs takes a thread with it; the next question then finds that thread still waiting, and begins no other.
"""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from pathlib import Path
from threading import Lock, Thread
from typing import NamedTuple

from dictation.private import private_folder
from dictation.records import Records
from dictation.review.desk import Desk
from dictation.review.watched_ear import WatchedEar

LIMIT_S = 5.0
FRESH_S = 1.0  # for which an answer is given again: whoever asks more often learns nothing
PROBE_BYTES = 4096


class Found(NamedTuple):
    """What a check found: a sentence without a path, a name or anything of a patient, and a number where it has one.

    `detail` is what only those are told who are signed in: a stranger need not learn when the disk is full.
    """

    ok: bool
    state: str
    amount: float = 0.0
    detail: str = ""


class Check:
    """One look, in a thread of its own, at most one at a time."""

    def __init__(self, look: Callable[[], Found]) -> None:
        self._look = look
        self._running: Future[Found] | None = None
        self._lock = Lock()

    def begin(self) -> "Future[Found]":
        """Begin a look, or return the one that is still going on; it never raises."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                self._running.set_running_or_notify_cancel()  # nobody who stops waiting cancels it
                Thread(target=self._run, args=[self._running], name="check", daemon=True).start()
            return self._running

    def _run(self, future: "Future[Found]") -> None:
        try:
            found = self._look()
        except Exception as error:
            found = Found(False, f"fails ({type(error).__name__})")
        future.set_result(found)


class Readiness:
    """The checks of one server, by name. `limit_s` is the time that all of them have together."""

    def __init__(self, looks: Mapping[str, Callable[[], Found]], limit_s: float = LIMIT_S) -> None:
        self._checks = {name: Check(look) for name, look in looks.items()}
        self._limit_s = limit_s
        self._last: tuple[float, dict[str, Found]] = (-FRESH_S, {})

    async def look(self) -> dict[str, Found]:
        """Return what each check finds; one that does not end in time failed."""
        at_s, found = self._last
        if time.monotonic() - at_s < FRESH_S:
            return found
        running = {name: check.begin() for name, check in self._checks.items()}
        await asyncio.wait([asyncio.wrap_future(one) for one in running.values()], timeout=self._limit_s)
        return self._found(running)

    def look_and_wait(self) -> dict[str, Found]:
        """The same for a thread."""
        running = {name: check.begin() for name, check in self._checks.items()}
        wait(running.values(), timeout=self._limit_s)
        return self._found(running)

    def _found(self, running: "dict[str, Future[Found]]") -> dict[str, Found]:
        late = Found(False, f"no answer within {self._limit_s:g} s")
        found = {name: future.result() if future.done() else late for name, future in running.items()}
        self._last = time.monotonic(), found
        return found


def looks(desk: Desk) -> dict[str, Callable[[], Found]]:
    """Return the checks of a server."""
    return {
        "database": lambda: database(desk.records),
        "disk": lambda: disk(desk.settings.home, desk.settings.least_free_mb),
        "journal": lambda: journal(desk.captures),
        "engine": lambda: engine(desk.ear),
    }


def database(records: Records) -> Found:
    """Write what changes nothing."""
    try:
        records.write_nothing()
    except Exception:
        return Found(False, "takes no write; dictation doctor says more")
    return Found(True, "takes a write")


def disk(home: Path, least_free_mb: int) -> Found:
    """See how much is free where the home lies."""
    free_bytes = shutil.disk_usage(home).free
    free_mb = free_bytes // 1_000_000
    if free_mb < least_free_mb:
        return Found(False, "less than DICTATION_LEAST_FREE_MB is free", free_bytes, f"{free_mb} MB of {least_free_mb}")
    return Found(True, "has room", free_bytes, f"{free_mb} MB free")


def journal(captures: Path) -> Found:
    """Put some bytes onto the disk where sound is kept; a backup does not see them, as the file has no name."""
    try:
        private_folder(captures)
        with tempfile.TemporaryFile(dir=captures) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Found(False, f"sound cannot be kept ({(error.strerror or type(error).__name__).lower()})")
    return Found(True, "takes sound")


def engine(ear: WatchedEar) -> Found:
    """See whether the ear answers."""
    fault = ear.fault(LIMIT_S)
    return Found(False, fault) if fault else Found(True, "hears")
