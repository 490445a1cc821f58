"""What was dictated without marks, cut where it goes on to another section or organ: each statement a sentence.

A recognizer that writes no full stops makes one sentence of a whole report, which would stand under its first organ.
No word is changed or lost. A sentence whose statements all belong to one place stays whole.
"""

import re
from calendar import month_abbr, month_name
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from dictation.findings import extract
from dictation.findings.run_on import statements_in
from dictation.lexicon import rows
from dictation.report.concern import is_news
from dictation.report.organs import WORD, key_words
from dictation.report.place import Place, places, states
from dictation.report.template import OTHER, Template
from dictation.wording import Dictation, Sentence
from dictation.wording.sections import heading_context

Span = tuple[int, int]  # characters [start, end) of a sentence
_LONGEST = 2_000  # characters of an unmarked sentence in which statements are looked for at a time
_MONTHS = frozenset(name.lower() for names in (month_name, month_abbr) for name in names if name)
_YEAR = re.compile(r"(?:19|20)\d\d")


def in_statements(dictation: Dictation, template: Template) -> Dictation:
    """Return a dictation whose sentences each belong to one place of a template.

    The first part of a sentence that is cut keeps its id ("s3"); the others are called after it ("s3.2").
    """
    spans = {sentence.id: _spans(sentence) for sentence in dictation.sentences}
    if all(len(own) == 1 for own in spans.values()):
        return dictation
    parts = [part for one in dictation.sentences for part in _cut(one, spans[one.id])]
    where = places(parts, template)
    goes_along = {part.id for part in parts if where[part.id].organ == OTHER and not _says_news(part.text)}
    cut: list[Sentence] = []
    for sentence in dictation.sentences:
        own, at = spans[sentence.id], list[Place]()
        for number in range(1, len(own) + 1):  # "no free air no free fluid": a denial of no organ stays where it is
            id = _id(sentence, number)
            at.append(at[-1] if at and id in goes_along and at[-1].section == "findings" else where[id])
        cut += _cut(sentence, _joined(own, at))
    return dictation.model_copy(update={"sentences": tuple(cut)})


def _says_news(text: str) -> bool:
    return any(is_news(claim) for claim in extract(text))


def prepared(dictation: Dictation, template: Template, organs: Mapping[str, str]) -> Dictation:
    """Return a dictation in statements, those under the heading that a person chose for them by their text."""
    cut = in_statements(dictation, template)
    if not organs:
        return cut
    chosen = tuple(one.model_copy(update={"organ": organs.get(one.text)}) for one in cut.sentences)
    return cut.model_copy(update={"sentences": chosen})


def _id(sentence: Sentence, number: int) -> str:
    return sentence.id if number == 1 else f"{sentence.id}.{number}"


def _spans(sentence: Sentence) -> list[Span]:
    """The statements of a sentence, without the blanks around them."""
    text = sentence.text
    starts = [0, *_starts(text, sentence.section), len(text)]
    return [
        (low + len(text[low:high]) - len(text[low:high].lstrip()), low + len(text[low:high].rstrip()))
        for low, high in pairwise(starts)
        if text[low:high].strip()
    ] or [(0, len(text))]


def _joined(spans: list[Span], where: list[Place]) -> list[Span]:
    """The spans, those joined that follow each other in one place."""
    found: list[Span] = []
    for number, (low, high) in enumerate(spans):
        if number and where[number] == where[number - 1]:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return found


def _cut(sentence: Sentence, spans: list[Span]) -> Iterator[Sentence]:
    """The parts of a sentence, each with the words behind it."""
    if len(spans) == 1:
        yield sentence
        return
    for number, (low, high) in enumerate(spans, 1):
        links = tuple(
            link.model_copy(update={"span": (link.span[0] - low, link.span[1] - low)})
            for link in sentence.alignment
            if low <= link.span[0] < high
        )
        part = {"id": _id(sentence, number), "text": sentence.text[low:high], "alignment": links}
        yield sentence.model_copy(update=part if number == 1 else {**part, "starts": "space"})


def _starts(text: str, section: str | None) -> list[int]:
    """Where the statements of a sentence begin, save the first."""
    at = _comparison_ends(text) if section == "comparison" else 0
    found = {at} - {0}
    while at < len(text):
        end = len(text) if len(text) - at <= _LONGEST else text.rfind(" ", at, at + _LONGEST)
        if end <= at:
            break
        starts = [at + low for low, _ in statements_in(text[at:end])[1:]]
        found.update(starts)
        at = starts[-1] if starts and end < len(text) else end
    return sorted(found)


def _comparison_ends(text: str) -> int:
    """Where a comparison goes on to what is found, behind its exams and dates: "none | the liver is enlarged".

    0 where it does not. A side, a number or a "no" before a finding belongs to that.
    """
    end, of_exam, is_behind_month = 0, False, False
    for word in WORD.finditer(text.lower()):
        (norm,) = key_words(word.group())
        role = _exam_words().get(norm, "")
        if _comparison_words().fullmatch(norm) or _YEAR.fullmatch(norm) or (norm.isdigit() and is_behind_month):
            end, of_exam = word.end(), False
        elif role == "modality" or (role in ("view", "region") and of_exam):
            end, of_exam = word.end(), True
        elif not (role or norm.isdigit() or norm == "no"):
            break
        is_behind_month = norm in _MONTHS
    return end + len(text[end:]) - len(text[end:].lstrip()) if end and states(text[end:]) else 0


@cache
def _comparison_words() -> re.Pattern[str]:
    return re.compile(heading_context("comparison_words"))


@cache
def _exam_words() -> dict[str, str]:
    return {word: row["role"] for row in rows("exam_words") for word in row["words"].split(" | ")}
