"""Who else uses this machine: every account reaches 127.0.0.1, so where nobody signs in the page asks for a token."""

import os
from contextlib import suppress
from pathlib import Path

from dictation.settings import Settings

LOGIN_DEFS, NSSWITCH = Path("/etc/login.defs"), Path("/etc/nsswitch.conf")
FIRST_PERSON = 1000  # the lowest user id of a person, where the system does not say
LOCAL = frozenset(("files", "systemd", "compat", "db"))  # sources of users listed here; any other may know more
NO_SHELLS = ("nologin", "false", "sync", "shutdown", "halt")


def is_asked_for(settings: Settings) -> bool:
    """Whether the page asks for its token: where nobody signs in, by default if others may use this machine."""
    if settings.sign_in != "none" or settings.page_token == "off":
        return False
    return settings.page_token == "on" or has_other_users()


def accounts_fault(settings: Settings) -> tuple[str, str] | None:
    """Return that others of this machine can open the page, and the fix; None where they cannot, or there are none."""
    if settings.sign_in != "none" or is_asked_for(settings) or not has_other_users():
        return None
    why = "nobody signs in, and every account of this machine can open the page and see every patient"
    return why, "set DICTATION_PAGE_TOKEN=on, or DICTATION_SIGN_IN"


def accounts_said(settings: Settings) -> str:
    """Return who can open the page, in a sentence for whoever starts it; "" where users sign in."""
    if settings.sign_in != "none":
        return ""
    if (fault := accounts_fault(settings)) is not None:
        return "; ".join(fault)
    if is_asked_for(settings):
        return (
            "nobody signs in, and every account of this machine reaches the page, so it asks for the token in the "
            "address that is told when it is served: open that once in each browser, and give it to nobody"
        )
    return (
        "nobody signs in, and every account of this machine can open the page; none but yours was found "
        "(DICTATION_PAGE_TOKEN=on has it ask for a token)"
    )


def has_other_users() -> bool:
    """Whether somebody else may have an account here; True where that cannot be told, as on Windows or in a domain.

    Accounts of people: with a user id as people have it and a shell. The administrator can read everything anyway.
    """
    try:
        import pwd
    except ImportError:
        return True
    first = _first_person()
    others = (one for one in pwd.getpwall() if one.pw_uid >= first and one.pw_uid != os.getuid())
    return _has_directory() or any(Path(one.pw_shell).name not in NO_SHELLS for one in others)


def _first_person() -> int:
    for line in _lines(LOGIN_DEFS):
        if line[:1] == ["UID_MIN"] and len(line) > 1 and line[1].isdecimal():
            return int(line[1])
    return FIRST_PERSON if LOGIN_DEFS.exists() else 500  # macOS


def _has_directory() -> bool:
    services = {one for line in _lines(NSSWITCH) if line[:1] == ["passwd:"] for one in line[1:]}
    return any(one not in LOCAL for one in services if not one.startswith("["))


def _lines(path: Path) -> list[list[str]]:
    with suppress(OSError):
        return [line.split("#")[0].split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    return []
