"""Which passwords may be chosen: long ones that are not among those that are often chosen, nor made of such, nor
guessed quickly.

The list is zxcvbn's (30,000 passwords of leaks, by how often they occur), and so is the estimate of how many guesses
somebody needs. It is asked about the beginning only: for some texts of 70 characters it takes minutes, for the worst
of 40 that were tried 1.5 s.
"""

import re
import unicodedata
from functools import cache
from typing import Any

from dictation.errors import MissingError, UsageError
from dictation.extras import install_command

SHORTEST, LONGEST = 12, 256  # characters
ESTIMATED = 40  # characters
FEWEST_GUESSES = 10**8  # of zxcvbn's score 3, "safely unguessable"
_OF_THIS = ("dictation", "radiology", "radiologist", "hospital", "password")
_TOO_SHORT = f"A password has {SHORTEST} to {LONGEST} characters; choose another one."
_COMMON = (
    "This password is one that is often chosen, or made of one or two such words, the user's name, dates, or rows of "
    "letters or keys; choose another one, as four words that do not belong together."
)


def checked(password: str, *names: str) -> str:
    """Return a new password as it is hashed. `names` are those of its user.

    Raises UsageError for one that is too short, too long or easily guessed, MissingError without the list.
    """
    password = composed(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(_TOO_SHORT)
    if _is_common(password.casefold(), names) or _guesses(password, names) < FEWEST_GUESSES:
        raise UsageError(_COMMON)
    return password


def composed(password: str) -> str:
    """Return a password as it is hashed: one machine types an accented letter as one character, another as two."""
    return unicodedata.normalize("NFC", password)


def _is_common(password: str, names: tuple[str, ...]) -> bool:
    """Whether nothing is left of it but one or two common passwords, or the user's names, however often they are said
    and whatever figures and signs stand between.
    """
    own = {word for name in names for word in re.findall(r"[^\W\d_]+", name.casefold())}
    common = _common() | set(_OF_THIS)
    once = re.sub(r"^(.+?)\1+$", r"\1", password, flags=re.DOTALL)
    letters = re.sub(r"[\W\d_]", "", once)
    rest = letters
    for word in sorted(own, key=len, reverse=True):
        rest = rest.replace(word, " ")
    if once in common or not letters or len(once) < SHORTEST // 2 or all(word in common for word in rest.split()):
        return True
    return any(letters[:at] in common and letters[at:] in {*common, ""} for at in range(1, len(letters) + 1))


def _guesses(password: str, names: tuple[str, ...]) -> float:
    return float(_zxcvbn().zxcvbn(password[:ESTIMATED], [*names, *_OF_THIS])["guesses"])


@cache
def _common() -> frozenset[str]:
    return frozenset(_zxcvbn().frequency_lists.FREQUENCY_LISTS["passwords"])


def _zxcvbn() -> Any:
    try:
        import zxcvbn.frequency_lists
    except ImportError as error:
        fix = install_command("hospital")
        raise MissingError(f"Passwords need the package zxcvbn; install it with {fix}.") from error
    return zxcvbn
