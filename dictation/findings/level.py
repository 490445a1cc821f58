"""Vertebral levels and ribs: "T12 to L2" → T12, L2; "L4-5" → L4, L5; "left fifth rib" → rib 5."""

from collections.abc import Sequence
from dataclasses import dataclass

from dictation.findings.measurement import measurements_in, read_number
from dictation.findings.tokens import Token

_LAST = {"c": 7, "t": 12, "l": 5, "s": 5}
_NAMES = {"cervical": "c", "thoracic": "t", "lumbar": "l", "sacral": "s"}
_ORDINALS = {
    word: number
    for number, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        1,
    )
}
_BEGINNINGS = frozenset({*_LAST, *_NAMES, *_ORDINALS, "rib"})  # words with which a level may begin
_ENDINGS = frozenset({"st", "nd", "rd", "th"})
_JOINTS = frozenset({"-", "–", "/", "to", "through", "thru", "and", ",", "or"})
_RIBS = 12
_UNIT = 4  # words behind a number that may make it a size: "l four five by six millimeter cyst"
_MR_CONTRASTS = frozenset({
    "weighted", "hyperintense", "hypointense", "isointense", "hyperintensity", "hypointensity", "signal", "bright",
    "dark", "flair", "shortening", "prolongation", "sequence", "image", "star",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """Tokens [start, end) name levels, in the order of the text."""

    start: int
    end: int
    names: tuple[str, ...]


def levels_in(tokens: Sequence[Token]) -> list[Level]:
    """All levels of one sentence, left to right."""
    found: list[Level] = []
    free = 0
    for position, token in enumerate(tokens):
        if position < free or not (token.norm in _BEGINNINGS or token.is_number):
            continue
        level = _vertebrae(tokens, position) or _ribs(tokens, position)
        if level:
            found.append(level)
            free = level.end
    return found


def _whole(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    if at >= len(tokens):
        return None
    number = read_number(tokens, at)
    return (int(number[0]), number[1]) if number and number[0] == int(number[0]) else None


def _vertebra(tokens: Sequence[Token], at: int, letter: str | None) -> tuple[str, int, str] | None:
    """One level at `at`, the token after it, and its letter. With `letter`, a bare number continues it."""
    if at >= len(tokens):
        return None
    word = tokens[at].norm
    if word in _LAST or word in _NAMES:
        own = _NAMES.get(word, word)
        number = _whole(tokens, at + 1 + (word in _LAST and _is_hyphenated(tokens, at)))
        if (
            number
            and not _is_no_level(tokens, number[1], own)
            and 1 <= number[0] <= _LAST[own]
            and (word in _NAMES or tokens[at].end >= tokens[number[1] - 1].start - 1 or _is_hyphenated(tokens, at))
        ):
            return f"{own.upper()}{number[0]}", number[1], own
        return None
    if letter:
        number = _whole(tokens, at)
        if number and 1 <= number[0] <= _LAST[letter]:
            return f"{letter.upper()}{number[0]}", number[1], letter
    return None


def _is_hyphenated(tokens: Sequence[Token], at: int) -> bool:
    """ "T-12" is written without blanks around its hyphen."""
    if at + 2 >= len(tokens) or tokens[at + 1].norm not in ("-", "–"):
        return False
    return tokens[at].end == tokens[at + 1].start and tokens[at + 1].end == tokens[at + 2].start


def _is_no_level(tokens: Sequence[Token], end: int, letter: str) -> bool:
    """Whether T and a figure are a tumor stage ("T3 N2 M0") or an MR contrast ("T2 hyperintense")."""
    if letter != "t" or end >= len(tokens):
        return False
    following = tokens[end].norm
    is_stage = following == "n" and end + 1 < len(tokens) and (tokens[end + 1].is_number or tokens[end + 1].norm == "x")
    return is_stage or following in _MR_CONTRASTS


def _next_down(tokens: Sequence[Token], at: int, level: str) -> tuple[str, int] | None:
    """The next level down where no mark parts it and it begins no quantity: "l four five", "C6 7"."""
    number = _whole(tokens, at)
    if number is None or number[0] != int(level[1:]) + 1 or number[0] > _LAST[level[0].lower()]:
        return None
    return None if measurements_in("", tokens[at : number[1] + _UNIT]) else (f"{level[0]}{number[0]}", number[1])


def _vertebrae(tokens: Sequence[Token], start: int) -> Level | None:
    first = _vertebra(tokens, start, None)
    if first is None:
        return None
    names, end, letter = [first[0]], first[1], first[2]
    while True:
        while bare := _next_down(tokens, end, names[-1]):
            names.append(bare[0])
            end = bare[1]
        joint = end < len(tokens) and tokens[end].norm in _JOINTS
        close = end < len(tokens) and tokens[end].norm in ("-", "–", "/", "through", "to")
        following = _vertebra(tokens, end + (1 if joint else 0), letter if close else None)
        if following is None or (not joint and following[2] == letter):
            break
        names.append(following[0])
        end, letter = following[1], following[2]
    return Level(start, end, tuple(names))


def _ordinal(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    if at >= len(tokens):
        return None
    if tokens[at].norm in _ORDINALS:
        return _ORDINALS[tokens[at].norm], at + 1
    number = _whole(tokens, at) if tokens[at].is_number else None
    if number and 1 <= number[0] <= _RIBS and number[1] < len(tokens) and tokens[number[1]].norm in _ENDINGS:
        return number[0], number[1] + 1
    return None


def _ribs(tokens: Sequence[Token], start: int) -> Level | None:
    """ "5th and 6th ribs", "ribs 5 through 7", "fifth rib"."""
    numbers: list[int] = []
    if tokens[start].norm == "rib":
        end = start + 1
        while number := _whole(tokens, end):
            if not 1 <= number[0] <= _RIBS:
                break
            numbers.append(number[0])
            end = number[1]
            if end < len(tokens) - 1 and tokens[end].norm in _JOINTS and _whole(tokens, end + 1):
                end += 1
        return Level(start, end, tuple(f"rib {number}" for number in numbers)) if numbers else None
    end = start
    while ordinal := _ordinal(tokens, end):
        numbers.append(ordinal[0])
        end = ordinal[1]
        while end < len(tokens) and tokens[end].norm in _JOINTS:
            end += 1
    between = [token.norm for token in tokens[end : end + 3]]
    if numbers and "rib" in between:
        return Level(start, end, tuple(f"rib {number}" for number in numbers))
    return None
