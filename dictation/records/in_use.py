"""Who works with a HOME: any number of programs at once, or one restore, alone.

It is a lock of an open file in HOME, so that it goes when its program dies, however it dies. On a disk that knows no
locks, as some network folders, nobody is seen to have one. PostgreSQL has a lock of its own (`database`).
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dictation.errors import UsageError
from dictation.private import private_file

LOCK = "in_use.lock"
_MOMENT_S = 0.5  # in which a program that only looks whether it is alone has looked
WHO = "another program has the cases open (the app, a backup or a command)"
RESTORING = "a backup is being restored there; wait until it has ended."

if sys.platform == "win32":
    import errno
    import msvcrt

    _FAR, _PLACES = 2**40, 64  # bytes that no file has: one for each program, and a restore takes them all

    def _try_lock(descriptor: int, *, alone: bool) -> bool:
        places, length = ((0,), _PLACES) if alone else (range(_PLACES), 1)
        for place in places:
            os.lseek(descriptor, _FAR + place, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, length)
                return True
            except OSError as error:
                if error.errno != errno.EACCES:
                    return True
        return False

else:
    import fcntl

    def _try_lock(descriptor: int, *, alone: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # no locks on this disk
            return True
        return True


class Use:
    """A HOME that is in use until `close`."""

    def __init__(self, home: Path) -> None:
        """Begin. Raises UsageError where a restore is at it, OSError where HOME cannot be written."""
        self._descriptor: int | None = _opened(home)
        if not _locked(self._descriptor, _MOMENT_S, alone=False):
            self.close()
            raise UsageError(f"{home}: {RESTORING}")

    def close(self) -> None:
        """Give it free; a second time does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def alone(home: Path, patience_s: float = 0) -> Iterator[None]:
    """Keep every other program out of `home`. Raises UsageError where one has it in use, OSError as `Use` does."""
    descriptor = _opened(home)
    try:
        if not _locked(descriptor, patience_s, alone=True):
            raise UsageError(f"{home}: {WHO}; stop it first.")
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int, patience_s: float, *, alone: bool) -> bool:
    ends_s = time.monotonic() + patience_s
    while not _try_lock(descriptor, alone=alone):
        if time.monotonic() >= ends_s:
            return False
        time.sleep(0.05)
    return True


def _opened(home: Path) -> int:
    private_file(home / LOCK)
    if sys.platform != "win32" and os.geteuid() == 0:  # whose home it is must open it, too
        owner = home.stat()
        with suppress(OSError):
            os.chown(home / LOCK, owner.st_uid, owner.st_gid)
    return os.open(home / LOCK, os.O_RDWR)
