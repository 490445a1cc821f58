"""A file that grows → forced onto the disk once a second, by a thread of its own, and how far that has got.

What a disk refuses once, the system may drop and then call saved (Linux does): so it is written again before it is
forced again, from memory, where it stays until then.
"""

import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

TO_DISK_S = 1.0
_TRIES = 2  # to force it onto the disk, and a person is told


class Saving:
    """Watches over one open file at `path`. `mark` is whatever the writer counts: here, blocks.

    `failed` is called from the thread when the disk has refused twice, `saved` after each time that it did not.
    """

    def __init__(
        self, path: Path, descriptor: int, failed: Callable[[OSError], None], saved: Callable[[], None]
    ) -> None:
        self.mark = 0
        """The last mark up to which everything is on the disk."""
        self._path, self._descriptor, self._failed, self._saved = path, descriptor, failed, saved
        self._written, self._refused = 0, 0
        self._unconfirmed: deque[tuple[int, bytes]] = deque()
        self._unsaved, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._every_second, name="journal", daemon=True)
        self._thread.start()

    def added(self, at: int, content: bytes) -> None:
        """Note what was written at a byte of the file."""
        self._unconfirmed.append((at, content))

    def wrote(self, mark: int) -> None:
        """Note that the file has grown, and holds everything up to `mark`."""
        self._written = mark
        self._unsaved.set()

    def end(self) -> None:
        """Force the rest onto the disk; returns when nothing more happens to the file."""
        self._ending.set()
        self._unsaved.set()
        self._thread.join()
        with suppress(OSError):  # what cannot be forced onto the disk now, the system writes in its own time
            self._force()
            self._tell_saved()

    def _every_second(self) -> None:
        while self._unsaved.wait() and not self._ending.is_set():
            self._unsaved.clear()
            try:
                self._force()
            except OSError as error:
                self._unsaved.set()
                if self._refused == _TRIES:  # a write that fails ends the dictation; until then the sound can be heard
                    self._failed(error)
            else:
                self._tell_saved()
            self._ending.wait(TO_DISK_S)

    def _force(self) -> None:
        mark, count = self._written, len(self._unconfirmed)  # what is written from here on may miss this turn
        try:
            if self._refused:
                self._write_again(count)
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
