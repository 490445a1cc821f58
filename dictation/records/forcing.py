"""Transactions that SQLite's log holds and the disk may not → forced onto it a second after the first of them."""

import os
from pathlib import Path
from threading import Lock, Timer

TO_DISK_S = 1.0


class Forcing:
    """Watches over the log of one SQLite database. Safe to use from several threads; end it."""

    def __init__(self, log: Path) -> None:
        self.is_refused = False
        """Whether the disk refused it last: a transaction that waits for the disk can tell a person why."""
        self._log = log
        self._timer: Timer | None = None
        self._lock, self._at_it = Lock(), Lock()

    def wrote(self) -> None:
        """Note that a transaction ended without waiting for the disk."""
        with self._lock:
            if self._timer is None:
                timer = Timer(TO_DISK_S, self._force)
                timer.daemon = True
                timer.start()
                self._timer = timer

    def end(self) -> None:
        """Force the rest onto the disk, where there is any."""
        with self._lock:
            is_due = self._timer is not None
            if self._timer is not None:
                self._timer.cancel()
        if is_due or self.is_refused:
            self._force()
        with self._at_it:  # what the timer began has ended
            pass

    def _force(self) -> None:
        with self._at_it:
            with self._lock:
                self._timer = None  # what is written from here on may miss this turn
            try:
                descriptor = os.open(self._log, os.O_RDWR)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
            except FileNotFoundError:  # SQLite has put all of it into the database, on the disk
                self.is_refused = False
            except OSError:
                self.is_refused = True
            else:
                self.is_refused = False
