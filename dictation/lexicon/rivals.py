"""Words that may have been said in place of a word, where one for the other can harm a patient."""

import re
from functools import cache, lru_cache

from dictation.lexicon.tables import rows
from dictation.lexicon.terms import is_known

NOTHING = "-"  # in the table: the word was not said, or one was lost
_LEVEL = re.compile(r"[a-z](?=\d)")
_DIGITS = re.compile(r"\d+")
_ONES = re.compile(r"(?<=[2-9])[1-9](?!\d)")  # "fifty-four": the four


@cache
def _pairs(kind: str | None = None) -> dict[str, tuple[str, ...]]:
    """Word → its rivals, of one kind or of all that are whole words; each pair holds both ways."""
    found: dict[str, list[str]] = {}
    for row in rows("rivals"):
        if row["kind"] == kind or (kind is None and row["kind"] not in ("prefix", "level")):
            found.setdefault(row["word"], []).append(row["rival"])
            found.setdefault(row["rival"], []).append(row["word"])
    return {word: tuple(rivals) for word, rivals in found.items()}


@lru_cache(maxsize=4096)
def rivals_of(word: str) -> tuple[str, ...]:
    """Return the rivals of a lower-case word; "" where it may not have been said at all.

    "l4" has those of its letter and of its number, "5.2" those of its numbers and the one without the point, "54" those
    of its last digit.
    """
    found = [rival for rival in _pairs().get(word, ()) if rival != NOTHING]
    found += [""] * (NOTHING in _pairs().get(word, ()))
    for beginning, others in _pairs("prefix").items():
        if word.startswith(beginning):
            found += [form for other in others if is_known(form := other + word.removeprefix(beginning))]
    for match in _LEVEL.finditer(word):
        found += [_with(word, match, letter) for letter in _pairs("level").get(match[0], ())]
    if not word.isdecimal():
        for match in _DIGITS.finditer(word):
            found += [_with(word, match, number) for number in _pairs("number").get(match[0], ())]
    for match in _ONES.finditer(word):
        found += [_with(word, match, one) for one in _pairs("number").get(match[0], ()) if len(one) == 1]
    if re.fullmatch(r"\d+\.\d+", word):
        found.append(word.replace(".", ""))
    return tuple(dict.fromkeys(found))


@cache
def lost_words() -> tuple[str, ...]:
    """Return the words that a recognizer may have lost."""
    return _pairs()[NOTHING]


def _with(word: str, match: re.Match[str], other: str) -> str:
    return word[: match.start()] + other + word[match.end() :]
