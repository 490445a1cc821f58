"""Numbers with units: "three by two centimeters" → "3 x 2 cm", "five to six millimeters" → "5 to 6 mm".

A range keeps its "to", because "5-6 mm" could be read as minus six. Values and units are never converted. A number that
stands beside another number ("five six millimeters") may have lost its point or its "to": it stays as heard. "minus"
right after a number, a unit, "plus" or "or" is no sign: "plus or minus three millimeters" is a tolerance.
"""

from dataclasses import dataclass

from dictation.wording.cues import cue_words
from dictation.wording.numbers import DIGITS, SCALES, TENS, Number, is_number, read_mixed, read_number, read_sum
from dictation.wording.pieces import Pieces
from dictation.wording.units import ReadUnit, Unit, last_words, read_unit

BY = frozenset({"by", "x"})
SPANS = frozenset({"to", "through", "thru"})

_NO_SIGN_AFTER = frozenset({"or", "plus", "take", "and", "by", "x", "±", "+"})

_NOUN_POINTS = cue_words("noun_point")
"""Words before "point" that make it a noun: "at this point two centimeters" does not say 0.2 cm."""

_PLACES = cue_words("place")
"""Words after a distance: in "a point two centimeters above the carina" the point is a place."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """`text` as written; `is_adjectival`: the unit was said in the singular, as before a noun."""

    text: str
    end: int
    is_adjectival: bool
    first: Number


@dataclass(frozen=True, slots=True)
class _Part:
    joiner: str
    number: Number
    text: str
    unit: ReadUnit | None
    end: int


def read_quantity(pieces: Pieces, start: int) -> Quantity | None:
    """Read a number, a dimension or a range that ends with its unit; None where no unit closes it."""
    parts: list[_Part] = []
    at, joiner, complete = start, "", 0
    while part := _read_part(pieces, at, joiner):
        if part.unit and not _agrees(parts, part.unit.unit):
            break
        parts.append(part)
        at = part.end
        if part.unit:
            complete = len(parts)
        following = pieces.word(at)
        has_span = any(known.joiner in (" to ", " through ", "-") for known in parts)
        if following in BY and len(parts) < 6:
            joiner, at = " x ", at + 1
        elif following in SPANS and not has_span:
            joiner, at = f" {'to' if following == 'to' else 'through'} ", at + 1
        elif pieces[at].glue == "-" and pieces[at].kind == "digits" and not has_span and not part.unit:
            joiner = "-"
        elif _is_dash(pieces, at) and not has_span and not part.unit:
            joiner, at = "-", at + 1
        else:
            break
    parts = parts[:complete]
    if not parts or parts[-1].unit is None or _is_doubtful(pieces, start, parts):
        return None
    text = "".join(p.joiner + (p.unit.unit.after(p.text) if p.unit else p.text) for p in parts)
    unit = parts[-1].unit
    if pieces.word(unit.end) == "and" and _is_part_after_unit(pieces, unit.end + 1):
        return None
    is_adjectival = unit.is_singular or pieces[unit.end - 1].glue == "-"
    return Quantity(text, parts[-1].end, is_adjectival, parts[0].number)


def read_bare_dimension(pieces: Pieces, start: int) -> tuple[str, int] | None:
    """Read "512 by 512" or "3.2 by 1.05" without a unit. "two by two" alone stays in words: it may be an idiom."""
    numbers: list[Number] = []
    at = start
    while len(numbers) < 4 and (number := read_number(pieces, at)):
        numbers.append(number)
        at = number.end
        if pieces.word(at) not in BY:
            break
        at += 1
    is_sure = len(numbers) > 2 or any(not number.is_small_count for number in numbers)
    if len(numbers) < 2 or not is_sure or len(numbers) > 3:
        return None
    return " x ".join(number.text for number in numbers), numbers[-1].end


def _is_dash(pieces: Pieces, at: int) -> bool:
    """A spoken dash, already a mark or still a word, with a number right after it: "five dash six millimeters"."""
    is_mark = pieces[at].kind == "mark" and pieces[at].text == "-"
    return (is_mark or pieces.word(at) in ("dash", "hyphen")) and is_number(pieces[at + 1])


def _agrees(parts: list[_Part], unit: Unit) -> bool:
    """A length is not joined to a time: "increased to 2 cm by 1 week"."""
    return all(known.unit is None or known.unit.unit.quantity == unit.quantity for known in parts)


def _read_part(pieces: Pieces, start: int, joiner: str) -> _Part | None:
    sign, at = "", start
    if joiner not in ("-", " x "):
        if pieces.word(at) == "minus" or (pieces.word(at) == "-" and pieces[at + 1].glue == ""):
            sign, at = "-", at + 1
        elif pieces.word(at) == "negative":
            sign, at = "negative", at + 1
    if sign and not joiner and not _may_be_signed(pieces, start):
        return None
    mixed = None if sign else read_mixed(pieces, at)
    if mixed and (read_unit(pieces, mixed.end) or (_is_joined(pieces, mixed.end) and read_sum(pieces, at))):
        number: Number | None = mixed
    else:
        number = read_number(pieces, at, allow_bare_point=True)
    if number is None:
        return None
    unit = read_unit(pieces, number.end)
    if sign == "negative":
        if unit is None or unit.unit.quantity not in ("attenuation", "temperature"):
            return None
        sign = "-"
    if unit and _is_ordinal(pieces, number, unit):
        return None
    return _Part(joiner, number, sign + number.text, unit, unit.end if unit else number.end)


def _is_part_after_unit(pieces: Pieces, at: int) -> bool:
    """ "one centimeter and a half" is 1.5 cm: it is left as heard rather than written as 1 cm and something."""
    at += pieces.word(at) in ("a", "one", "three")
    return pieces.word(at) in ("half", "quarter", "quarters")


def _may_be_signed(pieces: Pieces, at: int) -> bool:
    """Whether a "minus" at `at` can be a sign: in "ten minus three millimeters" it parts two numbers."""
    before = pieces[at - 1]
    is_after_size = before.kind == "word" and before.text in last_words()
    return not (is_number(before) or is_after_size or before.text in _NO_SIGN_AFTER)


def _is_joined(pieces: Pieces, at: int) -> bool:
    return pieces.word(at) in BY or pieces.word(at) in SPANS


def _is_ordinal(pieces: Pieces, number: Number, unit: ReadUnit) -> bool:
    """ "twenty second" may be the 22nd or twenty seconds."""
    last = pieces.word(number.end - 1)
    return unit.unit.symbol == "second" and number.spoken and (last in TENS or last in ("hundred", *SCALES))


def _is_doubtful(pieces: Pieces, start: int, parts: list[_Part]) -> bool:
    """Whether "point" is a place here, or the first number belongs to a fraction or a date as in "3 / 4 cm"."""
    before = pieces[start - 1]
    if before.text in ("/", "slash"):
        return True
    if pieces.word(start) == "point":
        if before.text in _NOUN_POINTS:
            return True
        if before.text in ("a", "the", "at") and pieces.word(parts[-1].end) in _PLACES:
            return True
    if pieces.word(start) in DIGITS and pieces.word(start + 1) == "point" and before.text == "at":
        return pieces.word(start) == "one" and pieces.word(parts[-1].end) in _PLACES
    return False
