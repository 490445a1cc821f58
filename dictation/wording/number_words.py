"""Numbers in spoken words, in American ("two hundred five") or British speech ("and")."""

from typing import Literal

Speech = Literal["american", "british"]

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


def spell_ordinal(value: int) -> str:
    """5 → "fifth", 23 → "twenty third". Range 1 to 99."""
    head, _, last = spell_integer(value).rpartition(" ")
    ending = _IRREGULAR.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{head} {ending}".strip()
