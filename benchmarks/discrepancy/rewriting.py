"""Sentences said otherwise: other words, other spelling, another form. Numbers, sides and negations stay.

Each rewriter takes a sentence and a random number generator and gives a sentence of the same meaning.
"""

import random
import re
from decimal import Decimal
from functools import cache

from benchmarks.discrepancy.vocabulary import rows

_SIZE = re.compile(r"\b(\d+(?:\.\d)?) (mm|cm)\b(?! x)(?<!x \d mm)(?<!x \d\.\d cm)(?<!x \d\.\d mm)(?<!x \d\d mm)")
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {"mm": "millimeters", "cm": "centimeters"}


@cache
def _rules(strength: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(old, re.IGNORECASE), new) for name, old, new in rows("rewrites") if name == strength)


def reworded(sentence: str, strength: str, chance: random.Random, share: float = 0.6) -> str:
    """The rules of a strength, each used with probability `share`."""
    for pattern, new in _rules(strength):
        if chance.random() < share:
            sentence = pattern.sub(new, sentence)
    return _tidy(sentence)


def _tidy(sentence: str) -> str:
    """A capital at the start, and no article or grade with a capital behind it."""
    sentence = re.sub(r"(?<=\s)(Mild|Moderate|Severe|Minimal|A|An)(?= [a-z])", lambda m: m[0].lower(), sentence)
    return sentence[:1].upper() + sentence[1:]


def number_word(number: int) -> str:
    """0 to 99 in words."""
    if number < len(_ONES):
        return _ONES[number]
    return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")


def spelled_out(sentence: str) -> str:
    """Sizes in words: "5 mm" -> "five millimeters", "1.2 cm" -> "one point two centimeters"."""

    def words(size: re.Match[str]) -> str:
        whole, _, part = size[1].partition(".")
        said = number_word(int(whole)) + (f" point {number_word(int(part))}" if part else "")
        follows = size.string[size.end() :]
        is_adjective = re.match(r" (?!in\b|and\b|above|below|of\b|to\b|at\b|from\b|with|over|on\b|or\b)[a-z]", follows)
        return f"{said} {_UNITS[size[2]][: -1 if is_adjective else None]}"

    return _tidy(_SIZE.sub(lambda m: words(m) if len(m[1].split(".")[0]) < 3 else m[0], sentence))


def other_unit(sentence: str) -> str:
    """The same sizes in the other unit: "12 mm" -> "1.2 cm"; sentences with several dimensions are left alone."""
    if re.search(r"\d\s*x\s*\d", sentence):
        return sentence
    factor = {"mm": (Decimal("0.1"), "cm"), "cm": (Decimal(10), "mm")}

    def converted(size: re.Match[str]) -> str:
        times, unit = factor[size[2]]
        return f"{(Decimal(size[1]) * times).normalize():f} {unit}"

    return _SIZE.sub(converted, sentence)
