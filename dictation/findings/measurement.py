"""Measurements in one to three dimensions: "1.2 x 0.9 cm" → 12 and 9 mm. Spoken numbers are read as well.

A number without a unit is no measurement, save inside "3 x 4 cm", where the unit of a later number holds for all, in
"was five, now seven millimeters", and in "eight by four by five", which are centimetres. "Eight into four" is India's
"eight by four"; of "C5 by 2 mm" the five is a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal

from dictation.findings.claim import Measurement
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Match, Phrases
from dictation.findings.tokens import Token, normal_form, tokenise
from dictation.lexicon import rows
from dictation.wording.numbers import NUMBER_WORDS, parse_number

Kind = Literal["size", "distance", "attenuation", "volume", "other"]
_NUMBER_WORDS = NUMBER_WORDS | {"point", "half"}
_INSIDE = _NUMBER_WORDS | {"and", "oh", "o", "quarter"}  # words that may stand in a number
_MAX_WORDS = 9  # of one spoken number; "one hundred and twenty three point four five" has nine
_DIGITS, _TENS, _MOST_MM = range(1, 10), range(10, 100), 400  # of "one forty"; "five ten" may have lost its "to"
_CENTIMETRE, _MOST_CENTIMETRES = Decimal(10), 10  # dimensions without a unit: "eight by four by five"
BY = frozenset({"x", "by", "×", "*", "into"})
_RANGE = frozenset({"to", "-", "–"})
_DISTANCE = frozenset({
    "above", "below", "from", "beyond", "distal", "proximal", "superior", "inferior", "cephalad", "caudal",
    "away", "over", "past", "to", "cranial", "rostral", "short",
})  # fmt: skip
_MINUS = frozenset({"-", "–", "−", "minus", "negative"})
_AFTER_LABEL = frozenset({"of", "is", "was", "=", ":", "measures", "measure", "max", "approximately", "about", "to"})
_LABEL_REACH = 3  # words between a label and its number
_EARLIER_REACH = 10  # words between a size and "previously", with what it measures
_ML_OF_LITRE, _LITRE_REACH = Decimal(1000), 4
_FLUIDS = frozenset({"drained", "removed", "aspirated", "evacuated", "withdrawn", "drain", "output", "drainage"})
_NOT_LONG = frozenset({"suv", "score", "rad", "ratio", "index", "grade", "stage", "category", "hu"})
EARLIER_WORDS = frozenset({  # what stands behind these was so before
    "previously", "formerly", "was", "were", "prior", "previous", "originally", "earlier", "initially",
})  # fmt: skip
_LESS = frozenset({"than", "under", "below", "per", "half", "nearly", "almost"})  # before a unit: no size
_TODAY = frozenset({"now", "currently", "today", "current", "presently"})
_YEARS = range(1900, 2101)  # "from 51 mm in 2022 to 56 mm"
_DATE_MARKS = frozenset({"/", "-"})
_EARLIER = frozenset({"previously", "formerly", "from", "was", "were"})
_NOW = frozenset({",", "now", "to", "and", "currently", "today", "is"})
_AFTER = frozenset(["previously", "before", "formerly", "earlier", "prior", "originally"])


@dataclass(frozen=True, slots=True)
class Quantity:
    """Tokens [start, end) are one measurement."""

    start: int
    end: int
    measurement: Measurement


_SIZES = frozenset({"length", "area", "volume", "attenuation", "angle", "proportion", "velocity", "pressure"})
"""Quantities that describe a finding; times, doses and frequencies describe the examination or the plan."""


@cache
def _units() -> Phrases[tuple[str, Decimal | None]]:
    """Unit → what it measures, and its length in mm."""
    return Phrases(
        (form, (row["quantity"], None if row["mm"] == "-" else Decimal(row["mm"])))
        for row in rows("units")
        for column in ("plural", "singular")
        for form in cell(row[column])
        if form != "-" and row["quantity"] in _SIZES
    )


def _litres(tokens: Sequence[Token], at: int) -> Match[tuple[str, Decimal | None]] | None:
    """The unit of "4.2 L of fluid" and "0.6 L drained"; "rib 4 L" and "2 L nodules" tell a side."""
    if at >= len(tokens) or tokens[at].text != "L":
        return None
    behind = [token.norm for token in tokens[at + 1 : at + 1 + _LITRE_REACH]]
    before = {token.norm for token in tokens[max(0, at - _LITRE_REACH) : at]}
    is_told = behind[:1] == ["of"] or "." in tokens[at - 1].norm or bool(_FLUIDS & {*behind, *before})
    if not is_told or behind[:1] == ["/"] or (behind and behind[0].isdecimal()) or before & _number_labels():
        return None
    return Match(at, at + 1, ("volume", _ML_OF_LITRE))


def read_number(tokens: Sequence[Token], start: int) -> tuple[Decimal, int] | None:
    """The longest number that begins at `start`, in digits or words, and the token after it."""
    token = tokens[start]
    if token.is_number and not (start + 1 < len(tokens) and tokens[start + 1].norm == "point"):
        return Decimal(token.norm.replace(",", "")), start + 1
    if not may_be_number(token):
        return None
    last = start + 1
    while last < min(start + _MAX_WORDS, len(tokens)) and (tokens[last].norm in _INSIDE or tokens[last].is_number):
        last += 1
    for end in range(last, start, -1):
        if tokens[end - 1].norm in ("and", "point"):
            continue
        value = parse_number([part.text.lower() for part in tokens[start:end]])
        if value is not None:
            return value, end
    return None


def _told_in_hundreds(tokens: Sequence[Token], start: int) -> tuple[Decimal, int] | None:
    """ "One forty millimeters", and the token after it. "Two thirty millimeter nodules" may be two of them."""
    before = tokens[start - 1] if start else None
    if start + 2 >= len(tokens) or (before and (before.norm in _number_labels() or may_be_number(before))):
        return None
    first, second = read_number(tokens, start), read_number(tokens, start + 1)
    if first is None or second is None or tokens[start].is_number or tokens[start + 1].is_number:
        return None
    unit = _units().longest_at(tokens, second[1]) if second[1] < len(tokens) else None
    if unit is None or not tokens[unit.start].text.lower().endswith("s"):
        return None
    value, (quantity, scale) = 100 * first[0] + second[0], unit.meaning
    is_told = first[1] == start + 1 and first[0] in _DIGITS and second[0] in _TENS
    is_possible = quantity != "length" or (scale is not None and value * scale <= _MOST_MM)
    return (value, second[1]) if is_told and is_possible else None


@cache
def _number_labels() -> frozenset[str]:
    """Words before a number that is a name and no amount: "station 7"."""
    return frozenset(normal_form(row["label"]) for row in rows("number_labels"))


def may_be_number(token: Token) -> bool:
    """Whether a number may begin with it."""
    return token.norm in _NUMBER_WORDS or token.is_number


def measurements_in(text: str, tokens: Sequence[Token]) -> list[Quantity]:
    """All measurements of one sentence, left to right."""
    found: list[Quantity] = []
    labels, free = _unitless(), 0
    for position, token in enumerate(tokens):
        is_label, is_number = labels.begins(token.norm), may_be_number(token)
        if position < free or not (is_label or is_number or token.has_article):
            continue
        quantity = _read_labelled(text, tokens, position) if is_label else None
        if quantity is None and is_number:
            quantity = _read(text, tokens, position) or _read_ahead(text, tokens, position)
        if quantity is None and token.has_article:
            quantity = _read_one(text, tokens, position)
        if quantity is None and is_number and found:
            quantity = _read_earlier(text, tokens, position, found[-1])
        if quantity:
            found.append(quantity)
            free = quantity.end
    return _in_time(tokens, found)


def _read_one(text: str, tokens: Sequence[Token], start: int) -> Quantity | None:
    """One whole unit: "back a centimeter", "a centimeter and a half"; "less than a centimeter" is no size."""
    unit = _units().longest_at(tokens, start)
    if unit is None or unit.meaning[0] != "length" or text[: tokens[start].start].split()[-1:] not in (["a"], ["an"]):
        return None
    if start > 0 and tokens[start - 1].norm in _LESS:
        return None
    end, value = unit.end, Decimal(1)
    if [token.norm for token in tokens[end : end + 2]] == ["and", "half"]:
        end, value = end + 2, Decimal("1.5")
    return _build(text, tokens, start, end, [value], [unit.meaning[1]], "length")


def _read_ahead(text: str, tokens: Sequence[Token], start: int) -> Quantity | None:
    """A size told earlier whose unit comes with the size now: "was five now seven millimeters", "from 5 to 7 mm"."""
    if start == 0 or tokens[start - 1].norm not in _EARLIER:
        return None
    number = read_number(tokens, start)
    at = number[1] if number else start
    while number and at < len(tokens) and tokens[at].norm in _NOW:
        at += 1
    if number is None or at in (number[1], len(tokens)):
        return None
    later = read_number(tokens, at)
    unit = _units().longest_at(tokens, later[1]) if later else None
    if unit is None or unit.meaning[0] != "length":
        return None
    return _build(text, tokens, start, number[1], [number[0]], [unit.meaning[1]], "length")


def _read_earlier(text: str, tokens: Sequence[Token], start: int, last: Quantity) -> Quantity | None:
    """A size told earlier that takes the unit of the size now: "4.8 cm, previously 4.5"."""
    if start == 0 or tokens[start - 1].norm not in _EARLIER:
        return None
    is_said = tokens[start - 1].norm in _AFTER  # "4.8 cm in transverse diameter, previously 4.5"
    if start - last.end > (_EARLIER_REACH if is_said else _LABEL_REACH):
        return None
    if any(token.norm in _NOT_LONG for token in tokens[last.end : start]):
        return None  # "mass 3.2 cm with SUV previously 4.5"
    number, unit = read_number(tokens, start), _units().longest_at(tokens, last.end - 1)
    if number is None or unit is None or unit.end != last.end or unit.meaning[0] != "length":
        return None
    following = tokens[number[1]].norm if number[1] < len(tokens) else "."
    is_sure = number[0] % 1 != 0  # nothing is counted so
    if (following[0].isalnum() and not is_sure) or following in _DATE_MARKS:
        return None  # "previously 2 nodules", "from 1/15/2024"
    return _build(text, tokens, start, number[1], [number[0]], [unit.meaning[1]], "length")


@cache
def _unitless() -> Phrases[str]:
    return Phrases((term, row["figure"]) for row in rows("unitless") for term in cell(row["terms"]))


def _read_labelled(text: str, tokens: Sequence[Token], start: int) -> Quantity | None:
    """A number that needs no unit because its label says what it measures: "ratio is 1.4", "SUV of 12"."""
    label = _unitless().longest_at(tokens, start)
    if label is None:
        return None
    position = label.end
    while position < len(tokens) and position - label.end < _LABEL_REACH and tokens[position].norm in _AFTER_LABEL:
        position += 1
    is_signed = position < len(tokens) - 1 and tokens[position].norm in _MINUS
    position += is_signed
    number = read_number(tokens, position) if position < len(tokens) else None
    if number is None or _units().longest_at(tokens, number[1]):
        return None
    is_share = label.meaning == "fraction" and 0 < number[0] <= 1  # a ratio of 0.6 is 60 %
    quantity = "attenuation" if label.meaning == "attenuation" else "unitless"  # "HU 8" is said for "8 HU"
    return _build(text, tokens, position, number[1], [number[0] * 100 if is_share else number[0]], [None], quantity)


def _is_negative(tokens: Sequence[Token], start: int) -> bool:
    """Whether a minus stands before the number, and not the dash of a range: "minus 10", "-10", but not "5-10"."""
    if start == 0 or tokens[start - 1].norm not in _MINUS:
        return False
    sign = tokens[start - 1]
    if sign.norm.isalpha():
        return True
    is_tight = sign.end == tokens[start].start
    return is_tight and (start == 1 or not (tokens[start - 2].is_number and tokens[start - 2].end == sign.start))


def _read(text: str, tokens: Sequence[Token], start: int) -> Quantity | None:
    values: list[Decimal] = []
    scales: list[Decimal | None] = []
    is_name = start > 0 and tokens[start - 1].norm.isalpha() and tokens[start - 1].end == tokens[start].start
    position, quantity_name, is_range, unit_end = start, "", False, 0
    is_course = start > 0 and tokens[start - 1].norm == "from"  # "from 12 mm to 15 mm" is two sizes
    while len(values) < 3 and position < len(tokens):
        number = _told_in_hundreds(tokens, position) or read_number(tokens, position)
        if number is None:
            break
        value, position = number
        values.append(value)
        unit_at = position + 1 if position < len(tokens) - 1 and tokens[position].norm == "-" else position
        unit = _units().longest_at(tokens, unit_at) or _litres(tokens, unit_at)
        scales.append(None)
        if unit:
            quantity_name, scales[-1] = unit.meaning
            position = unit_end = unit.end
        if position >= len(tokens) - 1:
            break
        joint = tokens[position].norm
        if joint in BY and not is_range and not (is_name and tokens[start - 1].norm not in BY):
            position += 1
        elif (
            joint in _RANGE
            and len(values) == 1
            and not is_course
            and value not in _YEARS
            and read_number(tokens, position + 1)
        ):
            position, is_range = position + 1, True
        else:
            break
    if len(values) > 1 and not unit_end and not is_range and max(values) < _MOST_CENTIMETRES:
        return _build(text, tokens, start, position, values, [_CENTIMETRE] * len(values), "length")
    if not values or not unit_end:
        return None
    if scales[-1] is None and quantity_name == "length" and unit_end < position:
        return (
            None if len(values) == 1 else _build(text, tokens, start, unit_end, values[:-1], scales[:-1], quantity_name)
        )
    if is_range and len(values) == 1:
        is_range = False
    return _build(text, tokens, start, unit_end, values, scales, quantity_name)


def _build(
    text: str,
    tokens: Sequence[Token],
    start: int,
    end: int,
    values: list[Decimal],
    scales: list[Decimal | None],
    quantity: str,
) -> Quantity:
    scale: Decimal | None = None
    millimetres: list[float] = []
    for value, own in zip(reversed(values), reversed(scales), strict=True):
        scale = own if own is not None else scale  # "3 x 4 cm": the last unit holds for those before it
        millimetres.insert(0, float(value * scale) if scale is not None else float(value))
    if quantity in ("attenuation", "unitless") and _is_negative(tokens, start):
        start -= 1
        millimetres[0] = -millimetres[0]
    span = (tokens[start].start, tokens[end - 1].end)
    kind: Kind = "other"
    if quantity == "length":
        kind = "distance" if len(values) == 1 and _is_distance(tokens, end) else "size"
    elif quantity in ("attenuation", "volume"):
        kind = "attenuation" if quantity == "attenuation" else "volume"
    return Quantity(
        start, end, Measurement(values_mm=tuple(millimetres), raw=text[span[0] : span[1]], kind=kind, span=span)
    )


def _is_distance(tokens: Sequence[Token], end: int) -> bool:
    """Whether what follows a length says from what it is measured; "12 mm from 8 mm" says what it was before."""
    following = [token.norm for token in tokens[end : end + 2]]
    is_course = following[:1] == ["from"] and len(following) > 1 and tokens[end + 1].is_number
    return bool(following) and following[0] in _DISTANCE and not is_course


def _in_time(tokens: Sequence[Token], found: list[Quantity]) -> list[Quantity]:
    """Mark what was measured earlier: "previously 4 mm", "compared to 4 mm", "4 mm before"."""
    timed: list[Quantity] = []
    for quantity in found:
        floor = max((other.end for other in found if other.end <= quantity.start), default=0)
        before = [token.norm for token in tokens[max(floor, quantity.start - 4) : quantity.start]]
        after = [token.norm for token in tokens[quantity.end : quantity.end + 2]]
        is_earlier = (
            bool(EARLIER_WORDS.intersection(before))
            or ("compared" in before and ("to" in before or "with" in before))
            or (floor > 0 and bool({"versus", "vs"}.intersection(before) or "from" in before[-2:]))
            or (
                bool(_AFTER.intersection(after[: 0 if after[:1] in ([","], ["("]) else 2]))
                and not _leads(tokens, quantity)
            )
            or after == ["on", "prior"]
        )
        following = next((other.start for other in found if other.start >= quantity.end), 0)
        is_course = (
            following > 0 and tokens[following - 1].norm == "to" and _names_time(tokens[quantity.end : following])
        )
        if before[-1:] == ["from"] and (after[:1] == ["to"] or is_course):
            is_earlier = True  # "increased from 4 mm to 6 mm", "from 4 mm in 2022 to 6 mm"
        if is_earlier:
            kind = quantity.measurement.kind
            kind = "size" if kind == "distance" else kind  # "from 4 mm" measures no way
            measurement = quantity.measurement.model_copy(update={"temporality": "historical", "kind": kind})
            quantity = Quantity(quantity.start, quantity.end, measurement)
        timed.append(quantity)
    return timed


def _names_time(tokens: Sequence[Token]) -> bool:
    """Whether a year or an earlier exam is named: "from 51 mm in 2022 to 56 mm", not "from 2 cm in the apex to 3"."""
    return any(
        token.norm in EARLIER_WORDS or (token.is_number and token.norm.isdecimal() and int(token.norm) in _YEARS)
        for token in tokens
    )


def _leads(tokens: Sequence[Token], quantity: Quantity) -> bool:
    """Whether the "previously" behind a size belongs to the next one: "8 mm previously 6 mm"."""
    at = quantity.end
    number = read_number(tokens, at + 1) if tokens[at].norm in _EARLIER and at + 1 < len(tokens) else None
    return number is not None and not any(token.norm in _TODAY for token in tokens[number[1] : number[1] + 3])


def shares_in(tokens: Sequence[Token]) -> list[Match[tuple[float, ...]]]:
    """The shares that are told as a fraction, with the percentages that may be written for each: "half", "a third"."""
    return _fractions().find(tokens)


@cache
def _fractions() -> Phrases[tuple[float, ...]]:
    return Phrases(
        (term, tuple(map(float, cell(row["percent"])))) for row in rows("fractions") for term in cell(row["words"])
    )


@lru_cache(maxsize=10_000)
def figures_of(raw: str) -> tuple[float, ...]:
    """The numbers of a measurement as written, without their unit, in order of size: "1.2 x 0.9 cm" → 0.9, 1.2."""
    tokens = tokenise(raw)
    values: list[float] = []
    position = 0
    while position < len(tokens):
        number = read_number(tokens, position)
        if number:
            values.append(float(number[0]))
        position = number[1] if number else position + 1
    return tuple(sorted(values))
