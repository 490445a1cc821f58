"""Parts of the body that are told by number: ribs, and the rays of hand and foot: "left fifth rib" → rib 5.

A ray is the same part whatever it is called: "second metacarpal", "2nd MCP joint" and "index finger" are ray 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from dictation.findings.measurement import measurements_in, read_number
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token, normal_form
from dictation.lexicon import rows

JOINTS = frozenset({"-", "–", "/", "to", "through", "thru", "and", ",", "or"})
THROUGH = frozenset({"-", "–", "to", "through", "thru"})  # joints of a range: all that lies between is named, too
_ORDINALS = {
    word: number
    for number, word in enumerate(
        (
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
            "twelfth",
        ),
        1,
    )
}  # fmt: skip
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_ENDINGS = frozenset({"st", "nd", "rd", "th"})
_RIBS = 12
_PARTS = frozenset({"fracture", "head", "base", "shaft", "neck"})  # between what is counted and its number
_SIZE = 4  # words of a number and its unit
_BETWEEN = 3  # words between the number and what is counted: "fifth proximal interphalangeal joint"


@dataclass(frozen=True, slots=True)
class Level:
    """Tokens [start, end) name levels, in the order of the text."""

    start: int
    end: int
    names: tuple[str, ...]


def whole(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The whole number at `at`, and the token after it."""
    if at >= len(tokens):
        return None
    number = read_number(tokens, at)
    return (int(number[0]), number[1]) if number and number[0] == int(number[0]) else None


def ordinal(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """ "fifth" or "5th" at `at`, and the token after it."""
    if at >= len(tokens):
        return None
    if tokens[at].norm in _ORDINALS:
        return _ORDINALS[tokens[at].norm], at + 1
    number = whole(tokens, at) if tokens[at].is_number else None
    if number and 1 <= number[0] <= _RIBS and number[1] < len(tokens) and tokens[number[1]].norm in _ENDINGS:
        return number[0], number[1] + 1
    return None


def _roman(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """ "IV" at `at`, and the token after it; no "I" that a word follows, which may be the speaker."""
    if at >= len(tokens) or tokens[at].text not in _ROMAN:
        return None
    is_speaker = tokens[at].text == "I" and at + 1 < len(tokens) and tokens[at + 1].norm.isalpha()
    return None if is_speaker and tokens[at + 1].norm not in JOINTS else (_ROMAN.index(tokens[at].text) + 1, at + 1)


@cache
def _counted() -> dict[str, tuple[str, int]]:
    """Word → what it counts, and how many there are."""
    return {
        normal_form(term.strip()): (row["part"], int(row["last"]))
        for row in rows("counted_parts")
        for term in row["terms"].split("|")
        if row["number"] == "-"
    }


@cache
def _named() -> Phrases[str]:
    return Phrases(
        (term, f"{row['part']} {row['number']}")
        for row in rows("counted_parts")
        for term in row["terms"].split("|")
        if row["number"] != "-"
    )


@cache
def counting_words() -> frozenset[str]:
    """The words with which a numbered part may begin."""
    names = (term for row in rows("counted_parts") if row["number"] != "-" for term in row["terms"].split("|"))
    return frozenset({*_ORDINALS, *_counted(), *(normal_form(name.split()[0]) for name in names)})


def named_part(tokens: Sequence[Token], start: int) -> Level | None:
    """ "index finger", "great toe"."""
    match = _named().longest_at(tokens, start)
    return Level(start, match.end, (match.meaning,)) if match else None


def counted_parts(tokens: Sequence[Token], start: int) -> Level | None:
    """ "5th and 6th ribs", "ribs 5 through 7", "fifth rib", "base of the second metacarpal"."""
    counted = _counted().get(tokens[start].norm)
    if counted:
        return _numbered_behind(tokens, start, *counted)
    numbers: list[int] = []
    end = start
    while found := ordinal(tokens, end):
        _add(numbers, found[0], tokens[end - 1])
        end = found[1]
        while end < len(tokens) and tokens[end].norm in JOINTS:
            end += 1
    for at in range(end, min(len(tokens), end + _BETWEEN + 1)) if numbers else ():
        counted = _counted().get(tokens[at].norm)
        if counted:
            part, last = counted
            return Level(start, end, tuple(f"{part} {number}" for number in numbers)) if max(numbers) <= last else None
        if not tokens[at].norm.isalpha() or tokens[at].norm in ("of", "in", "at", "on", "is", "are", "with"):
            return None  # "distal third of the metatarsal"
    return None


def _add(numbers: list[int], number: int, joint: Token) -> None:
    """One more, and those between where `joint`, the word before it, makes a range: "ribs 5 through 7"."""
    if numbers and joint.norm in THROUGH:
        numbers += range(numbers[-1] + 1, number)
    numbers.append(number)


def _numbered_behind(tokens: Sequence[Token], start: int, part: str, last: int) -> Level | None:
    numbers: list[int] = []
    end = start + 1 + (start + 1 < len(tokens) and tokens[start + 1].norm in _PARTS)
    if measurements_in("", tokens[end : end + _SIZE]):
        return None  # "rib fracture, 4 mm displaced"
    while number := whole(tokens, end) or _roman(tokens, end):
        if not 1 <= number[0] <= last:
            break
        _add(numbers, number[0], tokens[end - 1])
        end = number[1]
        if end < len(tokens) - 1 and tokens[end].norm in JOINTS and (whole(tokens, end + 1) or _roman(tokens, end + 1)):
            end += 1
    return Level(start, end, tuple(f"{part} {number}" for number in numbers)) if numbers else None
