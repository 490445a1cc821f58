"""Words in the place of words that sound like them, with the kinds of card that also name the result.

Each half has pairs of its own (`words/sound_alikes_dev.tsv`, `words/sound_alikes_test.tsv`), so an engine whose list
grew on the development half is asked about others in the test half.
"""

import re
from collections.abc import Iterator

from benchmarks.discrepancy.case import Edit
from benchmarks.discrepancy.vocabulary import rows, starts_with_capital_of

_NO = r"\bno("  # what "no" is taken for is planted as a kind of its own


def _pairs(kind: str, split: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Old word, new word, kinds of card that name the result; for copied errors only senseless words."""
    is_no, is_copied = kind.startswith("no misheard"), kind.endswith("in both")
    return [
        (old, new, () if is_copied else tuple(accept.split()))
        for old, new, accept, copied, _source in rows(f"sound_alikes_{split}")
        if old.startswith(_NO) is is_no and (copied == "yes" or not is_copied)
    ]


def sound_alikes(kind: str, split: str, sentence: str) -> Iterator[tuple[Edit, tuple[str, ...]]]:
    """All exchanges in a sentence."""
    for old, new, accept in _pairs(kind, split):
        for match in re.finditer(old, sentence, re.IGNORECASE):
            yield Edit(*match.span(), starts_with_capital_of(match[0], new)), accept


def must_have(kind: str, split: str) -> str:
    """A pattern of all words that have a sound-alike."""
    return "|".join(f"(?:{old})" for old, _, _ in _pairs(kind, split))
