"""Spinal levels: "L four five" → "L4-L5", "T twelve" → "T12", "T eight to T ten" → "T8 to T10".

Levels are never sums and never ranges of millimetres: in "L four five millimeter anterolisthesis" the five belongs to
the millimetres. Two numbers become one disc level only where they are neighbours in the spine; anything else that has
no "to" or hyphen stays as heard, because "L three five" may be a span or a slip.
"""

from dataclasses import dataclass

from dictation.wording.cues import cue_words
from dictation.wording.numbers import DIGITS, SCALES, TEENS
from dictation.wording.pieces import Figure, Pieces
from dictation.wording.quantities import SPANS, read_quantity

COUNTS = {"c": 8, "t": 12, "d": 12, "l": 6, "s": 5}
"""Last level of each region: C8 is a root, L6 a variant, D the older British letter for thoracic."""

_LAST_SINGLE = COUNTS | {"s": 10}
"""S6 to S10 are segments of lung or liver, never pairs."""

_BORDERS = {("c7", "t1"), ("c8", "t1"), ("t12", "l1"), ("d12", "l1"), ("l5", "s1"), ("l6", "s1"), ("l5", "l6")}
_SEQUENCE_CUES = cue_words("sequence")
_SEGMENTS = cue_words("vessel_segment")
_SEQUENCES = {"T1", "T2"}
_HYPHEN_WORDS = frozenset({"dash", "hyphen"})


@dataclass(frozen=True, slots=True)
class _Level:
    letter: str
    number: int
    end: int
    has_letter: bool

    def __str__(self) -> str:
        return f"{self.letter.upper()}{self.number}"

    def is_above(self, other: "_Level") -> bool:
        """Whether `other` is the next level down."""
        if self.letter == other.letter:
            return other.number == self.number + 1
        return (str(self).lower(), str(other).lower()) in _BORDERS


def read_level(pieces: Pieces, start: int) -> Figure | None:
    """Read a level, a pair of neighbours or a span. None where no level letter with a possible number stands here."""
    glued_pair = _read_glued_pair(pieces, start)
    if glued_pair:
        return glued_pair
    first = _read_one(pieces, start, None)
    if first is None:
        return None
    if str(first) in _SEQUENCES and pieces.word(first.end) in _SEQUENCE_CUES:
        return Figure(str(first), first.end)
    return (
        _read_joined(pieces, first)
        or _read_span(pieces, first)
        or _read_neighbours(pieces, first)
        or Figure(str(first), first.end)
    )


def _number(pieces: Pieces, at: int) -> int | None:
    piece = pieces[at]
    if piece.kind == "digits":
        return int(piece.text) if piece.text.isdecimal() and len(piece.text) < 3 else None
    if piece.kind != "word" or pieces.word(at + 1) in ("hundred", *SCALES):
        return None
    return DIGITS.get(piece.text) or TEENS.get(piece.text)


def _read_one(pieces: Pieces, start: int, letter: str | None) -> _Level | None:
    """Read "L four", "L4", or, where `letter` is known from before, a number alone.

    A number that begins a quantity ("L 5 mm") or a decimal is no level, unless it is glued to its letter.
    """
    has_letter = pieces[start].kind == "word" and pieces[start].text in COUNTS
    if not has_letter and letter is None:
        return None
    name = pieces[start].text if has_letter else letter or ""
    at = start + has_letter
    if has_letter and _is_spoken_hyphen(pieces, at):
        at += 1
    number = _number(pieces, at)
    if number is None or not 1 <= number <= _LAST_SINGLE[name]:
        return None
    if pieces.word(at + 1) == "point" and (pieces[at + 2].kind == "digits" or pieces.word(at + 2) in DIGITS):
        return None
    if pieces[at].glue == " " and read_quantity(pieces, at):
        return None
    return _Level(name, number, at + 1, has_letter)


def _is_spoken_hyphen(pieces: Pieces, at: int) -> bool:
    """A hyphen said between a letter and its number: "T dash twelve", "T hyphen twelve"."""
    return (pieces[at].kind == "mark" and pieces[at].text == "-") or pieces.word(at) in _HYPHEN_WORDS


