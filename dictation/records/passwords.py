"""Which passwords may be chosen: long ones that are not among those that are often chosen, nor made of such.

The list is zxcvbn's (30,000 passwords of leaks, by how often they occur). Its estimate is not used: for some texts of
70 characters it takes minutes.
"""

import re
import unicodedata
from functools import cache

from dictation.errors import MissingError, UsageError
from dictation.extras import install_command

SHORTEST, LONGEST = 12, 256  # characters
_OF_THIS = ("dictation", "radiology", "radiologist", "hospital", "password")
_TOO_SHORT = f"A password has {SHORTEST} to {LONGEST} characters; choose another one."
_COMMON = (
    "This password is one that is often chosen, or one or two such words, or the user's name, with figures and signs; "
    "choose another one, as four words that do not belong together."
)


def checked(password: str, *names: str) -> str:
    """Return a new password as it is hashed. `names` are those of its user.

    Raises UsageError for one that is too short, too long or easily guessed, MissingError without the list.
    """
    password = composed(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(_TOO_SHORT)
    if _is_common(password.casefold(), names):
        raise UsageError(_COMMON)
    return password


def composed(password: str) -> str:
    """Return a password as it is hashed: one machine types an accented letter as one character, another as two."""
    return unicodedata.normalize("NFC", password)


def _is_common(password: str, names: tuple[str, ...]) -> bool:
    """Whether nothing is left of it but one or two common passwords, once it is said only once and without figures."""
    own = {word for name in names for word in re.findall(r"[^\W\d_]+", name.casefold())}
    common = _common() | own | set(_OF_THIS)
    once = re.sub(r"^(.+?)\1+$", r"\1", password, flags=re.DOTALL)
    letters = re.sub(r"[\W\d_]", "", once)
    if once in common or not letters or len(once) < SHORTEST // 2:
        return True
    return any(letters[:at] in common and letters[at:] in {*common, ""} for at in range(1, len(letters) + 1))


@cache
def _common() -> frozenset[str]:
    try:
        from zxcvbn.frequency_lists import FREQUENCY_LISTS
    except ImportError as error:
        fix = install_command("hospital")
        raise MissingError(f"Passwords need the package zxcvbn; install it with {fix}.") from error
    return frozenset(FREQUENCY_LISTS["passwords"])
