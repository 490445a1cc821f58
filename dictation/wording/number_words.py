"""Numbers, units and spinal levels in spoken words, in American ("two hundred five") or British speech ("and")."""

import re
from functools import cache
from typing import Literal

from dictation.wording.units import Unit, units

Speech = Literal["american", "british"]
SPEECHES: tuple[Speech, ...] = ("american", "british")

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_IRREGULAR = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
_IRREGULAR |= {"twelve": "twelfth"}


def spell_integer(value: int, *, speech: Speech = "american") -> str:
    """0 to 999,999,999 in words. Raises ValueError outside that range."""
    if not 0 <= value < 1_000_000_000:
        raise ValueError(f"{value} is outside 0 to 999,999,999")
    joint = " and " if speech == "british" else " "
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10] + (f" {_ONES[value % 10]}" if value % 10 else "")
    if value < 1_000:
        rest = value % 100
        return f"{_ONES[value // 100]} hundred" + (joint + spell_integer(rest) if rest else "")
    scale, name = (1_000_000, "million") if value >= 1_000_000 else (1_000, "thousand")
    rest = value % scale
    head = f"{spell_integer(value // scale, speech=speech)} {name}"
    if not rest:
        return head
    return head + (joint if rest < 100 else " ") + spell_integer(rest, speech=speech)


def spell_number(text: str, *, speech: Speech = "american") -> str:
    """A written number in words: "1.05", "1,200", "-5". Decimals are said digit by digit, zeros included.

    Raises ValueError where the text is no number.
    """
    match = re.fullmatch(r"([-−])?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.([0-9]+))?", text)
    if not match or not (match[2] or match[3]):
        raise ValueError(f"{text!r} is not a written number")
    words = spell_integer(int((match[2] or "0").replace(",", "")), speech=speech)
    decimals = f" point {' '.join(_ONES[int(digit)] for digit in match[3])}" if match[3] else ""
    return ("minus " if match[1] else "") + words + decimals


def spell_ordinal(value: int) -> str:
    """5 → "fifth", 23 → "twenty third". Range 1 to 99."""
    head, _, last = spell_integer(value).rpartition(" ")
    ending = _IRREGULAR.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{head} {ending}".strip()


def spell_year(year: int, *, speech: Speech = "american") -> str:
    """1900 to 2099 as a year: "twenty twenty six", "two thousand six", "nineteen oh five"."""
    century, rest = divmod(year, 100)
    if 2000 <= year < 2010:
        return spell_integer(year, speech=speech)
    if not rest:
        return f"{spell_integer(century)} hundred"
    return f"{spell_integer(century)} {'oh ' if rest < 10 else ''}{spell_integer(rest)}"


def spell_unit(symbol: str, *, is_singular: bool = False) -> str:
    """The first spoken form of a unit: "mm" → "millimeters". Raises KeyError for a symbol not in `units.tsv`."""
    unit = units_by_form()[symbol.lower()]
    if unit.symbol in ("°", "%"):
        return {"°": "degrees", "%": "percent"}[unit.symbol]
    if is_singular and unit.singular:
        return unit.singular[0]
    return (unit.plural or unit.singular)[0]


@cache
def units_by_form() -> dict[str, Unit]:
    """Symbol and every spoken or written form in small letters → unit."""
    found: dict[str, Unit] = {}
    for unit in units():
        for form in (unit.symbol, *unit.singular, *unit.plural):
            found.setdefault(form.lower(), unit)
    return found


_BORDERS = (("C", "T"), ("T", "L"), ("L", "S"))


def spell_level(text: str) -> str:
    """A spinal level, pair or span in words.

    "L4-L5" → "L four five", "L5-S1" → "L five S one", "T8-T10" → "T eight to T ten". "T1/T2" may be two sequences and
    keeps both letters. Raises ValueError where the text is no level.
    """
    words: list[str] = []
    letter, number = "", 0
    for part in re.split(r"[-–/]", text):
        match = re.fullmatch(r"([A-Z]?)([0-9]+)", part)
        if not match or not (match[1] or letter):
            raise ValueError(f"{text!r} is not a spinal level")
        name, value = match[1] or letter, int(match[2])
        is_next = name == letter and value == number + 1
        is_border = (letter, name) in _BORDERS and value == 1
        if words and not is_next and not is_border:
            words.append("to")
        is_short = is_next and text != "T1/T2"
        words.append(spell_integer(value) if is_short else f"{name} {spell_integer(value)}")
        letter, number = name, value
    return " ".join(words)
