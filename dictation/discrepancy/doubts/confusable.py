"""Words that are known to be heard for others, and whose company says that the other was said: "plural effusion".

The tables are `confusable.tsv`, for texts that nobody can hear again, and `misheard.tsv`, which wording already obeys
where it sees the words first. Every context that a row gives must match: `before` ends there, `after` begins there,
`sentence` is anywhere in the sentence, and `unless` nowhere in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from dictation.discrepancy.doubts.doubt import Doubt, Stretch, like
from dictation.findings.tokens import normal_form
from dictation.lexicon import rows
from dictation.lexicon.critical import class_of

_REACH = 80  # characters before a word that its company may fill
_FINDING = "<finding>"  # in a pattern: the name of a finding; the row of this name says how it ends
_AROUND = 300  # characters to each side that count as its sentence


@dataclass(frozen=True, slots=True)
class Confusable:
    """A phrase, what may have been said instead, and the contexts as the table writes them."""

    phrase: str
    meant: str
    before: str = ""
    after: str = ""
    sentence: str = ""
    unless: str = ""


def confusable_doubts(sentence: Stretch) -> Iterator[Doubt]:
    """The doubts of a sentence, in order and apart."""
    words = [word.group().lower() for word in sentence.words]
    done = 0
    for place, word in enumerate(words):
        if place < done:
            continue
        for size in _sizes().get(word, ()):
            phrase = " ".join(words[place : place + size]) if place + size <= len(words) else ""
            row = next((row for row in _rows().get(phrase, ()) if _fits(row, sentence, place, size)), None)
            if row is not None:
                yield _doubt(row, sentence, place, size)
                done = place + size
                break


def _doubt(row: Confusable, sentence: Stretch, place: int, size: int) -> Doubt:
    start, end = sentence.words[place].start(), sentence.words[place + size - 1].end()
    old = sentence.text[start:end]
    meant = like(old, row.meant)
    if row.meant.startswith(f"{row.phrase} "):
        question = f"Was \u201c{row.meant.removeprefix(f'{row.phrase} ')}\u201d lost after \u201c{old}\u201d?"
    elif row.meant.endswith(f" {row.phrase}"):
        question = f"Was \u201c{row.meant.removesuffix(f' {row.phrase}')}\u201d lost before \u201c{old}\u201d?"
    else:
        question = f"Was \u201c{meant}\u201d said here, not \u201c{old}\u201d?"
    sides = {word for word in re.split(r"[ -]", row.phrase) if class_of(word) == "side"}
    return Doubt(start, end, meant, question, "major" if sides - set(row.meant.split()) else "minor")


@cache
def _rows() -> dict[str, tuple[Confusable, ...]]:
    """Both tables by phrase."""
    found: dict[str, list[Confusable]] = {}
    for row in (*_own(), *_misheard()):
        found.setdefault(row.phrase, []).append(row)
    return {phrase: tuple(items) for phrase, items in found.items()}


@cache
def _sizes() -> dict[str, tuple[int, ...]]:
    """First word → how many words the phrases have that it begins, longest first."""
    found: dict[str, set[int]] = {}
    for phrase in _rows():
        words = phrase.split()
        found.setdefault(words[0], set()).add(len(words))
    return {word: tuple(sorted(sizes, reverse=True)) for word, sizes in found.items()}


@cache
def confusable_words() -> frozenset[str]:
    """Single words of `confusable.tsv`, right ones and wrong ones: only the table judges them."""
    return frozenset(word.lower() for row in _own() for word in (row.phrase, row.meant) if " " not in word)


def _own() -> Iterator[Confusable]:
    for row in rows("confusable"):
        if row["heard"] == _FINDING:
            continue
        for phrase in row["heard"].split("|"):
            yield Confusable(phrase.strip(), row["meant"], row["before"], row["after"], row["sentence"], row["unless"])


def _misheard() -> Iterator[Confusable]:
    """Rows of `misheard.tsv` that change more than the spelling; their contexts are alternatives of one another."""
    for row in rows("misheard"):
        if _bare(row["heard"]) == _bare(row["meant"]):
            continue
        if not row["before"] and not row["after"]:
            yield Confusable(row["heard"], row["meant"])
        if row["before"]:
            yield Confusable(row["heard"], row["meant"], before=row["before"])
        if row["after"]:
            yield Confusable(row["heard"], row["meant"], after=row["after"])


def _bare(phrase: str) -> str:
    """The letters of a phrase, singular and American."""
    return re.sub(r"[^a-z0-9]", "", " ".join(map(normal_form, phrase.replace("-", " ").split())))


def _fits(row: Confusable, sentence: Stretch, place: int, size: int) -> bool:
    text, start, end = sentence.text, sentence.start, sentence.end
    said = sentence.words[place : place + size]
    if any(not text[one.end() : two.start()].isspace() for one, two in pairwise(said)):
        return False
    first, last = said[0].start(), said[-1].end()
    if row.before and not _before(row.before).search(text[max(start, first - _REACH) : first]):
        return False
    if row.after and not _after(row.after).match(text, last, end):
        return False
    start, end = max(start, first - _AROUND), min(end, last + _AROUND)
    if row.sentence and not _words(row.sentence).search(text, start, end):
        return False
    return not (row.unless and _words(row.unless).search(text, start, end))


@cache
def _finding() -> str:
    return next(row["after"] for row in rows("confusable") if row["heard"] == _FINDING)


def _expanded(pattern: str) -> str:
    return pattern.replace(_FINDING, _finding())


@lru_cache(maxsize=4096)
def _before(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:(?<!\w)|(?=\W))(?:{_expanded(pattern)})\s*$", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _after(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{_expanded(pattern)})(?![\w-])", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_expanded(pattern)})", re.IGNORECASE)
