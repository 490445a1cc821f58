"""Words that are no words, and words of another part of the body than the exam.

More than half of the critical errors of real dictation show in one of these two ways. Both are asked about only where
they stand alone: a text full of unknown words is in another language, and is left alone.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from dictation.discrepancy.doubts.confusable import confusable_words
from dictation.discrepancy.doubts.doubt import Doubt, Stretch, like
from dictation.findings.body_regions import may_be_named_anywhere, region_of_word, shown_by
from dictation.findings.tokens import normal_form
from dictation.lexicon import rows
from dictation.lexicon.english import is_ordinary
from dictation.lexicon.terms import prefixes
from dictation.wording.sound import sound, unlikeness
from dictation.wording.soundalikes import Targets, changes, is_odd, is_unknown

_MOST = 3  # unknown words of a text that may be slips; more are another language, or names
_SHORTEST = 4
_SHORTEST_NEAR = 5
_NEAR, _NEAR_SHORT = 0.29, 0.15  # of unlikeness, the second for words of the shortest length
_APART = 0.6  # phones that may differ, as a share: a cheap distance sorts out most names
_STEM = 5  # letters that make two words forms of one another
_AROUND = 200  # characters to each side that may say why a far part of the body is named


def sounding_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """Words that are none, or that reports do not use, and the term that sounds like them and belongs there.

    What wording would put right where it sees the words first is only asked here.
    """
    unknown = [(sentence, word) for sentence in sentences for word in sentence.words if _is_none(word.group())]
    if len(unknown) > _MOST:
        return
    asked: set[int] = set()
    for sentence in sentences:
        if not any(is_odd(word.group()) for word in sentence.words):
            continue
        for change in changes(_heard(sentence), Targets.of(())):
            start, end = sentence.words[change.start].start(), sentence.words[change.stop - 1].end()
            old, meant = sentence.text[start:end], " ".join(change.words)
            asked |= {word.start() for word in sentence.words[change.start : change.stop]}
            if _bare(old) != _bare(meant) and old.lower() not in confusable_words():
                yield Doubt(start, end, like(old, meant), f"Was \u201c{meant}\u201d said here, not \u201c{old}\u201d?")
    for sentence, word in unknown:
        is_name = word.group()[:1].isupper() and word.start() > sentence.words[0].start()
        if word.start() not in asked and not is_name and not _is_built(word.group().lower()):
            question = f"\u201c{word.group()}\u201d is no known word: what was said?"
            yield Doubt(word.start(), word.end(), None, question, "info")


def near_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """The one English word of a text that reports do not use and that sounds most like the name of a part or finding.

    Its company tells nothing here, so that it is asked once a text at most.
    """
    found = [
        (near, word)
        for sentence in sentences
        for word in sentence.words
        if (near := _near_name(word.group().lower())) is not None
        and (word.group().islower() or word.start() == sentence.words[0].start())
    ]
    if 0 < len(found) <= _MOST:
        near, word = min(found, key=lambda one: one[0])
        old, meant = word.group(), near[1]
        yield Doubt(
            word.start(), word.end(), like(old, meant), f"Was \u201c{meant}\u201d said here, not \u201c{old}\u201d?"
        )


@lru_cache(maxsize=65536)
def _near_name(word: str) -> tuple[float, str] | None:
    """How unlike it the nearest name sounds, and that name; None for a word that reports use."""
    if len(word) < _SHORTEST_NEAR or not is_odd(word) or not is_ordinary(word) or word in _names():
        return None
    spoken = sound(word)
    cheap = process.extract(
        spoken, _sounds(), scorer=Levenshtein.distance, score_cutoff=round(len(spoken) * _APART), limit=None
    )
    unlike, meant = min(((unlikeness(spoken, known), name) for known, _, name in cheap), default=(1.0, ""))
    limit = _NEAR if len(word) > _SHORTEST_NEAR else _NEAR_SHORT
    return (unlike, meant) if unlike <= limit and meant[:_STEM] != word[:_STEM] else None


@cache
def _sounds() -> dict[str, str]:
    """One-word names of anatomy and findings, and words of the names of places, with their sound."""
    names = {
        word
        for table in ("anatomy", "findings", "structures")
        for row in rows(table)
        for term in row["terms"].lower().split("|")
        for word in term.split()
        if len(word) >= _SHORTEST_NEAR and word.isalpha() and (table != "findings" or " " not in term.strip())
    }
    return {name: sound(name) for name in sorted(names) if not is_odd(name)}


def _heard(sentence: Stretch) -> list[str | None]:
    """The words; None where a mark or a number stands, so that no term is made across it."""
    text, found = sentence.text, []
    for place, word in enumerate(sentence.words):
        before = text[sentence.words[place - 1].end() if place else word.start() : word.start()]
        found.append(None if word.group()[0].isdigit() or before.strip() else word.group())
    return found


def _bare(phrase: str) -> str:
    return "".join(filter(str.isalnum, " ".join(map(normal_form, phrase.split()))))


@lru_cache(maxsize=65536)
def _is_none(word: str) -> bool:
    lower = word.lower()
    return len(word) >= _SHORTEST and is_unknown(word) and lower not in prefixes() and lower not in _names()


@cache
def _is_built(word: str) -> bool:
    """True for a word of medical parts, which may well be one although no table has it ("galactocele")."""
    return word.startswith(prefixes()) or word.endswith(tuple(row["ending"] for row in rows("medical_endings")))


@cache
def _names() -> frozenset[str]:
    """Every word by which the tables of findings and of this room name something."""
    return (
        confusable_words()
        | region_of_word().keys()
        | frozenset(
            word
            for table in ("findings", "anatomy", "structures", "laterality")
            for row in rows(table)
            for word in row["terms"].lower().replace("|", " ").replace("-", " ").split()
        )
    )


def foreign_doubts(sentences: Sequence[Stretch], exam: str) -> Iterator[Doubt]:
    """The first word that only other parts of the body than the exam's have. `exam`: what was examined, in words."""
    allowed = shown_by(exam)
    if not allowed:
        return
    for sentence in sentences:
        for word in sentence.words:
            region = region_of_word().get(word.group().lower())
            if region and region not in allowed and not _is_named_by_right(sentence, word):
                question = (
                    f"\u201c{word.group()}\u201d belongs to another part of the body than this exam: was it said?"
                )
                yield Doubt(word.start(), word.end(), None, question)
                return


def _is_named_by_right(sentence: Stretch, word: re.Match[str]) -> bool:
    start, end = max(sentence.start, word.start() - _AROUND), min(sentence.end, word.end() + _AROUND)
    return may_be_named_anywhere(sentence.text, start, end)
