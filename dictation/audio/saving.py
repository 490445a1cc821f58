"""A file that grows → forced onto the disk once a second, and how far that has got.

What a disk refuses once, the system may drop and then call saved (Linux does): so it is written again before it is
forced again, from memory, where it stays until then. A few threads do it for all files.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from dictation.shared_threads import SharedThreads

TO_DISK_S = 1.0
_TRIES = 2  # to force it onto the disk, and a person is told
_THREADS = SharedThreads("journal", 8)  # a disk gets no quicker by more, and a few that hang keep no other file waiting


class Saving:
    """Watches over one open file at `path`. `mark` is whatever the writer counts: here, blocks.

    `failed` is called from a thread when the disk has refused twice, `saved` after each time that it did not.
    """

    def __init__(
        self, path: Path, descriptor: int, failed: Callable[[OSError], None], saved: Callable[[], None]
    ) -> None:
        self.mark = 0
        """The last mark up to which everything is on the disk."""
        self._path, self._failed, self._saved = path, failed, saved
        self._descriptor: int | None = descriptor  # None while the file is closed
        self._written, self._refused = 0, 0
        self._unconfirmed: deque[tuple[int, bytes]] = deque()
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._is_unsaved = self._has_turn = self._is_ended = False
        self._next_s = 0.0  # not before

    def added(self, at: int, content: bytes) -> None:
        """Note what was written at a byte of the file."""
        self._unconfirmed.append((at, content))

    def wrote(self, mark: int) -> None:
        """Note that the file has grown, and holds everything up to `mark`."""
        with self._lock:
            self._written, self._is_unsaved = mark, True
            if self._has_turn:
                return
            self._has_turn = True
        _THREADS.do(self._force_in_turn, max(0.0, self._next_s - time.monotonic()))

    def let_go(self) -> bool:
        """Whether all is on the disk, so that the file may be closed until `go_on`; nothing is written meanwhile."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            if self._is_unsaved or self._unconfirmed:
                return False
            self._descriptor = None
            return True
        finally:
            self._turn.release()

    def go_on(self, descriptor: int) -> None:
        """The file is open again."""
        self._descriptor = descriptor

    def end(self) -> None:
        """Force the rest onto the disk; returns when nothing more happens to the file."""
        with self._turn:
            self._is_ended = True
        if self._descriptor is None:
            return
        with suppress(OSError):  # what cannot be forced onto the disk now, the system writes in its own time
            self._force()
            self._tell_saved()

    def _force_in_turn(self) -> None:
        with self._turn:
            if self._is_ended:
                return
            self._is_unsaved = False
            try:
                self._force()
            except OSError as error:
                self._is_unsaved = True
                if self._refused == _TRIES:  # a write that fails ends the dictation; until then the sound can be heard
                    self._failed(error)
            else:
                self._tell_saved()
        with self._lock:
            self._next_s = time.monotonic() + TO_DISK_S
            self._has_turn = self._is_unsaved
            if not self._has_turn:
                return
        _THREADS.do(self._force_in_turn, TO_DISK_S)

    def _force(self) -> None:
        mark, count = self._written, len(self._unconfirmed)  # what is written from here on may miss this turn
        try:
            if self._refused:
                self._write_again(count)
            assert self._descriptor is not None
            os.fsync(self._descriptor)
        except OSError:
            self._refused += 1
            raise
        self._refused, self.mark = 0, mark
        for _ in range(count):
            self._unconfirmed.popleft()

    def _write_again(self, count: int) -> None:
        with self._path.open("r+b") as file:
            for at, content in islice(self._unconfirmed.copy(), count):
                file.seek(at)
                file.write(content)

    def _tell_saved(self) -> None:
        try:
            self._saved()
        except Exception as error:  # of whoever is told: what comes must get onto the disk all the same
            failed = (type(error), error, error.__traceback__, threading.current_thread())
            threading.excepthook(threading.ExceptHookArgs(failed))
