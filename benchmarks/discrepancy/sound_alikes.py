"""Words in the place of words that sound like them, with the kinds of card that also name the result."""

import re
from collections.abc import Iterator

from benchmarks.discrepancy.case import Edit
from benchmarks.discrepancy.vocabulary import rows, starts_with_capital_of

_NO = ("new", "now", "know")  # what "no" is taken for; planted as a kind of its own


def _pairs(kind: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Old word, new word, kinds of card that name the result; for copied errors only senseless words."""
    is_no, is_copied = kind.startswith("no misheard"), kind.endswith("in both")
    return [
        (old, new, () if is_copied else tuple(accept.split()))
        for old, new, accept, copied, _source in rows("sound_alikes")
        if (new in _NO) is is_no and (copied == "yes" or not is_copied)
    ]


def sound_alikes(kind: str, sentence: str) -> Iterator[tuple[Edit, tuple[str, ...]]]:
    """All exchanges in a sentence."""
    for old, new, accept in _pairs(kind):
        for match in re.finditer(old, sentence, re.IGNORECASE):
            yield Edit(*match.span(), starts_with_capital_of(match[0], new)), accept


def must_have(kind: str) -> str:
    """A pattern of all words that have a sound-alike."""
    return "|".join(f"(?:{old})" for old, _, _ in _pairs(kind))
