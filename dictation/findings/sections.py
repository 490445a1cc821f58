"""Headings of a plain text: "FINDINGS:", "Impression:" on a line of their own or at the start of a sentence."""

import re
from dataclasses import dataclass
from functools import cache

from dictation.lexicon import rows


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
    pattern, names = _headings()
    found: list[SectionSpan] = []
    name: str | None = None
    start = 0
    for place in _STARTS.finditer(text):
        match = pattern.match(text, place.start()) if place.start() >= start else None
        if match is None:
            continue
        if match.start() > start or name is not None:
            found.append(SectionSpan(name, start, match.start()))
        name = names[" ".join(match["name"].lower().split())]
        start = match.end()
    found.append(SectionSpan(name, start, len(text)))
    return found
