"""How many files a server may have open: all that its system allows, not the few that a program is given."""

import sys
from contextlib import suppress

_ENOUGH = 65_536  # where the system names no number, or would have to be asked for more than any server needs


def allow_many() -> None:
    """Raise the soft limit of open files to the hard one; sockets count, too. Windows has no such limit."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = [hard, _ENOUGH] if hard != resource.RLIM_INFINITY else [_ENOUGH, 10_240]  # OPEN_MAX of macOS
    for most in wanted:
        if soft == resource.RLIM_INFINITY or soft >= most:
            return
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            return
