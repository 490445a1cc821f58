"""Which passwords may be chosen: long ones in which enough is left for a guesser who knows the user.

Whoever guesses knows the user's names, the words of a reading room, numbers and well-known sayings
(`password_words.tsv`), years, and what people do to them: say them twice, backwards, letter by letter, with signs for
letters or between the words. So all of that is taken away, and what is left must be hard to guess by zxcvbn's estimate
(30,000 passwords of leaks, common words, rows of keys, dates). zxcvbn is asked about the beginning only: for some texts
of 70 characters it takes minutes, for the worst of 40 that were tried 1.5 s.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from typing import Any

from dictation.errors import MissingError, UsageError
from dictation.extras import install_command
from dictation.lexicon.tables import rows

SHORTEST, LONGEST = 15, 256  # characters; NIST SP 800-63B-4, 3.1.1.2, for a password that is all one needs
ESTIMATED = 40  # characters
FEWEST_GUESSES = 10**10  # of zxcvbn's score 4, "very unguessable"
_SIGNS = r"[\W_]*"  # between the words of a saying
_SIGNS_FOR_LETTERS = [str.maketrans("@430!1$57+", letters) for letters in ("aaeoiisstt", "aaeoilsstt")]
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "ß": "ss"})
_NO_ACCENTS = dict.fromkeys(range(0x300, 0x370))
_ONE_AT_A_TIME = threading.Lock()  # zxcvbn keeps the names of whom it is asked about in one place for all
_TOO_SHORT = f"A password has {SHORTEST} to {LONGEST} characters; choose another one."
_GUESSED = (
    "This password is guessed quickly, as it is often chosen, or little is left of it without names, words of this "
    "work, dates, repeats and rows of letters or keys; choose another one, as four words that do not belong together."
)


def checked(password: str, *names: str) -> str:
    """Return a new password as it is hashed. `names` are those of its user.

    Raises UsageError for one that is too short, too long or easily guessed, MissingError without the list.
    """
    password = composed(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(_TOO_SHORT)
    with _ONE_AT_A_TIME:
        if any(_guesses(one, names) < FEWEST_GUESSES for one in dict.fromkeys(_rests(password, names))):
            raise UsageError(_GUESSED)
    return password


def composed(password: str) -> str:
    """Return a password as it is hashed: one machine types an accented letter as one character, another as two."""
    return unicodedata.normalize("NFC", password)


def _rests(password: str, names: tuple[str, ...]) -> Iterator[str]:
    """What is left for a guesser who knows the user: of all, of it without its repeats, and of every other letter."""
    yield password
    text = password.lower()
    known = _known(names)
    once = re.sub(r"(.+?)\1+", r"\1", text, flags=re.DOTALL)
    for one in (text, once, f"{text[::2]} {text[1::2]}"):
        yield _without(one, known)


def _without(text: str, known: list[str]) -> str:
    """A text without known words, also backwards or with signs for letters, and the figures and signs around them."""
    taken = [False] * len(text)
    for read in (text, *(text.translate(signs) for signs in _SIGNS_FOR_LETTERS)):
        for word in known:
            for found in re.finditer(f"(?=({_SIGNS.join(map(re.escape, word.split()))}))", read):
                taken[slice(*found.span(1))] = [True] * len(found[1])
    marked = "".join("\n" if is_taken else letter for letter, is_taken in zip(text, taken, strict=True))
    return "".join(re.sub(r"^[\W\d_]+|[\W\d_]+$", "", piece) for piece in marked.split("\n"))


def _known(names: tuple[str, ...]) -> list[str]:
    """The words that a guesser tries, and the same backwards."""
    said = " ".join(composed(name).lower() for name in names)
    plain = unicodedata.normalize("NFD", said).translate(_NO_ACCENTS)
    spelled = f"{said} {said.translate(_UMLAUTS)} {plain}"  # as their keyboard has it, or not
    own = set(re.findall(r"[^\W\d_]{2,}", spelled))
    words = own | {row["word"] for row in rows("password_words")}
    return sorted(words | {word[::-1] for word in words})


def _guesses(text: str, names: tuple[str, ...]) -> float:
    return float(_zxcvbn()(text[:ESTIMATED], names)["guesses"]) if text else 0


def _zxcvbn() -> Any:
    try:
        from zxcvbn import zxcvbn
    except ImportError as error:
        fix = install_command("hospital")
        raise MissingError(f"Passwords need the package zxcvbn; install it with {fix}.") from error
    return zxcvbn
