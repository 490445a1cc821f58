"""Numbers and levels that cannot be, or that another number of the same text speaks against.

"50 mm nodule" beside "15 mm nodule", "at 4-5" beside "L3-L4", "L5-T1", "L12": a number or letter was misheard or lost.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from dictation.discrepancy.doubts.doubt import Doubt, Stretch
from dictation.lexicon import rows

_LAST = {"C": 7, "T": 12, "L": 6, "S": 5}  # L6: a lumbosacral transition; S numbers of sacral segments
NEXT = {"C7": "T1", "T12": "L1", "L5": "S1"}
_LEVEL = re.compile(
    r"\b([CTLS])(\d{1,2})(?:\s?[-\u2013/]\s?([CTLS])(\d{1,2}))?\b(?![.,]\d|\s?(?:mm|cm)\b)", re.IGNORECASE
)
_BARE = re.compile(
    r"\b(?:at|level of)\s+((\d{1,2})[-\u2013](\d{1,2}))\b(?![./-]\d|\s?(?:mm|cm|o'clock|%|weeks?|days?|months?))",
    re.IGNORECASE,
)
_SIZED = re.compile(
    r"\b(\d{2})\s?(?:mm|millimet\w+)\s+((?:[a-z-]+\s+){0,3}?)(nodule|mass|lesion|cyst|stone|calculus)\b", re.IGNORECASE
)


def level_doubts(text: str, sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """Doubts about the levels and about two sizes of one finding, over all sentences of a text."""
    levels = [
        (sentence, match) for sentence in sentences for match in _LEVEL.finditer(text, sentence.start, sentence.end)
    ]
    for _, match in levels:
        yield from _impossible(match)
    letters = {match[1].upper() for _, match in levels}
    for sentence in sentences:
        yield from _without_letter(text, sentence, letters)
    yield from _sizes(text, sentences)


def _impossible(match: re.Match[str]) -> Iterator[Doubt]:
    letter, number = match[1].upper(), int(match[2])
    first, second = f"{letter}{number}", f"{(match[3] or '').upper()}{match[4] or ''}"
    if first in NEXT and match[4] == "1" and second not in (NEXT[first], f"{letter}1"):
        yield _doubt(match.start(), match.end(), match[0], f"{first}-{NEXT[first]}")
    elif (
        number > _LAST[letter]
        and number <= _LAST["T"]
        and letter in "CL"
        and not match[3]
        and not (letter == "C" and number == 8)
    ):
        yield _doubt(match.start(), match.end(), match[0], f"T{number}")


def _without_letter(text: str, sentence: Stretch, letters: set[str]) -> Iterator[Doubt]:
    for match in _BARE.finditer(text, sentence.start, sentence.end):
        upper, lower = int(match[2]), int(match[3])
        if lower != upper + 1 and (upper, lower) != (5, 1):
            continue
        for letter in ("L", "C", "T"):
            if letter in letters and lower <= _LAST[letter]:
                end = f"S{lower}" if (upper, lower) == (5, 1) else f"{letter}{lower}"
                yield _doubt(match.start(1), match.end(1), match[1], f"{letter}{upper}-{end}")
                break


def _sizes(text: str, sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """A size whose rival in sound ("fifteen", "fifty") another sentence gives for a finding of the same name."""
    sizes = [match for sentence in sentences for match in _SIZED.finditer(text, sentence.start, sentence.end)]
    if len(sizes) < 2:
        return
    named = {(match[3].lower(), match[1]): match for match in reversed(sizes)}
    for (name, number), one in named.items():
        smaller = _teens().get(number)
        if smaller and (name, smaller) in named:
            yield _doubt(one.start(1), one.end(1), one[1], smaller)


@cache
def _teens() -> dict[str, str]:
    """The tens and the teens that sound like them: "50" → "15"."""
    pairs = {(row["word"], row["rival"]) for row in rows("rivals") if row["kind"] == "number"}
    return {
        tens: teen
        for teen, tens in pairs
        if tens.endswith("0") and tens.isdigit() and int(tens) == 10 * (int(teen) - 10)
    }


def _doubt(start: int, end: int, old: str, meant: str) -> Doubt:
    return Doubt(start, end, meant, f"Was \u201c{meant}\u201d said here, not \u201c{old}\u201d?")
