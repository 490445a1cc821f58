"""The words of a report beside those that were said: is each one kept, does a statement speak of what it cites?

Capitals, numbers of a list and the free words of `free_words.tsv` may differ, and some more where it is polished.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from dictation.findings import extract
from dictation.lexicon import rows
from dictation.report.organs import key_words
from dictation.report.writer import Style

# Numbers with their sign or leading point, words, and the marks that say something ("?", "%", "<"): not those that join
# or end. A dash after a word or a number joins.
_WORD = re.compile(
    r"(?<![\w)\]])[-−–]\.?\d+(?:[.,:/]\d+)*|(?<!\d)\.\d+|\d+(?:[.,:/]\d+)*|[^\W\d_]+|[^\w\s.,;:()\[\]\"'’“”–—-]"
)
_MINUS = str.maketrans("−–", "--")
_ITEM_NUMBER = re.compile(r"\A\s*\d{1,2}[.)]\s+")  # of a list: "1. Small effusion."
_DENIALS = frozenset(("no", "not", "without"))  # two sentences that only share these speak of different things
STOPS, PAUSES = ".;!\n", ",:()[]"


class Word(NamedTuple):
    """A word that may not come or go, in small letters, and where it stands in its text."""

    word: str
    start: int
    end: int


@lru_cache(4096)
def words_of(text: str, style: Style = "keep") -> tuple[Word, ...]:
    """Return the words of a text that may not come or go in this style, in order.

    Where it is polished, words of `grammar_words.tsv` may, and the forms of a verb (`verb_forms.tsv`) are one word.
    """
    item = _ITEM_NUMBER.match(text)
    found = list(_WORD.finditer(text, item.end() if item else 0))
    words = [
        Word(one[0].casefold().translate(_MINUS), one.start(), one.end())
        for place, one in enumerate(found)
        if not _is_free(found, place)
    ]
    if style == "polish":
        words = [Word(_verbs().get(one.word, one.word), *one[1:]) for one in words if one.word not in _grammar()]
    return tuple(words)


def counted(texts: Iterable[str]) -> Counter[str]:
    """Return how often each word is said that may not come or go."""
    return Counter(word.word for text in texts for word in words_of(text))


def joint(gap: str) -> str:
    """Return what parts two words of a text: "." where a sentence ends, "," for a pause, "" for nothing."""
    if any(mark in gap for mark in STOPS):
        return "."
    return "," if any(mark in gap for mark in PAUSES) else ""


def _is_free(found: Sequence[re.Match[str]], place: int) -> bool:
    only_after = _free().get(found[place][0].casefold())
    if not only_after:
        return only_after is not None
    before = found[place - 1][0].casefold() if place else ""
    after = found[place + 1][0] if place + 1 < len(found) else ""
    is_before_word = len(after) > 1 and after.isalpha()
    if before in only_after:
        return found[place][0].islower() and (is_before_word or after[:1].isdigit())
    return found[place][0].islower() and is_before_word and not before


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
def _free() -> Mapping[str, frozenset[str]]:
    """The free words, each with those that it must follow (none: any)."""
    return {row["word"]: frozenset(filter(None, row["only_after"].split(" | "))) for row in rows("free_words")}


@cache
def _grammar() -> frozenset[str]:
    return frozenset(row["word"] for row in rows("grammar_words"))


@cache
def _verbs() -> Mapping[str, str]:
    """Forms of verbs, each with the first of its verb."""
    return {form: forms[0] for row in rows("verb_forms") for forms in [row["forms"].split(" | ")] for form in forms}


@cache
def _functional() -> frozenset[str]:
    joining = (word for row in rows("function_words") for word in row["words"].split(" | "))
    return frozenset(part for word in joining for part in key_words(word)) | _DENIALS
