"""The words of a report beside those that were said: is each one kept, does a statement speak of what it cites?

Order, capitals, full stops, numbers of a list and the free words of `free_words.tsv` may differ. Whether the same words
in another order still say the same is for the comparison of the columns to tell.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from dictation.findings import extract
from dictation.lexicon import rows
from dictation.report.organs import key_words

# Numbers with their sign, words, and the marks that say something ("?", "%", "<"): not those that join or end.
_WORD = re.compile(r"(?<!\S)[-−]\d+(?:[.,:/]\d+)*|\d+(?:[.,:/]\d+)*|[^\W\d_]+|[^\w\s.,;:()\[\]\"'’“”–—-]")
_ITEM_NUMBER = re.compile(r"\A\s*\d{1,2}[.)]\s+")  # of a list: "1. Small effusion."
_DENIALS = frozenset(("no", "not", "without"))  # two sentences that only share these speak of different things


def counted(texts: Iterable[str]) -> Counter[str]:
    """Return how often each word is said that may not come or go."""
    plain = (_ITEM_NUMBER.sub("", text) for text in texts)
    found = Counter[str](word for text in plain for word in _WORD.findall(text.casefold()))
    for word in _free():
        found.pop(word, None)
    return found


def keeps_words(written: Iterable[str], said: Iterable[str]) -> bool:
    """Say whether texts have every word of what was said, and no other."""
    wrote, spoken = counted(written), counted(said)
    return wrote.keys() == spoken.keys() and all(wrote[word] >= times for word, times in spoken.items())


def adds_words(written: str, said: Iterable[str]) -> bool:
    """Say whether a text has a word that was not said."""
    return bool(counted([written]).keys() - counted(said).keys())


def speaks_of(written: str, said: str) -> bool:
    """Say whether a text can rest on a sentence: they share a word that names something, or a finding."""
    spoken = _naming(said)
    if not spoken or spoken & _naming(written):
        return True
    return bool(_findings(said) & _findings(written))


def renders(written: Iterable[str], said: str) -> bool:
    """Say whether texts can be another wording of a sentence: half of its words that name something, or a finding."""
    text = " ".join(written)
    spoken = _naming(said)
    return 2 * len(spoken & _naming(text)) >= len(spoken) or bool(_findings(said) & _findings(text))


def _naming(text: str) -> frozenset[str]:
    return frozenset(key_words(text)) - _functional()


def _findings(text: str) -> frozenset[str]:
    return frozenset(claim.finding for claim in extract(text))


@cache
def _free() -> frozenset[str]:
    return frozenset(row["word"] for row in rows("free_words"))


@cache
def _functional() -> frozenset[str]:
    joining = (word for row in rows("function_words") for word in row["words"].split(" | "))
    return frozenset(part for word in joining for part in key_words(word)) | _DENIALS
