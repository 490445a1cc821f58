"""American text to British spelling, word for word: "Pleural edema" → "Pleural oedema"."""

import re
from functools import cache

from benchmarks.extraction.tables import HERE, rows

_WORD = re.compile(r"[A-Za-z]+")


@cache
def _table() -> dict[str, str]:
    return {row["american"]: row["british"] for row in rows(HERE / "spelling.tsv")}


def respelled(text: str) -> str:
    """The text with every word of `spelling.tsv` respelled; capitals stay as they are."""
    return _WORD.sub(lambda word: _like(word[0], _table().get(word[0].lower(), word[0].lower())), text)


def _like(word: str, other: str) -> str:
    if word.lower() == other:
        return word
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other
