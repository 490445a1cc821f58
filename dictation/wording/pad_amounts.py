"""Figures and units beside words that give way to others: none may lose its unit, or get another in silence.

"5 cm" with "8 mm" in place of "5" is "8 mm", not "8 mm cm"; "3 x 5 cm" with "8 mm" in place of "5 cm" would make
millimetres of the 3, and is refused.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from dictation.wording.numbers import read_number
from dictation.wording.pieces import Pieces
from dictation.wording.quantities import BY
from dictation.wording.tokens import Token
from dictation.wording.units import read_unit, units

FIGURE = r"(?<![\w.,/])\d+(?:[.,/]\d+)*"
_FIGURE = re.compile(FIGURE)
JOINT = re.compile(r"\s?(?:x|by|to|through|and|or|plus or minus|±|[-\u2013/])\s?", re.IGNORECASE)


class Amount(NamedTuple):
    """A figure at [start, stop) of a text, and the unit that it has: its own, or that of the figure joined to it."""

    start: int
    stop: int
    unit: str


def place_of(text: str, start: int, stop: int, new: str) -> tuple[int, int] | None:
    """Return what gives way to `new` where a person named [start, stop); None where an amount would be another.

    That is the named words, and the unit of their figure where `new` brings one.
    """
    old, following = text[start:stop], text[stop:]
    unit = _unit().match(following) if re.search(rf"{FIGURE}$", old) else None
    if unit and amounts(new)[-1:] and _ends_in_unit(new):
        stop += unit.end()
    elif unit and not re.search(rf"{FIGURE}$", new):
        return None
    after = text[:start] + new + text[stop:]
    return None if _is_changed(text, start, stop, after, len(after) - len(text) + stop) else (start, stop)


def _is_changed(text: str, start: int, stop: int, after: str, end: int) -> bool:
    """Whether an amount beside [start, stop) is another, now that [start, end) of `after` stands there, or is torn."""
    was, now = amounts(text), amounts(after)
    is_unit = _whole_unit(text[start:stop]) and _whole_unit(after[start:end])
    left = [one.unit for one in was if one.stop <= start], [one.unit for one in now if one.stop <= start]
    right = [one.unit for one in was if one.start >= stop], [one.unit for one in now if one.start >= end]
    if right[0] != right[1] or (left[0] != left[1] and not is_unit):
        return True
    had_unit = any(one.unit for one in was if start <= one.start < stop)
    if had_unit and not all(one.unit for one in now if start <= one.start < end):
        return True
    return len(_torn().findall(after)) > len(_torn().findall(text))


def amounts(text: str) -> list[Amount]:
    """The figures of a text with their units: "3 x 5 cm" is 3 cm and 5 cm."""
    found: list[Amount] = []
    for match in reversed(list(_FIGURE.finditer(text))):
        unit = _unit().match(text, match.end())
        joint = JOINT.match(text, match.end())
        symbol = unit["symbol"].lower() if unit else ""
        if not unit and joint and found and found[-1].start == joint.end():
            symbol = found[-1].unit
        found.append(Amount(match.start(), match.end(), symbol))
    return found[::-1]


def in_figures(words: Sequence[str]) -> str:
    """Words with their numbers in figures and their units as symbols: "five" -> "5". "" where there are none."""
    pieces = Pieces([Token(word) for word in words])
    written: list[str] = []
    at, is_any = 0, False
    while at < len(pieces):
        number = read_number(pieces, at, allow_bare_point=True) if pieces[at].first else None
        unit = read_unit(pieces, at) if pieces[at].first and number is None else None
        end = number.end if number else unit.end if unit else at + 1
        while not pieces[end - 1].last:
            end += 1
        is_by = pieces.word(at) in BY and written and written[-1][-1:].isdigit()
        heard = " ".join(words[pieces[at].token : pieces[end - 1].token + 1])
        written.append(number.text if number else unit.unit.symbol if unit else "x" if is_by else heard)
        is_any = is_any or bool(number or unit)
        at = end
    return re.sub(r"(?<=\d) (?=[%°])", "", " ".join(written)) if is_any else ""


def is_amount(text: str) -> bool:
    """True for text with a figure in it, or that is a unit."""
    return any(letter.isdigit() for letter in text) or _whole_unit(text)


def _ends_in_unit(text: str) -> bool:
    last = amounts(text)[-1]
    unit = _unit().match(text, last.stop)
    return unit is not None and unit.end() == len(text)


def _whole_unit(text: str) -> bool:
    return _unit().fullmatch(text) is not None


@cache
def _unit() -> re.Pattern[str]:
    """A unit as it is written or spoken, after a figure or by itself, and the space before it."""
    return re.compile(rf"[ \t-]?(?P<symbol>{_forms()})(?!\w)", re.IGNORECASE)


@cache
def _torn() -> re.Pattern[str]:
    """Two figures, or two units of one figure, with nothing between them."""
    forms = _forms()
    return re.compile(
        rf"(?={FIGURE}\s+(?:\d|(?:{forms})\s+(?:{forms})(?!\w)))|(?={FIGURE}[%°]\s?(?:\d|(?:{forms})(?!\w)))"
    )


@cache
def _forms() -> str:
    forms = {form for unit in units() for form in (unit.symbol, *unit.singular, *unit.plural)}
    return "|".join(map(re.escape, sorted(forms, key=lambda form: (-len(form), form))))
