"""A text → the runs of words that can be terms: cut at marks, numbers, critical words and words that name nothing."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from dictation.lexicon.critical import is_critical
from dictation.lexicon.tables import rows
from dictation.lexicon.terms import one_word_terms

_PART = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|\S")  # a word, hyphens inside it, or any other single mark


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Yield runs of words of `text` as written, in order.

    No run holds a number, a critical word, a break word of the table or a letter that stands alone.
    """
    run: list[str] = []
    for part in text.split():
        part = part[:-1] if part[:-1].lower() in _titles() else part  # "Dr." does not end a run
        pieces = [part] if _has_digit(part) else _PART.findall(part)
        for piece in pieces:
            if piece[0].isalpha() and not _breaks(piece):
                run.append(piece)
            elif run:
                yield tuple(run)
                run = []
    if run:
        yield tuple(run)


def trimmed(words: Sequence[str]) -> list[str]:
    """Return the words without those at both ends that only join others ("of")."""
    first, last = 0, len(words)
    while first < last and is_link(words[first]):
        first += 1
    while last > first and is_link(words[last - 1]):
        last -= 1
    return list(words[first:last])


def is_link(word: str) -> bool:
    """True for a word that joins others inside a term ("of"), and neither begins nor ends one."""
    return word.lower() in _words("link")


def is_titled(run: Sequence[str], place: int) -> bool:
    """True for a title of a person, and for the two words after one."""
    return any(word.lower() in _titles() for word in run[max(0, place - 2) : place + 1])


def inside(word: str) -> str:
    """The word as a report writes it inside a sentence: "Chest" → "chest", "ct" → "CT"."""
    lower = word.lower()
    return _capitals().get(lower) or one_word_terms().get(lower.replace("-", ""), lower)


def is_abbreviation(word: str) -> bool:
    """True for a word with capitals that reports write so everywhere ("CT")."""
    return not word.islower() and inside(word) == word


@cache
def _capitals() -> dict[str, str]:
    return {row["written"].lower(): row["written"] for row in rows("capitals")}


def _breaks(word: str) -> bool:
    lower = word.lower()
    if lower in _words("link"):
        return False
    parts = (lower, *lower.split("-"))
    return len(word) == 1 or lower in _words("break") or _has_digit(word) or any(map(is_critical, parts))


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


@cache
def _words(role: str) -> frozenset[str]:
    return frozenset(
        word for row in rows("function_words") if row["role"] == role for word in row["words"].split(" | ")
    )


@cache
def _titles() -> frozenset[str]:
    return frozenset(row["title"].rstrip(".") for row in rows("name_titles"))
