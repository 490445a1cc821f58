"""Written figures back to spoken words: "3.2 x 1.05 cm" → "three point two by one point zero five centimeters".

The tests prove with it that no rule of the writing changes a value. The same text always gives the same words. Two ways
of speech: American "two hundred five", British "two hundred and five".
"""

import re
from functools import cache

from dictation.lexicon.tables import rows
from dictation.wording.cues import cue_words
from dictation.wording.dates import MONTHS
from dictation.wording.number_words import Speech, spell_integer, spell_ordinal
from dictation.wording.units import Unit, units

SPEECHES: tuple[Speech, ...] = ("american", "british")
_NUMBER = r"(?:(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
_LEVEL = r"[CTLS][0-9]{1,2}"
_JOINT = r"\s*(?:(?<![A-Za-z])(?:x|X|to)(?![A-Za-z])|×|-|–)\s*"


def spell(text: str, *, speech: Speech = "american") -> str:
    """Speak every figure of a text; all other text is returned unchanged.

    Spoken are dates, levels, scores, ages, quantities, ordinals and numbers in digits. Roman numerals are left alone.
    """
    return _figures().sub(lambda match: _spoken(match, speech), text)


@cache
def _score_names() -> dict[str, str]:
    """Written name in small letters → how it is said: the first spoken form, or its letters one by one."""
    names = {}
    for row in rows("scores"):
        written, spoken = row["written"], row["spoken"].split("|")[0].strip()
        is_letters = len(written) == 2 and written.isupper()
        names[written.lower()] = " ".join(written) if is_letters else written if spoken == "-" else spoken
    return names


@cache
def _unit_pattern() -> re.Pattern[str]:
    forms = "|".join(re.escape(form) for form in sorted(units_by_form(), key=len, reverse=True))
    return re.compile(rf"[\s-]?(?P<form>(?i:{forms}))(?![A-Za-z0-9])")


@cache
def _figures() -> re.Pattern[str]:
    months = "|".join(sorted({name.capitalize() for name in MONTHS}, key=len, reverse=True))
    scores = "|".join(re.escape(name) for name in sorted(_score_names(), key=len, reverse=True))
    unit = f"(?:{_unit_pattern().pattern.replace('?P<form>', '?:')})?"
    return re.compile(
        rf"""
        (?P<date>\b(?:{months})\.?\s+[0-9]{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)[0-9]{{2}}\b
            |\b[0-9]{{1,2}}\s+(?:{months})\s+(?:19|20)[0-9]{{2}}\b
            |\b(?:{months})\s+(?:19|20)[0-9]{{2}}\b)
        |(?P<score>\b(?i:{scores})(?:\s+(?:category|score|grade|type|of))*[\s-]+-?[0-9]+(?:\.[0-9]+)?[A-Z]?\b)
        |(?P<sum>\b[0-9]\s?\+\s?[0-9](?:\s?=\s?[0-9]{{1,2}})?\b)
        |(?P<level>\b{_LEVEL}(?:[-–/](?:{_LEVEL}|[0-9]{{1,2}}))*\b(?![.-][0-9]))
        |(?P<age>\b[0-9]+[\s-](?:year|month|week|day|hour)[\s-]old\b)
        |(?P<numeric>\b[0-9]{{1,4}}(?:[/:][0-9]{{1,4}})+\b)
        |(?P<ordinal>\b[1-9][0-9]?(?:st|nd|rd|th)\b)
        |(?P<quantity>(?<![\w.,/)-])[-−]?{_NUMBER}{unit}
            (?:{_JOINT}[-−]?{_NUMBER}{unit}){{0,5}}(?![0-9A-Za-z/]))
        |(?P<code>\b[A-Z][0-9]{{1,2}}\b)
        """,
        re.VERBOSE,
    )


def _spoken(match: re.Match[str], speech: Speech) -> str:
    text = match.group()
    if match.lastgroup == "date":
        return _spoken_date(text, speech)
    if match.lastgroup == "score":
        return _spoken_score(text, speech)
    if match.lastgroup == "level":
        return spell_level(text)
    if match.lastgroup == "quantity":
        return _spoken_quantity(text, match.string[match.end() :], speech)
    if match.lastgroup == "ordinal":
        return spell_ordinal(int(text[:-2]))
    if match.lastgroup == "numeric":
        return (" slash " if "/" in text else " ").join(_spoken_part(part, speech) for part in re.split("[/:]", text))
    return _digits_spoken(text.replace("-", " ").replace("+", " plus ").replace("=", " equals "), speech)


def _digits_spoken(text: str, speech: Speech) -> str:
    """Speak each number of a text that holds only words, letters and signless numbers."""
    return " ".join(re.sub(_NUMBER, lambda number: f" {spell_number(number[0], speech=speech)} ", text).split())


def _spoken_part(part: str, speech: Speech) -> str:
    is_year = len(part) == 4 and part[:2] in ("19", "20")
    return spell_year(int(part), speech=speech) if is_year else spell_number(part, speech=speech)


def _spoken_date(text: str, speech: Speech) -> str:
    words = []
    for part in text.replace(",", " ").replace(".", " ").split():
        digits = part.rstrip("stndrh") if part[0].isdecimal() else ""
        if not digits:
            words.append(MONTHS[part.lower()])
        else:
            words.append(spell_year(int(digits), speech=speech) if len(digits) == 4 else spell_ordinal(int(digits)))
    return " ".join(words)


def _spoken_score(text: str, speech: Speech) -> str:
    lower = text.lower()
    name = max((name for name in _score_names() if lower.startswith(name)), key=len)
    rest = re.sub(r"(?<=\s)-(?=[0-9])", "minus ", text[len(name) :])
    return f"{_score_names()[name]} {_digits_spoken(rest.replace('-', ' '), speech)}"


def _spoken_quantity(text: str, after: str, speech: Speech) -> str:
    """Speak numbers, units and what joins them, from left to right.

    A unit before a noun is said in the singular: "a five millimeter nodule".
    """
    following = re.match(r"\s+([a-z]+)", after)
    is_adjectival = following is not None and following[1] not in cue_words("plural_before")
    number, joint = re.compile(rf"[-−]?{_NUMBER}"), re.compile(_JOINT)
    words: list[str] = []
    at = 0
    while found := number.match(text, at):
        is_one = found[0] == "1" and not words
        words.append(spell_number(found[0], speech=speech))
        at = found.end()
        if unit := _unit_pattern().match(text, at):
            words.append(spell_unit(unit["form"], is_singular=is_one or is_adjectival))
            at = unit.end()
        if joined := joint.match(text, at):
            words.append("by" if joined[0].strip() in ("x", "X", "×") else "to")
            at = joined.end()
    return " ".join(words)


def spell_number(text: str, *, speech: Speech = "american") -> str:
    """A written number in words: "1.05", "1,200", "-5". Decimals are said digit by digit, zeros included.

    Raises ValueError where the text is no number.
    """
    match = re.fullmatch(r"([-−])?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.([0-9]+))?", text)
    if not match or not (match[2] or match[3]):
        raise ValueError(f"{text!r} is not a written number")
    words = spell_integer(int((match[2] or "0").replace(",", "")), speech=speech)
    decimals = f" point {' '.join(spell_integer(int(digit)) for digit in match[3])}" if match[3] else ""
    return ("minus " if match[1] else "") + words + decimals


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
