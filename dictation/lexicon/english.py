"""Is this a word of ordinary English? Answers from the embedded list (SCOWL, see data/english.LICENSE.txt)."""

import gzip
from functools import cache
from importlib.resources import files

# Endings of regular inflections that the list leaves out, and what the base word then ends with.
ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ly", ""))


@cache
def _words() -> frozenset[str]:
    data = files("dictation.lexicon").joinpath("data", "english.txt.gz").read_bytes()
    return frozenset(gzip.decompress(data).decode("utf-8").split("\n"))


def is_ordinary(word: str) -> bool:
    """True for a lower-case word of the list or a regular inflection of one; a name in small letters is none."""
    if word in _words():
        return True
    return any(
        word.endswith(ending) and len(word) - len(ending) > 2 and word[: -len(ending)] + base in _words()
        for ending, base in ENDINGS
    )


def is_name(word: str) -> bool:
    """True for a capitalised name of the list ("Smith"), with or without a possessive."""
    return word.removesuffix("'s").removesuffix("\u2019s") in _words() and word[:1].isupper()