def _read_glued_pair(pieces: Pieces, start: int) -> Figure | None:
    """Recognizers write "L45" for "L four five". "L12" and "C12" stay: somebody may have said twelve."""
    letter, digits = pieces[start], pieces[start + 1]
    if letter.kind != "word" or letter.text not in COUNTS or digits.kind != "digits" or digits.glue:
        return None
    if len(digits.text) != 2 or not digits.text.isdecimal() or digits.text == "12" or digits.text[0] == "0":
        return None
    first, second = int(digits.text[0]), int(digits.text[1])
    if int(digits.text) <= COUNTS[letter.text] or second != first + 1 or second > COUNTS[letter.text]:
        return None
    if letter.text in "td" or not digits.last:
        return None
    return Figure(f"{letter.raw.upper()}{first}-{letter.raw.upper()}{second}", start + 2)


def _read_joined(pieces: Pieces, first: _Level) -> Figure | None:
    """Read on over hyphens and slashes: "L4-5", "L4/5", "L four dash five", "C5-6-7"."""
    levels = [first]
    while True:
        at = levels[-1].end
        sign, following = _joiner(pieces, at)
        if not sign:
            break
        last = levels[-1]
        level = _read_one(pieces, following, last.letter)
        if level is None or (sign == "/" and not last.is_above(level)) or (sign == "/" and _are_sequences(last, level)):
            break
        if not level.has_letter and (level.number <= last.number or level.number > COUNTS[level.letter]):
            break
        if len(levels) > 1 and not last.is_above(level):
            break
        levels.append(level)
    return Figure("-".join(map(str, levels)), levels[-1].end) if len(levels) > 1 else None


def _joiner(pieces: Pieces, at: int) -> tuple[str, int]:
    """The hyphen or slash at `at` and the piece after it; ("", at) where there is none."""
    if pieces[at].glue == "-":
        return "-", at
    if pieces[at].text == "-" or pieces.word(at) in _HYPHEN_WORDS:
        return "-", at + 1
    if pieces[at].text == "/" or pieces.word(at) == "slash":
        return "/", at + 1
    return "", at


def _read_span(pieces: Pieces, first: _Level) -> Figure | None:
    """Read "T8 to T10", "T twelve through L two", "T eight to ten"."""
    word = pieces.word(first.end)
    if word not in SPANS:
        return None
    second = _read_one(pieces, first.end + 1, first.letter)
    if second is None or _joiner(pieces, second.end)[0] or _neighbour(pieces, second):
        return None
    is_below = second.number > first.number and second.number <= COUNTS[first.letter]
    if not second.has_letter and not (is_below and _stands_alone(pieces, second.end)):
        return None
    return Figure(f"{first} {'to' if word == 'to' else 'through'} {second}", second.end)


def _stands_alone(pieces: Pieces, at: int) -> bool:
    """No further number follows, and no noun makes the last number a count ("L2 to three nodules" has neither)."""
    return pieces[at].kind != "digits" and pieces.word(at) not in DIGITS and pieces.word(at) not in TEENS


def _neighbour(pieces: Pieces, first: _Level) -> _Level | None:
    second = _read_one(pieces, first.end, first.letter)
    return second if second and first.is_above(second) else None


def _read_neighbours(pieces: Pieces, first: _Level) -> Figure | None:
    """Read two levels said one after the other: "L four five", "L five S one".

    Three full levels, or two of one region before "and" with one more, are a list of vertebrae and get no hyphen.
    "T1 T2" without a hyphen may be two sequences.
    """
    second = _neighbour(pieces, first)
    if second is None:
        return None
    if not second.has_letter:
        return Figure(f"{first}-{second}", second.end)
    third = _neighbour(pieces, second)
    if third and third.has_letter and not _neighbour(pieces, third):
        return Figure(f"{first} {second} {third}", third.end)
    if _are_sequences(first, second) or (first.letter == second.letter and _is_list(pieces, second)):
        return Figure(f"{first} {second}", second.end)
    return Figure(f"{first}-{second}", second.end)


def _are_sequences(first: _Level, second: _Level) -> bool:
    return {str(first), str(second)} == _SEQUENCES


def _is_list(pieces: Pieces, last: _Level) -> bool:
    if pieces.word(last.end) != "and":
        return False
    after = _read_one(pieces, last.end + 1, None)
    return after is not None and _neighbour(pieces, after) is None and not _joiner(pieces, after.end)[0]


def read_segment(pieces: Pieces, start: int) -> Figure | None:
    """Read a vessel segment: "M one segment" → "M1". The letter must be a capital, and the word must follow."""
    letter = pieces[start]
    if letter.raw not in ("A", "M", "P", "V", "C") or pieces.word(start + 2) not in _SEGMENTS:
        return None
    number = _number(pieces, start + 1)
    return Figure(f"{letter.raw}{number}", start + 2) if number and number <= 7 else None
