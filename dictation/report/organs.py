"""Which organs a sentence speaks of, in the order of mention.

Two kinds of words say so. Those of `organs.tsv` name an organ in any exam ("pleural", "cardiomegaly"). The terms of
`findings.tsv` ("mass", "effusion", "stenosis") have an organ only where the exam makes it plain, so a template says
which organs it assumes: a heading must not give a finding a site that nobody dictated.

Words are compared without plural endings and without the differences of British spelling; at one place the longest
keyword counts, so that "pericardial effusion" is no pleural one and "mediastinal lymph nodes" belong to the nodes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TypeVar

from dictation.lexicon import rows
from dictation.lexicon.spaced import SPACED

WORD = re.compile(rf"x[- ]ray[a-z0-9]*|{SPACED}|[a-z0-9]+")
JOINTS = re.compile(r"\band\b|[,;/&]")  # between the names of several organs in one heading
IRREGULAR = {"vertebrae": "vertebra", "bronchi": "bronchus", "hila": "hilum", "apices": "apex", "pleurae": "pleura"}
KEPT_ENDINGS = ("ss", "us", "is")

Meaning = TypeVar("Meaning")
Index = Mapping[str, Sequence[tuple[tuple[str, ...], Meaning]]]  # first word → (words, what they mean), best first


def key_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in the form in which keywords are compared."""
    return tuple(_folded(word) for word in WORD.findall(text.lower()))


def _folded(word: str) -> str:
    word = word.replace("-", "").replace(" ", "")
    if word in IRREGULAR:
        word = IRREGULAR[word]
    elif len(word) > 3 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 2 and word.endswith("s") and not word.endswith(KEPT_ENDINGS):
        word = word[:-1]
    return word.replace("oe", "e").replace("ae", "e").replace("our", "or")


def index_of(*groups: Iterable[tuple[str, Meaning]]) -> Index[Meaning]:
    """Build an index of (keyword, meaning) pairs. At one place a keyword of an earlier group counts before a later one,
    within a group the longest; of two meanings of the same keyword the first counts.
    """
    by_first: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
    known: set[tuple[str, ...]] = set()
    for group in groups:
        entries: dict[tuple[str, ...], Meaning] = {}
        for keyword, meaning in group:
            words = key_words(keyword)
            if words and words not in known:
                entries.setdefault(words, meaning)
        known.update(entries)
        for words, meaning in sorted(entries.items(), key=lambda entry: -len(entry[0])):
            by_first.setdefault(words[0], []).append((words, meaning))
    return by_first


def mentioned(text: str, index: Index[Meaning]) -> tuple[Meaning, ...]:
    """Return what the keywords in a text mean, in order, each once."""
    return tuple(dict.fromkeys(meaning for meaning, _ in mentions_in(text, index)))


def mentions_in(text: str, index: Index[Meaning]) -> list[tuple[Meaning, tuple[int, int]]]:
    """Return what the keywords in a text mean, and their characters [start, end), in order."""
    spans = [match.span() for match in WORD.finditer(text.lower())]
    words, place = key_words(text), 0
    found: list[tuple[Meaning, tuple[int, int]]] = []
    while place < len(words):
        for keyword, meaning in index.get(words[place], ()):
            if words[place : place + len(keyword)] == keyword:
                last = place + len(keyword) - 1
                found.append((meaning, (spans[place][0], spans[last][1])))
                place = last
                break
        place += 1
    return found


@cache
def organ_ids() -> frozenset[str]:
    """Return the ids of all organs that a template may cover."""
    return frozenset(row["organ"] for row in rows("organs"))


@cache
def organ_keywords() -> tuple[tuple[str, str], ...]:
    """Return (keyword, organ id) of all words that name an organ in any exam."""
    keywords = [(keyword, row["organ"]) for row in rows("organs") for keyword in row["keywords"].split(" | ")]
    headings = [(name, row["organ"]) for row in rows("organs") for name in row["headings"].split(" | ")]
    return (*keywords, *headings)


@cache
def finding_terms() -> tuple[tuple[str, str], ...]:
    """Return (term, organ id) of all findings, which mean that organ only in an exam of it."""
    return tuple((term, row["organ"]) for row in rows("findings") for term in row["terms"].split(" | "))


def organs_named(name: str) -> tuple[str, ...]:
    """Return the organ ids that a heading of a report consists of ("Lungs and pleura"), else nothing.

    Each part must be a name of an organ: "Right lower lobe" is a place, and stays part of its sentence.
    """
    whole = _headings().get(key_words(name))
    if whole:
        return (whole,)
    parts = [_headings().get(key_words(part)) for part in JOINTS.split(name.lower())]
    return tuple(dict.fromkeys(part for part in parts if part)) if all(parts) else ()


@cache
def _headings() -> Mapping[tuple[str, ...], str]:
    return {key_words(name): row["organ"] for row in rows("organs") for name in row["headings"].split(" | ")}
