"""One word of a sentence that the report has for another that sounds like it, the rest of the sentence being the same.

"Thoracic spondylolysis" for "thoracic spondylosis": neither is odd in its place, so only the other column tells.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from dictation.discrepancy.doubts.doubt import Stretch
from dictation.findings.tokens import normal_form
from dictation.lexicon import rows
from dictation.lexicon.critical import is_critical
from dictation.lexicon.rivals import rivals_of
from dictation.wording.sound import sound, unlikeness

_ALIKE = 0.4  # of unlikeness; as for an English word in the company of others
_SHORTEST = 5
_LONGEST = 60  # words of a sentence; what is longer is none

Words = tuple[str, ...]


def substitutions(said: Sequence[Stretch], wrote: Sequence[Stretch]) -> Iterator[tuple[Stretch, int, Stretch, int]]:
    """Sentence and place of each word said, with sentence and place of the word written for it."""
    if {_text(one) for one in said} == {_text(one) for one in wrote}:
        return
    heard, written = [_words(one) for one in said], [_words(one) for one in wrote]
    ours, theirs = set(heard), set(written)
    masked = {
        key: (row, place) for row, words in enumerate(heard) if words not in theirs for place, key in _masks(words)
    }
    for row, words in enumerate(written):
        if words in ours or not masked:
            continue
        for place, key in _masks(words):
            found = masked.get(key)
            if found and _sounds_alike(heard[found[0]][found[1]], words[place]):
                yield said[found[0]], found[1], wrote[row], place
                break


def _text(sentence: Stretch) -> str:
    return sentence.text[sentence.start : sentence.end]


def _words(sentence: Stretch) -> Words:
    return tuple([normal_form(word.group()) for word in sentence.words])


def _masks(words: Words) -> Iterator[tuple[int, Words]]:
    """The sentence without one of its words, for each word that may be taken for another."""
    if len(words) > _LONGEST:
        return
    for place, word in enumerate(words):
        if len(word) >= _SHORTEST and word.isalpha() and not is_critical(word):
            yield place, (*words[:place], "", *words[place + 1 :])


@lru_cache(maxsize=4096)
def _sounds_alike(one: str, two: str) -> bool:
    if one == two or _places().get(one, one) == _places().get(two, two):
        return False
    return two in rivals_of(one) or unlikeness(sound(one), sound(two)) <= _ALIKE


@cache
def _places() -> dict[str, str]:
    """Word → the place of anatomy or the finding that it names: "basal" and "basilar" are the same."""
    return {
        normal_form(term.strip()): next(iter(row.values()))
        for table in ("structures", "findings", "anatomy")
        for row in rows(table)
        for term in row["terms"].split("|")
        if " " not in term.strip()
    }
