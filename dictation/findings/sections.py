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


@cache
def _headings() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {row["spoken"].lower(): row["section"] for row in rows("section_names")}
    alternatives = "|".join(
        r"[ \t]+".join(re.escape(word) for word in name.split()) for name in sorted(names, key=len, reverse=True)
    )
    pattern = rf"(?:^|(?<=[.?!;])|(?<=[.?!;][ \t])|(?<=\n))[ \t]*(?P<name>{alternatives})[ \t]*(?::|(?=\r?\n)|$)"
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE), names


def sections_of(text: str) -> list[SectionSpan]:
    """The sections in order. Together with the headings they cover the text."""
    pattern, names = _headings()
    found: list[SectionSpan] = []
    name: str | None = None
    start = 0
    for match in pattern.finditer(text):
        if match.start() > start or name is not None:
            found.append(SectionSpan(name, start, match.start()))
        name = names[" ".join(match["name"].lower().split())]
        start = match.end()
    found.append(SectionSpan(name, start, len(text)))
    return found
