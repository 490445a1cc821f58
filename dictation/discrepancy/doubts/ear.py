"""Where the recognizer itself doubted a word of which one wrong can harm a patient.

A competitor is likely where the recognizer gives it PROBABLE or more: about one chance in three that the text says the
opposite of what was said is as grave as a difference that the texts show. Below CLOSE nothing is asked. A confidence
without competitors (Whisper gives no others) tells less, and is told without a question.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from dictation.discrepancy.discrepancy import Severity
from dictation.discrepancy.doubts.doubt import Doubt, like
from dictation.lexicon import rows
from dictation.lexicon.critical import critical_words, is_critical
from dictation.lexicon.english import is_ordinary
from dictation.lexicon.terms import is_known
from dictation.speech.transcript import Alternative, Word
from dictation.wording import Dictation, Link, Rules, Sentence, written_alone
from dictation.wording.number_words import spell_integer, spell_ordinal
from dictation.wording.orthography import spelling_of

PROBABLE = 0.35
CLOSE = 0.15
UNSURE = 0.5  # as the page, which underlines words below it
_OPPOSITES = ("place", "opposite", "newness", "negation")  # kinds of `rivals.tsv`; "structure" counts with a competitor
_NUMBER = re.compile(r"(\d{1,9})(st|nd|rd|th)?", re.ASCII)
_MARKS = ".,:;?!()[]{}\"'\u2019\u201c\u201d"


def ear_doubts(dictation: Dictation) -> Iterator[Doubt]:
    """The doubts about dictated words of findings and impression, in order."""
    for sentence in dictation.sentences:
        if sentence.origin != "dictated" or sentence.section not in (None, "findings", "impression"):
            continue
        offset = dictation.spans[sentence.id][0]
        for place, link in enumerate(sentence.alignment):
            if link.corrected or not any(map(str.isalnum, sentence.text[slice(*link.span)])):
                continue
            for index in link.words:
                doubt = _doubt(dictation, sentence, place, index, offset)
                if doubt:
                    yield doubt
                    break


def _doubt(dictation: Dictation, sentence: Sentence, place: int, index: int, offset: int) -> Doubt | None:
    word = dictation.words[index]
    others = [other for other in word.alternatives if _counts(other, word)]
    best = max(others, key=lambda other: other.probability or 0.0, default=None)
    link = sentence.alignment[place]
    start, end = offset + link.span[0], offset + link.span[1]
    if best is not None and (best.probability or 0.0) >= CLOSE:
        meant, end = _instead(dictation, sentence, place, index, best.text, offset)
        old = dictation.text[start:end]
        if _said(meant) == _said(old):
            return None
        question = f"Was \u201c{meant}\u201d said here, not \u201c{old}\u201d? Check this word."
        severity: Severity = "major" if (best.probability or 0.0) >= PROBABLE else "minor"
        return Doubt(start, end, meant, question, severity, best.probability)
    if word.confidence is not None and word.confidence < UNSURE and is_weighty(_core(word.text)):
        return Doubt(start, end, None, f"\u201c{dictation.text[start:end]}\u201d was not heard surely.", "info")
    return None


def _counts(other: Alternative, word: Word) -> bool:
    """Whether another hearing is made of words and changes one that matters, not only its marks or capitals."""
    if other.source != "recognizer" or other.probability is None or _said(other.text) == _said(word.text):
        return False
    offered = [_core(part) for part in other.text.split()]
    if not all(is_critical(one) or is_known(one) or is_ordinary(one) for one in offered):
        return False
    words = (_core(word.text), *offered)
    return any(is_weighty(one) or one in _weighty(("structure",)) for one in words)


def _core(text: str) -> str:
    return text.strip(_MARKS).lower()


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _said(text: str) -> str:
    """The letters of a text as it is spoken: "2" and "two", "7th" and "seventh" are one."""
    return _letters(_NUMBER.sub(lambda number: f" {_spelled(*number.groups())} ", text))


def _spelled(digits: str, ordinal: str | None) -> str:
    value = int(digits)
    if ordinal and 1 <= value <= 99:
        return spell_ordinal(value)
    return spell_integer(value)


@lru_cache(maxsize=4096)
def is_weighty(word: str) -> bool:
    """True for a side, negation, direction, severity, number, unit or level, and for half a pair of opposites."""
    return bool(word) and (is_critical(word) or word in _weighty(_OPPOSITES))


@cache
def _weighty(kinds: tuple[str, ...]) -> frozenset[str]:
    pairs = {
        word for row in rows("rivals") if row["kind"] in kinds
        for word in (row["word"], row["rival"])
    }  # fmt: skip
    grades = {term.strip() for row in rows("severity") for term in row["terms"].split("|") if " " not in term.strip()}
    ordinary = {
        "-",
        "a",
        "in",
        "now",
        "or",
        "more",
        "is",
        "are",
        "was",
        "were",
        "can",
        "do",
        "does",
        "did",
        "has",
        "have",
    }
    return frozenset((pairs | grades | critical_words().keys()) - ordinary)


def _instead(
    dictation: Dictation, sentence: Sentence, place: int, index: int, other: str, offset: int
) -> tuple[str, int]:
    """How the other hearing is written, and where the characters that it replaces end.

    Where nothing was said in place of the word, the one behind it is shown, so that there is something to read.
    """
    link = sentence.alignment[place]
    end = offset + link.span[1]
    old = sentence.text[slice(*link.span)]
    if not other:
        following = next((one for one in sentence.alignment[place + 1 :] if _is_word(sentence, one)), None)
        if following is None:
            return "", end
        return like(old, sentence.text[slice(*following.span)]), offset + following.span[1]
    if _letters(old) == _letters(dictation.words[index].text):
        return like(old, other), end
    return _written(dictation, sentence, link, index, other) or other, end


def _is_word(sentence: Sentence, link: Link) -> bool:
    return any(map(str.isalnum, sentence.text[slice(*link.span)]))


def _written(dictation: Dictation, sentence: Sentence, link: Link, index: int, other: str) -> str:
    """The characters that the words of the link would have made with another word among them: "fifty" is "50"."""
    indexes = sorted({number for one in sentence.alignment for number in one.words})
    words = [
        dictation.words[number].model_copy(update={"text": other}) if number == index else dictation.words[number]
        for number in indexes
    ]
    again = written_alone(words, Rules(spelling=spelling_of(dictation.text)))
    wanted = {indexes.index(number) for number in link.words}
    for one in again.sentences:
        spans = [part.span for part in one.alignment if wanted & set(part.words)]
        if spans:
            return one.text[min(start for start, _ in spans) : max(end for _, end in spans)]
    return ""
