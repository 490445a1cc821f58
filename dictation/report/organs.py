"""Which organs a sentence speaks of, in the order of mention.

Keywords come from `organs.tsv` and from the terms of `findings.tsv`, whose `organ` says where a finding belongs. Words
are compared without plural endings and without the differences of British spelling; at one place the longest keyword
counts, so that "pericardial effusion" is no pleural one and "mediastinal lymph nodes" belong to the nodes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from dictation.lexicon import rows

WORD = re.compile(r"[a-z0-9]+")
IRREGULAR = {"vertebrae": "vertebra", "bronchi": "bronchus", "hila": "hilum", "apices": "apex", "pleurae": "pleura"}
KEPT_ENDINGS = ("ss", "us", "is")

Index = Mapping[str, Sequence[tuple[tuple[str, ...], str]]]  # first word → (words, organ), best first


def key_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in the form in which keywords are compared."""
    return tuple(_folded(word) for word in WORD.findall(text.lower().replace("x-ray", "xray").replace("x ray", "xray")))


def _folded(word: str) -> str:
    if word in IRREGULAR:
        word = IRREGULAR[word]
    elif len(word) > 3 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 2 and word.endswith("s") and not word.endswith(KEPT_ENDINGS):
        word = word[:-1]
    return word.replace("oe", "e").replace("ae", "e").replace("our", "or")


def index_of(*groups: Iterable[tuple[str, str]]) -> Index:
    """Build an index of (keyword, organ) pairs. At one place a keyword of an earlier group counts before a later one,
    within a group the longest; of two organs with the same keyword the first counts.
    """
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    known: set[tuple[str, ...]] = set()
    for group in groups:
        entries: dict[tuple[str, ...], str] = {}
        for keyword, organ in group:
            words = key_words(keyword)
            if words and words not in known:
                entries.setdefault(words, organ)
        known.update(entries)
        for words, organ in sorted(entries.items(), key=lambda entry: -len(entry[0])):
            by_first.setdefault(words[0], []).append((words, organ))
    return by_first


def mentioned(text: str, index: Index) -> tuple[str, ...]:
    """Return the organs that a text mentions, in order, each once."""
    words, found, place = key_words(text), [], 0
    while place < len(words):
        for keyword, organ in index.get(words[place], ()):
            if words[place : place + len(keyword)] == keyword:
                found.append(organ)
                place += len(keyword) - 1
                break
        place += 1
    return tuple(dict.fromkeys(found))


@cache
def organ_ids() -> frozenset[str]:
    """Return the ids of all organs that a template may cover."""
    return frozenset(row["organ"] for row in rows("organs"))


@cache
def organ_keywords() -> tuple[tuple[str, str], ...]:
    """Return all (keyword, organ id) pairs of the lexicon, those of `organs.tsv` first."""
    own = [(keyword, row["organ"]) for row in rows("organs") for keyword in row["keywords"].split(" | ")]
    named = [(name, row["organ"]) for row in rows("organs") for name in row["headings"].split(" | ")]
    terms = [(term, row["organ"]) for row in rows("findings") for term in row["terms"].split(" | ")]
    known = [(keyword, organ) for keyword, organ in (*own, *named, *terms) if keyword and organ in organ_ids()]
    return tuple(known)


@cache
def organ_headings() -> Mapping[tuple[str, ...], str]:
    """Return what written reports call an organ at the start of a line, in compared form → organ id."""
    return {key_words(name): row["organ"] for row in rows("organs") for name in row["headings"].split(" | ") if name}
