"""Headings of a plain text: "FINDINGS:", "Impression:" on a line of their own or at the start of a sentence.

Of a text in small letters also "findings" and "impression" without a mark, as speech names them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dictation.lexicon import rows
from dictation.wording.typed import find_headings, is_transcript


@dataclass(frozen=True, slots=True)
class SectionSpan:
    """Characters [start, end) of one section's body; `name` None before the first heading."""

    name: str | None
    start: int
    end: int


_STARTS = re.compile(r"(?:\A|(?<=[.?!;\n]))")  # where a heading may begin, before its blanks


@cache
def _headings() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {row["spoken"].lower(): row["section"] for row in rows("section_names")}
    alternatives = "|".join(
        r"[ \t]+".join(re.escape(word) for word in name.split()) for name in sorted(names, key=len, reverse=True)
    )
    pattern = rf"[ \t]*(?P<name>{alternatives})[ \t]*(?::|(?=\r?\n)|\Z)"
    return re.compile(pattern, re.IGNORECASE), names


def sections_of(text: str) -> list[SectionSpan]:
    """The sections in order. Together with the headings they cover the text."""
    found: list[SectionSpan] = []
    name: str | None = None
    start = 0
    for at, end, named in sorted({*_marked(text), *_spoken(text)}):
        if at < start:
            continue
        if at > start or name is not None:
            found.append(SectionSpan(name, start, at))
        name, start = named, end
    found.append(SectionSpan(name, start, len(text)))
    return found


def _marked(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and section of each heading with its mark."""
    pattern, names = _headings()
    start = 0
    for place in _STARTS.finditer(text):
        match = pattern.match(text, place.start()) if place.start() >= start else None
        if match is not None:
            yield match.start(), match.end(), names[" ".join(match["name"].lower().split())]
            start = match.end()


def _spoken(text: str) -> Iterator[tuple[int, int, str]]:
    """The same of the headings of findings and impression in a text that is written as it was spoken."""
    if is_transcript(text):
        yield from (heading for heading in find_headings(text) if heading[2] in ("findings", "impression"))
