"""Who runs a command, for the audit trail."""

import getpass


def operator() -> str:
    """The user's name on this machine, as the audit trail names who worked by a command."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError, ImportError):  # a container may know no names
        return "command line"
