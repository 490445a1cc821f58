"""Dates with a named month: "november fifth twenty twenty six" → "November 5, 2026", British "5 November 2026".

A date in numbers alone ("3/4/2026", "three four twenty six") may mean two days. It is never rewritten; its tokens stay
words. A century is never invented: "november five twenty six" stays as heard.
"""

from dataclasses import dataclass
from typing import Literal

from dictation.wording.cues import cue_words
from dictation.wording.numbers import DIGITS, TEENS, TENS, is_number, read_number
from dictation.wording.pieces import Figure, Pieces
from dictation.wording.quantities import read_quantity
from dictation.wording.units import read_unit

Spelling = Literal["american", "british"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MONTHS = {name.lower(): name for name in _MONTHS} | {name[:3].lower(): name for name in _MONTHS} | {"sept": "September"}
UNSURE = frozenset({"may", "march", "mar"})
"""Months that are also verbs: "may second the finding". They need a year, or a word that announces a date."""

_ANNOUNCING = cue_words("announces_date")

_FIRST_TO_NINTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TENTH_TO_NINETEENTH = (
    "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth",
    "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
)  # fmt: skip
_ORDINALS = {word: value for value, word in enumerate(_FIRST_TO_NINTH + _TENTH_TO_NINETEENTH, 1)}
_TENTHS = {"twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60}
_TENTHS |= {"seventieth": 70, "eightieth": 80, "ninetieth": 90}
ORDINAL_WORDS = frozenset({*_ORDINALS, *_TENTHS})
_SUFFIXES = ("st", "nd", "rd", "th")


@dataclass(frozen=True, slots=True)
class _Day:
    value: int
    end: int
    is_ordinal: bool


def read_ordinal(pieces: Pieces, start: int) -> tuple[int, int] | None:
    """Read "fifth", "twenty third", "23rd": 1 to 99, and where it ends."""
    piece = pieces[start]
    if piece.kind == "digits":
        suffix = pieces[start + 1]
        if piece.text.isdecimal() and len(piece.text) < 3 and suffix.text in _SUFFIXES and suffix.glue == "":
            return int(piece.text), start + 2
        return None
    if piece.kind != "word":
        return None
    if piece.text in TENS and pieces.word(start + 1) in _FIRST_TO_NINTH:
        return TENS[piece.text] + _ORDINALS[pieces.word(start + 1)], start + 2
    value = _ORDINALS.get(piece.text) or _TENTHS.get(piece.text)
    return (value, start + 1) if value else None


def suffixed(value: int) -> str:
    """23 → "23rd"."""
    is_teen = 10 < value % 100 < 14
    return f"{value}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


def read_year(pieces: Pieces, start: int) -> tuple[int, int] | None:
    """Read a year from 1900 to 2099 with its century: "twenty twenty six", "two thousand six", "nineteen oh five"."""
    piece = pieces[start]
    if piece.kind == "digits":
        is_year = len(piece.text) == 4 and piece.text.isdecimal() and piece.text[:2] in ("19", "20") and piece.last
        return (int(piece.text), start + 1) if is_year else None
    century = {"nineteen": 1900, "twenty": 2000}.get(piece.text) if piece.kind == "word" else None
    if century:
        within = _year_in_century(pieces, start + 1)
        if within:
            return century + within[0], within[1]
    number = read_number(pieces, start)
    if number and number.spoken and (number.value == 1900 or 2000 <= number.value < 2100) and number.text.isdecimal():
        return int(number.text), number.end
    return None


def _year_in_century(pieces: Pieces, at: int) -> tuple[int, int] | None:
    if pieces.word(at) in ("oh", "o") and pieces.word(at + 1) in DIGITS:
        return DIGITS[pieces.word(at + 1)], at + 2
    if pieces.word(at) in DIGITS:
        return None
    number = read_number(pieces, at)
    if number and number.spoken and 10 <= number.value < 100 and number.text.isdecimal():
        return int(number.text), number.end
    return None


def read_date(pieces: Pieces, start: int, spelling: Spelling) -> Figure | None:
    """Read a date that names its month. None where there is none, Figure(None, …) where it must stay as heard."""
    if pieces.word(start) in MONTHS:
        return _read_month_first(pieces, start, spelling)
    if pieces.word(start) == "the":
        ordinal = read_ordinal(pieces, start + 1)
        return _read_day_first(pieces, start + 1, spelling) if ordinal else None
    return _read_day_first(pieces, start, spelling) or _read_numeric(pieces, start)


def _read_day(pieces: Pieces, start: int) -> _Day | None:
    ordinal = read_ordinal(pieces, start)
    if ordinal:
        return _Day(ordinal[0], ordinal[1], True) if 1 <= ordinal[0] <= 31 else None
    piece = pieces[start]
    if piece.kind == "digits":
        is_day = piece.text.isdecimal() and len(piece.text) < 3 and 1 <= int(piece.text) <= 31
        return _Day(int(piece.text), start + 1, False) if is_day else None
    if piece.kind != "word":
        return None
    value, end = DIGITS.get(piece.text) or TEENS.get(piece.text) or 0, start + 1
    if piece.text in TENS:
        unit = DIGITS.get(pieces.word(start + 1), 0)
        value, end = TENS[piece.text] + unit, start + 1 + bool(unit)
    return _Day(value, end, False) if 1 <= value <= 31 else None


def _read_month_first(pieces: Pieces, start: int, spelling: Spelling) -> Figure | None:
    month = MONTHS[pieces.word(start)]
    has_article = pieces.word(start + 1) == "the"
    at = start + 1 + has_article
    announced = pieces.word(start) not in UNSURE or pieces.word(start - 1) in _ANNOUNCING
    year = None if has_article else read_year(pieces, at)
    if year and not _is_more(pieces, year[1]):
        return Figure(f"{month} {year[0]}", year[1])
    day = _read_day(pieces, at)
    if day is None or (has_article and not day.is_ordinal):
        return None
    year = read_year(pieces, day.end)
    if year and not _is_more(pieces, year[1]):
        return Figure(_written(day.value, month, year[0], spelling), year[1])
    if _is_more(pieces, day.end) and not (day.is_ordinal and read_quantity(pieces, day.end)):
        return Figure(None, _end_of_numbers(pieces, day.end))
    has_later_year = pieces[day.end].text == "," and read_year(pieces, day.end + 1) is not None
    if not (announced or has_later_year) or _is_counted(pieces, day.end):
        return None
    if day.is_ordinal:
        return Figure(_written(day.value, month, None, spelling), day.end)
    return Figure(f"{month} {day.value}", day.end)


def _read_day_first(pieces: Pieces, start: int, spelling: Spelling) -> Figure | None:
    day = _read_day(pieces, start)
    if day is None:
        return None
    at = day.end + (pieces.word(day.end) == "of")
    month_word = pieces.word(at)
    if month_word not in MONTHS or (at > day.end and not day.is_ordinal):
        return None
    year = read_year(pieces, at + 1)
    if year and not _is_more(pieces, year[1]):
        return Figure(_written(day.value, MONTHS[month_word], year[0], spelling), year[1])
    if _is_more(pieces, at + 1):
        return Figure(None, _end_of_numbers(pieces, at + 1))
    if month_word in UNSURE and not (day.is_ordinal and at > day.end):
        return None
    return Figure(_written(day.value, MONTHS[month_word], None, spelling), at + 1)


def _read_numeric(pieces: Pieces, start: int) -> Figure | None:
    """A date in figures, "3/4/2026" or "three slash four slash twenty six", is left as heard."""
    at, slashes = start, 0
    while number := read_number(pieces, at):
        at = number.end
        if not (pieces[at].text in ("/", "-") or pieces.word(at) == "slash" or pieces[at].glue == "-"):
            break
        slashes += 1
        at += pieces[at].glue != "-"
    return Figure(None, _end_of_numbers(pieces, at)) if slashes > 1 else None


def _is_more(pieces: Pieces, at: int) -> bool:
    """A number goes on after the year or day, or a unit makes its last part a size: "march twenty [24 mm]"."""
    if pieces[at - 1].kind == "word" and at > 1 and is_number(pieces[at - 1]) and _is_size(pieces, at):
        return True
    return is_number(pieces[at]) and pieces[at].glue == " "


def _is_size(pieces: Pieces, at: int) -> bool:
    unit = read_unit(pieces, at)
    return unit is not None and unit.unit.quantity == "length"


def _end_of_numbers(pieces: Pieces, at: int) -> int:
    while is_number(pieces[at]) or not pieces[at].first:
        at += 1
    return at


def _is_counted(pieces: Pieces, at: int) -> bool:
    """A unit follows, so the number was no day: "in march 5 mm"."""
    return read_unit(pieces, at) is not None or pieces.word(at) in ("point", "by", "x")


def _written(day: int, month: str, year: int | None, spelling: Spelling) -> str:
    if spelling == "british":
        return f"{day} {month}" + (f" {year}" if year else "")
    return f"{month} {day}" + (f", {year}" if year else "")
