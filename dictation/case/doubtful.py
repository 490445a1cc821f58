"""Dictated words of Findings and Impression that may be wrong: a person says yes to each before the report is signed.

Two columns that say the same wrong word show no difference; so what the recognizer was unsure of, what is no word at
all, and a sentence that breaks off are asked. Nothing is asked of what a person typed, changed, decided on or accepted.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Literal

from dictation.case.case import Case
from dictation.discrepancy.doubts.ear import is_weighty
from dictation.frozen import Frozen
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.lexicon.terms import collocations, is_known, terms
from dictation.report import Report, Statement
from dictation.wording import Dictation, Link, Sentence
from dictation.wording.soundalikes import SMALL_WORDS, is_unknown
from dictation.wording.unended import breaks_off

# Confidences below which a word is asked, set on the development recordings of benchmarks/doubtful_words.py.
UNSURE = 0.15  # a word of reports that stands beside one with which reports have it
UNSURE_APART = 0.7  # a word of reports in other company: what is misheard is mostly a word, and seldom fits
UNSURE_LONG = 0.1  # one of LONG letters or more: a recognizer is seldom sure of all its parts, and seldom makes one up
LONG = 10
UNSURE_ODD = 0.8  # an English word that reports do not use
_BODY = (None, "findings", "impression")
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_ID_LETTERS = 16
_QUESTIONS = {
    "unsure": "“{}”: check this word.",
    "unknown": "“{}” is no known word.",
    "cut off": "“{}” breaks off.",
}


class DoubtfulWord(Frozen):
    """Words that stand next to one another and are asked as one, or the last words of a sentence that breaks off.

    `id` names what was heard where, whatever is written around it; `words` names each of its words like that, so that
    one of them may change. `span` is where they stand in the dictation's text. `recording`, `start_s` and `end_s`
    play it, None where it has no sound. `statement` is the report's sentence that holds it.
    """

    id: str
    why: Literal["unsure", "unknown", "cut off"]
    text: str
    words: tuple[str, ...]
    span: tuple[int, int]
    statement: str
    recording: str = ""
    start_s: float | None = None
    end_s: float | None = None

    @property
    def question(self) -> str:
        """What is asked of it, in a sentence."""
        return _QUESTIONS[self.why].format(self.text)


def doubtful_words(
    case: Case, report: Report | None = None, vocabulary: Vocabulary = EMPTY_VOCABULARY
) -> tuple[DoubtfulWord, ...]:
    """Return what is asked of a case, in the order of the dictation, without what was decided on an alert about it.

    `report` is the report as it stands now, where that may be newer: a word that is not in it any more is not asked.
    """
    dictation, written = case.dictation, report or case.report
    own = {word.lower() for phrase in vocabulary.phrases for word in phrase.written.split()}
    settled = _settled(case)
    found: list[DoubtfulWord] = []
    for sentence in dictation.sentences:
        if sentence.origin == "macro" or sentence.section not in _BODY:
            continue
        offset = dictation.spans[sentence.id][0]
        holding = [
            one
            for one in written.statements
            if sentence.id in one.evidence and one.section in _BODY and one.origin != "suggested"
        ]
        for run, why in _runs(dictation, sentence, own, holding):
            start, stop = run[0].span[0], run[-1].span[1]
            span = (start + offset, stop + offset)
            if any(span[0] < end and begin < span[1] for begin, end in settled):
                continue
            text = sentence.text[start:stop].strip(" .,:;?!")
            holder = _holder(sentence, run[0], holding) or holding[0]
            found.append(_question(dictation, run, why, text, span, holder))
        found += _cut_off(dictation, sentence, holding)
    return tuple(found)


def _settled(case: Case) -> list[tuple[int, int]]:
    """Characters of the dictation on which somebody decided, by an alert that asks about just these words."""
    decided = {one.discrepancy_id for one in case.decisions}
    asked = [one for one in case.discrepancies if one.kind == "critical_word" and one.id in decided]
    return [one.heard.span for one in asked if one.heard is not None and one.heard.span is not None]


def _runs(
    dictation: Dictation, sentence: Sentence, own: Collection[str], holding: Sequence[Statement]
) -> Iterator[tuple[list[Link], Literal["unsure", "unknown"]]]:
    """Doubtful words of a sentence that are in the report, those that stand next to one another together."""
    run: list[Link] = []
    is_none = False
    for link in sentence.alignment:
        if not _WORD.search(sentence.text[slice(*link.span)]):
            continue
        why = _doubt(dictation, sentence, link, own) if _holder(sentence, link, holding) else None
        if why:
            run.append(link)
            is_none |= why == "unknown"
            continue
        if run:
            yield run, "unknown" if is_none else "unsure"
        run, is_none = [], False
    if run:
        yield run, "unknown" if is_none else "unsure"


def _doubt(
    dictation: Dictation, sentence: Sentence, link: Link, own: Collection[str]
) -> Literal["unsure", "unknown"] | None:
    words = _WORD.findall(sentence.text[slice(*link.span)])
    if not link.words or link.corrected or all(word.lower() in own for word in words):
        return None
    if any(is_unknown(word) for word in words):
        return "unknown"
    confidence = min((c for i in link.words if (c := dictation.words[i].confidence) is not None), default=1.0)
    before, after = _beside(sentence.text[: link.span[0]], -1), _beside(sentence.text[link.span[1] :], 0)
    limits = [_limit(word.lower(), before, after) for word in words if matters(word)]
    return "unsure" if confidence < max(limits, default=0.0) else None


def _beside(text: str, place: int) -> str:
    """The nearest word of a sentence that is no small one, "" where there is none."""
    words = [word for word in _WORD.findall(text.lower()) if word not in SMALL_WORDS]
    return words[place] if words else ""


def _limit(word: str, before: str, after: str) -> float:
    if is_weighty(word):
        return UNSURE  # a side, a "no" stands beside anything
    if not is_known(word) and not all(is_known(part) or part.isdigit() for part in word.split("-")):
        return UNSURE_ODD
    if len(word) >= LONG:
        return UNSURE_LONG
    is_apart = word.isalpha() and (before, word) not in _company() and (word, after) not in _company()
    return UNSURE_APART if is_apart else UNSURE


@cache
def _company() -> frozenset[tuple[str, str]]:
    """Two words that stand together in reports, with no more than small ones between them."""
    phrases = [
        [word for word in phrase.lower().split() if word not in SMALL_WORDS] for phrase in (*terms(), *collocations())
    ]
    return frozenset(pair for words in phrases for pair in pairwise(words))


def matters(word: str) -> bool:
    """Whether a wrong word changes what is said; a "the" for an "a" does not."""
    lower = word.lower()
    return is_weighty(lower) or (len(lower) > 2 and lower not in SMALL_WORDS)


def _cut_off(dictation: Dictation, sentence: Sentence, holding: Sequence[Statement]) -> Iterator[DoubtfulWord]:
    links = [link for link in sentence.alignment if link.words and _WORD.search(sentence.text[slice(*link.span)])]
    words = list(_WORD.finditer(sentence.text))
    if not links or not breaks_off(sentence.text) or links[-1].span[1] < words[-1].end():
        return  # nothing was said there, or a person typed its end
    text = sentence.text.rstrip(" .,:;?!")
    holder = next((one for one in holding if breaks_off(one.text)), None)
    if holder is not None:
        yield _question(dictation, links[-3:], "cut off", text, dictation.spans[sentence.id], holder)


def _holder(sentence: Sentence, link: Link, holding: Sequence[Statement]) -> Statement | None:
    """The first of these statements that has the words of a link."""
    words = re.escape(sentence.text[slice(*link.span)].strip(" .,:;?!"))
    pattern = re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
    return next((one for one in holding if pattern.search(one.text)), None)


def _question(
    dictation: Dictation,
    run: Sequence[Link],
    why: Literal["unsure", "unknown", "cut off"],
    text: str,
    span: tuple[int, int],
    holder: Statement,
) -> DoubtfulWord:
    numbers = [number for link in run for number in link.words]
    recording, heard = "", [dictation.words[number] for number in numbers]
    first = 0
    for transcript in dictation.transcripts:
        if first <= numbers[0] < first + len(transcript.words):
            recording = transcript.recording
            heard = [dictation.words[n] for n in numbers if first <= n < first + len(transcript.words)]
        first += len(transcript.words)
    starts = [word.start_s for word in heard if word.start_s is not None]
    ends = [word.end_s for word in heard if word.end_s is not None]
    start_s, end_s = (min(starts), max(ends)) if starts and ends else (None, None)
    ids = tuple(_id(why, recording, dictation.words[number].start_s, number, text) for number in numbers)
    return DoubtfulWord(
        id=ids[0], why=why, text=text, words=ids, span=span, statement=holder.id, recording=recording,
        start_s=start_s, end_s=end_s,
    )  # fmt: skip


def _id(why: str, recording: str, start_s: float | None, number: int, text: str) -> str:
    """What names one heard word, whatever is written around it; a sentence that breaks off is named by all it says."""
    said = (
        text.lower() if why == "cut off" else "",
        recording,
        f"{start_s:.2f}" if start_s is not None else f"#{number}",
    )
    return sha256("\n".join(said).encode()).hexdigest()[:_ID_LETTERS]
