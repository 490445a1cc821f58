"""A written sentence → its words as a recognizer without punctuation writes them, and where each came from.

Lower case, no marks; numbers, sizes, levels and dates as they are spoken: "A 2.3 x 1.8 cm mass at L4-L5." ->
"a two point three by one point eight centimeter mass at l four l five". Nothing that a radiologist says is lost.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.discrepancy.case import Span
from benchmarks.discrepancy.numbers import ORDINALS
from benchmarks.discrepancy.rewriting import number_word

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_UNITS = {"mm": "millimeter", "cm": "centimeter", "ml": "milliliter", "cc": "cc", "mg": "milligram"}
_SHORT = {"s/p": "status post", "w/o": "without", "w/": "with", "vs": "versus"}
_SIGNS = {"%": "percent", "&": "and", "+": "plus", "<": "less than", ">": "greater than", "=": "equals", "#": "number"}
_NOUN_NEXT = r"-?\s?(?!(?:in|and|above|below|of|to|at|from|with|over|on|or|x|is|was|by|deep|long|wide|thick)\b)[A-Za-z]"


@dataclass(frozen=True)
class Spoken:
    """The spoken sentence; `pieces` are [start, end) of what was written beside [start, end) of what is said for it."""

    text: str
    pieces: tuple[tuple[Span, Span], ...]

    def span(self, start: int, end: int) -> Span:
        """Where the written characters [start, end) are said; where they are not, the empty place between words."""
        said = [out for written, out in self.pieces if written[0] < end and start < written[1]]
        if said:
            return said[0][0], said[-1][1]
        before = max((out[1] for written, out in self.pieces if written[1] <= start), default=0)
        return before, before


def spoken(sentence: str) -> Spoken:
    """How a sentence is said."""
    text, pieces = "", []
    for match in _PIECE.finditer(sentence):
        assert match.lastgroup
        words = _SAID[match.lastgroup](match)
        if words:
            text += " " if text else ""
            pieces.append((match.span(), (len(text), len(text) + len(words))))
            text += words
    return Spoken(text, tuple(pieces))


def _whole(number: int) -> str:
    if number >= 1000:
        rest = number % 1000
        return f"{_whole(number // 1000)} thousand" + (f" {_whole(rest)}" if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{number_word(number // 100)} hundred" + (f" {_whole(rest)}" if rest else "")
    return number_word(number).replace("-", " ")


def _year(number: int) -> str:
    if not 1900 <= number < 2100 or 2000 <= number < 2010:
        return _whole(number)
    return f"{_whole(number // 100)} {_whole(number % 100)}" if number % 100 else f"{_whole(number // 100)} hundred"


def _ordinal(number: int) -> str:
    if 0 < number <= len(ORDINALS):
        return ORDINALS[number - 1]
    if number < 20 or number % 10 == 0:
        return re.sub(r"y$", "ie", _whole(number)) + "th"
    return f"{_whole(number - number % 10)} {_ordinal(number % 10)}"


def _number(match: re.Match[str]) -> str:
    whole, _, part = match["number"].partition(".")
    if part:
        return f"{_whole(int(whole))} point " + " ".join(number_word(int(digit)) for digit in part)
    return _year(int(whole)) if len(whole) == 4 else _whole(int(whole))


def _date(match: re.Match[str]) -> str:
    month, day, year = (int(part) for part in match["date"].split("/"))
    if not 1 <= month <= 12:
        return " ".join(map(_whole, (month, day, year)))
    return f"{_MONTHS[month - 1]} {_ordinal(day)} {_year(year + 2000 if year < 100 else year)}"


def _level(match: re.Match[str]) -> str:
    said = [match["letter"].lower(), _whole(int(match["upper"]))]
    if match["lower"]:
        said += [match["second"].lower(), _whole(int(match["lower"]))]
    return " ".join(word for word in said if word)


def _unit(match: re.Match[str]) -> str:
    is_before_noun = re.match(_NOUN_NEXT, match.string[match.end() :])
    one = re.search(r"(?<![\d.])1\s*-?\s*$", match.string[: match.start()])
    name = _UNITS[match["unit"]]
    return name if is_before_noun or one or name == "cc" else name + "s"


_SAID: dict[str, Callable[[re.Match[str]], str]] = {
    "date": _date,
    "level": _level,
    "short": lambda m: _SHORT[m["short"].lower()],
    "ordinal": lambda m: _ordinal(int(m["ordinal"][:-2])),
    "number": _number,
    "range": lambda m: "to",
    "by": lambda m: "by",
    "unit": _unit,
    "sign": lambda m: _SIGNS[m["sign"]],
    "word": lambda m: m["word"].lower(),
}
_PIECE = re.compile(
    r"(?P<date>\b\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})\b)"
    r"|(?P<level>\b(?P<letter>[CTLS])(?P<upper>\d{1,2})(?:[-/](?P<second>[CTLS]?)(?P<lower>\d{1,2}))?\b)"
    r"|(?P<short>\bs/p\b|\bw/o\b|\bw/|\bvs\b)"
    r"|(?P<ordinal>\b\d{1,2}(?:st|nd|rd|th)\b)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<range>(?<=\d)\s?[-–]\s?(?=\d))"
    r"|(?P<by>\bx\b(?=\s?\d))"
    r"|(?P<unit>(?:(?<=\d)|(?<=\d[ -]))(?:mm|cm|ml|cc|mg)\b)"
    r"|(?P<sign>[%&+<>=#])"
    r"|(?P<word>[^\W\d_]+(?:['’][a-z]+)?)",
)
