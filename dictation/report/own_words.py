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
SIGHT = "seen"  # stands for every word of that role
REACH = 2  # words behind "not" in which it denies what is seen: "not well seen"
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
        Word(_plain(one[0]), one.start(), one.end())
        for place, one in enumerate(found)
        if not _is_free(found, place, style)
    ]
    if style == "polish":
        words = [Word(_verbs().get(one.word, SIGHT if one.word in _sight() else one.word), *one[1:]) for one in words]
    return tuple(words)


def links(gap: str) -> tuple[str, ...]:
    """Return the words that may link what stands before a gap in a text to what stands after it."""
    return tuple(word for word in _WORD.findall(gap.casefold()) if _grammar().get(word) == "link")


def counted(texts: Iterable[str]) -> Counter[str]:
    """Return how often each word is said that may not come or go."""
    return Counter(word.word for text in texts for word in words_of(text))


def joint(gap: str) -> str:
    """Return what parts two words of a text: "." where a sentence ends, "," for a pause, "" for nothing."""
    if any(mark in gap for mark in STOPS):
        return "."
    return "," if any(mark in gap for mark in PAUSES) else ""


def _plain(word: str) -> str:
    """A word in small letters, but the first one of a unit in thousandths or millions ("mSv")."""
    plain = word.casefold().translate(_MINUS)
    return word[0] + plain[1:] if plain in _prefixed() else plain


def _is_free(found: Sequence[re.Match[str]], place: int, style: Style) -> bool:
    word = found[place][0]
    if word.isupper() and len(word) > 1 and not found[place].string.isupper():
        return False  # "IS", "ON" and "AN" are abbreviations, too
    before = [one[0].casefold() for one in found[max(0, place - REACH) : place]]
    if style == "polish" and (role := _grammar().get(word.casefold())) is not None:
        is_denied = role == "sight" and "not" in before
        return not is_denied and not (before and before[-1][-1:].isdigit())  # "3 in"
    only_after = _free().get(word.casefold())
    if not only_after:
        return only_after is not None
    after = found[place + 1][0] if place + 1 < len(found) else ""
    is_before_word = len(after) > 1 and after.isalpha()
    if before and before[-1] in only_after:
        return word.islower() and (is_before_word or after[:1].isdigit())
    return word.islower() and is_before_word and not before


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
def _prefixed() -> frozenset[str]:
    symbols = (row["symbol"] for row in rows("units"))
    return frozenset(one.casefold() for one in symbols if re.fullmatch(r"[mM](?!L)[A-Z][A-Za-z]*", one))


@cache
def _grammar() -> Mapping[str, str]:
    """Words of grammar, each with its role."""
    return {row["word"]: row["role"] for row in rows("grammar_words")}


@cache
def _sight() -> frozenset[str]:
    return frozenset(word for word, role in _grammar().items() if role == "sight")


@cache
def _verbs() -> Mapping[str, str]:
    """Forms of verbs, each with the first of its verb."""
    return {form: forms[0] for row in rows("verb_forms") for forms in [row["forms"].split(" | ")] for form in forms}


@cache
def _functional() -> frozenset[str]:
    joining = (word for row in rows("function_words") for word in row["words"].split(" | "))
    return frozenset(part for word in joining for part in key_words(word)) | _DENIALS
