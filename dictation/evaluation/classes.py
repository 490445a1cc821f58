"""Which words of a clinical form are critical, and of which class. The words themselves are data of the lexicon."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, get_args

from dictation.evaluation.clinical import MINUS, unit_symbols
from dictation.findings.lexicon import Concept, finding_phrases
from dictation.findings.phrases import Meaning, Phrases
from dictation.findings.tokens import Token, tokenise
from dictation.lexicon import rows
from dictation.lexicon.critical import critical_words
from dictation.lexicon.terms import terms

CriticalClass = Literal["side", "negation", "number", "unit", "level", "drug", "finding"]
CLASSES: tuple[CriticalClass, ...] = get_args(CriticalClass)

_LEVEL = re.compile(r"[ctlsd]\d{1,2}")


def classes_of(words: Sequence[str]) -> list[frozenset[CriticalClass]]:
    """The classes of each word of a clinical form; a word of a finding's name may have another class as well."""
    phrases: dict[CriticalClass, frozenset[int]] = {
        "drug": _places(words, _drugs()),
        "finding": _places(words, finding_phrases(), _is_finding),
    }
    return [
        _classes(words, at) | {name for name, places in phrases.items() if at in places} for at in range(len(words))
    ]


def terms_at(words: Sequence[str]) -> frozenset[int]:
    """The places of the words that belong to a medical term of the lexicon."""
    return _places(words, _terms())


def _classes(words: Sequence[str], at: int) -> frozenset[CriticalClass]:
    """The classes that a word has by itself and its neighbours."""
    word = words[at]
    known = critical_words().get(word)
    follows_number = at > 0 and words[at - 1][0].isdigit()
    precedes_number = at + 1 < len(words) and words[at + 1][0].isdigit()
    if _LEVEL.fullmatch(word) or (known == "level" and precedes_number):
        return frozenset({"level"})
    if known == "unit" or (word in unit_symbols() and follows_number):
        return frozenset({"unit"})
    if known == "number" or word == MINUS or any(character.isdigit() for character in word):
        return frozenset({"number"})
    if word in _sides():
        return frozenset({"side"})
    return frozenset({"negation"}) if known == "negation" else frozenset()


@cache
def _sides() -> frozenset[str]:
    named = {term for row in rows("laterality") if row["side"] != "none" for term in row["terms"].split(" | ")}
    return frozenset({*named, *(word for word, kind in critical_words().items() if kind == "side")})


@cache
def _terms() -> Phrases[str]:
    return Phrases(terms().items())


@cache
def _drugs() -> Phrases[str]:
    return Phrases((term, category) for term, category in terms().items() if category == "drug")


def _is_finding(meaning: object) -> bool:
    return isinstance(meaning, Concept) and meaning.finding_class == "finding"


def _places(
    words: Sequence[str], phrases: Phrases[Meaning], accepts: Callable[[Meaning], bool] = lambda meaning: True
) -> frozenset[int]:
    """The places of the words of those phrases whose meaning is accepted."""
    tokens, places = _tokens(words)
    matches = (match for match in phrases.find(tokens) if accepts(match.meaning))
    return frozenset(place for match in matches for place in places[match.start : match.end])


def _tokens(words: Sequence[str]) -> tuple[list[Token], list[int]]:
    """The words as the lexicon is searched, articles left out, and the place of each."""
    found = [(token, at) for at, word in enumerate(words) for token in tokenise(word)]
    return [token for token, _ in found], [at for _, at in found]
