"""A file that grows → forced onto the disk once a second, by a thread of its own, and how far that has got."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress

_TO_DISK_S = 1.0
_TRIES = 2  # to force it onto the disk, and a person is told


class Saving:
    """Watches over one open file. `mark` is whatever the writer counts: here, blocks.

    `failed` is called from the thread when the disk has refused twice, `saved` after each time that it did not.
    """

    def __init__(self, descriptor: int, failed: Callable[[OSError], None], saved: Callable[[], None]) -> None:
        self.mark = 0
        """The last mark up to which everything is on the disk."""
        self._descriptor, self._failed, self._saved = descriptor, failed, saved
        self._written = 0
        self._unsaved, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._every_second, name="journal", daemon=True)
        self._thread.start()

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
            os.fsync(self._descriptor)
            self.mark = self._written
            self._tell_saved()

    def _every_second(self) -> None:
        refused = 0
        while self._unsaved.wait() and not self._ending.is_set():
            self._unsaved.clear()
            mark = self._written  # what is written from here on may miss this turn
            try:
                os.fsync(self._descriptor)
            except OSError as error:
                self._unsaved.set()
                refused += 1
                if refused == _TRIES:  # a write that fails ends the dictation; until then the sound can be heard
                    self._failed(error)
            else:
                refused, self.mark = 0, mark
                self._tell_saved()
            self._ending.wait(_TO_DISK_S)

    def _tell_saved(self) -> None:
        try:
            self._saved()
        except Exception as error:  # of whoever is told: what comes must get onto the disk all the same
            failed = (type(error), error, error.__traceback__, threading.current_thread())
            threading.excepthook(threading.ExceptHookArgs(failed))
