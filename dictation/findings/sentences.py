"""Sentences of a text, by character. A semicolon ends one; a decimal point, a list number, an abbreviation do not.

What was dictated without any mark is cut into its statements (`run_on`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from dictation.findings.run_on import statements_in
from dictation.findings.sections import sections_of
from dictation.lexicon import rows
from dictation.wording.typed import is_procedure

_SPOKEN = r"(?<=\s)(?:period|full stop|(?:new|next) (?:paragraph|line))\b(?=\s|$)"
_END = rf"(?<![.?!;])[.?!;]++(?=[\s\"')\]]|$)|(?<=[a-z)])\.(?=[A-Z])|\n+|{_SPOKEN}"


@cache
def _ends() -> re.Pattern[str]:
    """Where a sentence ends; also before a capital that begins a new one although the full stop is missing."""
    starts = "|".join(sorted(row["word"] for row in rows("sentence_starts")))
    ends = rf"{_END}|(?<=[a-z])[ ](?=[A-Z])(?=(?:{starts})[ ][a-z])"
    return re.compile(rf"(?=[.?!;\n pfn])(?:{ends})")  # what any of them begins with: most characters are none


_ITEM = re.compile(r"\s*(?:\(?\d{1,2}[.)]|[-*•])(?=\s)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:vs|dr|approx|e\.g|i\.e|cf|ca|no|fig|st|resp|incl|rt|lt|bilat)|\b[A-Z])$", re.IGNORECASE
)
_TITLE = re.compile(r"\b(?:dr|drs|mr|mrs|ms|prof)$", re.IGNORECASE)  # a name follows
_SIDE = re.compile(r"rt|lt|r|l", re.IGNORECASE)  # by itself no sentence
_PREFACES = frozenset({"indication", "technique", "comparison"})  # one sentence each where no "findings" follows
_WORD = re.compile(r"[^\W_]")
LONGEST_SENTENCE = 3_000  # characters of what is still one sentence: no dictation has more without any mark
_STRETCH = 1_500  # characters of a sentence that are read at once
_OPEN_LINE = re.compile(r"[a-z,]$")


@dataclass(frozen=True, slots=True)
class SentenceSpan:
    """Characters [start, end) of one sentence, its id where the text has ids, and the section it stands in."""

    start: int
    end: int
    id: str | None = None
    section: str | None = None


@lru_cache(maxsize=8)  # a comparison asks several times for its columns
def sentences_of(text: str) -> tuple[SentenceSpan, ...]:
    """The sentences of a plain text in order, headings and list numbers left out."""
    found: list[SentenceSpan] = []
    sections = sections_of(text)
    for number, section in enumerate(sections):
        spans = [
            SentenceSpan(start, end, None, section.name) for start, end in _split(text, section.start, section.end)
        ]
        if section.name in _PREFACES and not any(later.name == "findings" for later in sections[number + 1 :]):
            spans[1:] = [replace(span, section="findings") for span in spans[1:]]
        if is_procedure(text[sections[number - 1].end if number else 0 : section.start], len(spans)):
            spans = [replace(span, section="findings") for span in spans]
        found.extend(spans)
    return tuple(found)


def parts_of(text: str, sentence: SentenceSpan) -> list[SentenceSpan]:
    """A given sentence or statement cut where it holds several sentences; id and section stay."""
    return [
        SentenceSpan(start, end, sentence.id, sentence.section)
        for start, end in _split(text, sentence.start, sentence.end)
    ]


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = start
    item = _ITEM.match(text, at, end)
    at = item.end() if item else at
    for match in _ends().finditer(text, start, end):
        stop = match.start()
        if stop < at:
            continue
        if match.group().startswith("\n"):
            if _is_wrapped(text, stop, match.end(), end, len(match.group())):
                continue
        elif match.group() == "." and (
            _TITLE.search(text, max(at, stop - 8), stop)
            or _SIDE.fullmatch(text[at:stop].strip())
            or (_ABBREVIATION.search(text, max(at, stop - 8), stop) and _continues(text, stop))
        ):
            continue
        _keep(found, text, at, stop)
        at = match.end()
        item = _ITEM.match(text, at, end)
        if item:
            at = item.end()
    _keep(found, text, at, end)
    return found


def _is_wrapped(text: str, stop: int, following: int, end: int, breaks: int) -> bool:
    """Whether a line break stands inside a sentence: a small letter or comma before it and a small letter after."""
    before = text[max(0, stop - 1) : stop].rstrip("\r")
    after = text[following:end].lstrip()
    return breaks == 1 and bool(_OPEN_LINE.search(before)) and after[:1].islower()


def _continues(text: str, stop: int) -> bool:
    """Whether what follows a full stop reads on: a small letter or a figure."""
    after = text[stop + 1 :].lstrip()
    return after[:1].islower() or after[:1].isdigit()


def _keep(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Add the sentence, one that was dictated without marks cut into its statements.

    What is too long to be one sentence is several: whatever is asked of a sentence takes time near the text's length.
    """
    start, end = _trimmed(text, start, end)
    for begin, stop in stretches_of(text, start, end) if end - start > LONGEST_SENTENCE else ((start, end),):
        begin, stop = _trimmed(text, begin, stop)
        for low, high in statements_in(text[begin:stop]):
            low, high = _trimmed(text, begin + low, begin + high)
            if has_word(text[low:high]):
                found.append((low, high))


def stretches_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Characters [start, end), cut at blanks where they are too many to be read at once."""
    while end - start > _STRETCH:
        blank = text.rfind(" ", start, start + _STRETCH)
        cut = blank if blank > start else start + _STRETCH
        yield start, cut
        start = cut
    yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the blanks at both ends, so that a sentence is searched once, as it will be read."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def has_word(text: str) -> bool:
    """Whether it has a letter or a figure at all."""
    return _WORD.search(text) is not None
