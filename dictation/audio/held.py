"""Who writes a file: a lock that belongs to the open file, so that it goes when its program dies, however it dies.

Some disks know no locks, as some network folders: to take one raises OSError there, and nobody is seen to have one.
"""

import sys

if sys.platform == "win32":
    import errno
    import msvcrt
    import os

    _FAR = 2**40  # a byte that no file has: locked bytes cannot be read by others there

    def try_hold(descriptor: int) -> bool:
        """Take the lock of a file that is open for writing; False where another program, or opening, has it.

        Raises OSError where the disk knows no locks.
        """
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno != errno.EACCES:
                raise
            return False
        finally:
            os.lseek(descriptor, at, os.SEEK_SET)
        return True

    def is_held(descriptor: int) -> bool:
        """Tell whether somebody has the lock of this open file."""
        try:
            if not try_hold(descriptor):
                return True
        except OSError:
            return False
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        os.lseek(descriptor, at, os.SEEK_SET)
        return False

else:
    import fcntl
    import time

    _PATIENCE = 5  # tries, 20 ms apart: `is_held` has the lock for an instant

    def try_hold(descriptor: int) -> bool:
        """Take the lock of a file that is open for writing; False where another program, or opening, has it.

        Raises OSError where the disk knows no locks.
        """
        for _ in range(_PATIENCE):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                time.sleep(0.02)
        return False

    def is_held(descriptor: int) -> bool:
        """Tell whether somebody has the lock of this open file."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False
