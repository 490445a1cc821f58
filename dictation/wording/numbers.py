"""Spoken numbers: "two hundred and five" → 205, "one point zero five" → 1.05, "3 point 2" → 3.2.

This is the only parser of spoken numbers. It reads what English grammar makes certain and nothing else: "five six" is
not a number, "twenty twenty six" is not 46, and the zeros of "one point five zero" are kept, because a number that
changes value is a patient-safety bug. Range: 0 to 999,999,999, any count of decimals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dictation.wording.pieces import Piece, Pieces
from dictation.wording.tokens import Token

DIGITS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"thousand": 1_000, "million": 1_000_000}
ZEROS = frozenset({"zero", "nought", "naught"})
NUMBER_WORDS = frozenset({*DIGITS, *TEENS, *TENS, *SCALES, *ZEROS, "hundred"})


@dataclass(frozen=True, slots=True)
class Number:
    """`text` as it will be written ("1.50" keeps its zero); `end` is the first piece after it.

    `spoken`: every part of it was said in words; a recognizer that wrote a digit has already made up its mind.
    """

    value: Decimal
    text: str
    end: int
    spoken: bool

    @property
    def is_small_count(self) -> bool:
        """Zero to nine, said as one word: in plain prose it stays a word."""
        return self.spoken and self.text.isdecimal() and self.value < 10


def is_number(piece: Piece) -> bool:
    """Whether the piece is a digit figure or a number word."""
    return piece.kind == "digits" or (piece.kind == "word" and piece.text in NUMBER_WORDS)


def read_number(pieces: Pieces, start: int, *, allow_bare_point: bool = False) -> Number | None:
    """Read the longest number that begins at `start`, without looking at what follows it.

    `allow_bare_point` also reads "point eight" as 0.8; "at this point two" makes that unsafe without a unit.
    """
    whole: Number | None
    if pieces.word(start) in ("oh", "o") and pieces.word(start + 1) == "point":
        whole = Number(Decimal(0), "0", start + 1, True)
    elif allow_bare_point and pieces.word(start) == "point" and pieces[start].kind == "word":
        whole = Number(Decimal(0), "0", start, True)
    else:
        whole = _read_whole(pieces, start)
    if whole is None or pieces.word(whole.end) != "point" or not whole.text.replace(",", "").isdecimal():
        return whole
    decimals, end, spoken = _read_decimals(pieces, whole.end + 1)
    if not decimals:
        return None if whole.end == start else whole
    text = f"{whole.text}.{decimals}"
    return Number(Decimal(text.replace(",", "")), text, end, whole.spoken and spoken)


def read_mixed(pieces: Pieces, start: int) -> Number | None:
    """Read "one and a half", "two and one quarter", "half a", "a half": safe only where a unit follows."""
    return _read_half(pieces, start) or read_sum(pieces, start)


def read_sum(pieces: Pieces, start: int) -> Number | None:
    """Read a whole number and a part of one: "one and a half", "two and three quarters"."""
    whole = read_number(pieces, start)
    if whole is None or not whole.text.isdecimal() or pieces.word(whole.end) != "and":
        return None
    for words, part in _FRACTIONS:
        if pieces.follows(whole.end + 1, words):
            value = whole.value + part
            return Number(value, format(value, "f"), whole.end + 1 + len(words), whole.spoken)
    return None


_FRACTIONS = (
    (("a", "half"), Decimal("0.5")),
    (("one", "half"), Decimal("0.5")),
    (("half",), Decimal("0.5")),
    (("a", "quarter"), Decimal("0.25")),
    (("one", "quarter"), Decimal("0.25")),
    (("three", "quarters"), Decimal("0.75")),
    (("three", "quarter"), Decimal("0.75")),
)
_HALVES = (
    ("half", "of", "a"),
    ("half", "of", "one"),
    ("one", "half", "of", "a"),
    ("half", "a"),
    ("half", "an"),
    ("one", "half"),
    ("a", "half"),
    ("half",),
)


def _read_half(pieces: Pieces, start: int) -> Number | None:
    if pieces.word(start) not in ("half", "one", "a"):
        return None
    for words in _HALVES:
        if pieces.follows(start, words):
            return Number(Decimal("0.5"), "0.5", start + len(words), True)
    return None


def _read_whole(pieces: Pieces, start: int) -> Number | None:
    piece = pieces[start]
    if piece.kind == "digits":
        return _read_digits(pieces, start)
    if piece.kind != "word":
        return None
    if piece.text in ZEROS:
        return Number(Decimal(0), "0", start + 1, True)
    if piece.text == "a":
        is_scale = pieces.word(start + 1) in ("hundred", *SCALES)
        return _continue(pieces, 1, start + 1, spoken=True) if is_scale else None
    found = _below_hundred(pieces, start)
    return _continue(pieces, found[0], found[1], spoken=True) if found else None


def _read_digits(pieces: Pieces, start: int) -> Number:
    raw = pieces[start].raw
    text = f"0{raw}" if raw.startswith(".") else raw
    if raw.isdecimal() and len(raw) < 4 and pieces.word(start + 1) in ("hundred", *SCALES):
        found = _continue(pieces, int(raw), start + 1, spoken=False)
        if found.end > start + 1:
            return found
    return Number(Decimal(text.replace(",", "")), text, start + 1, False)


def _below_hundred(pieces: Pieces, start: int) -> tuple[int, int] | None:
    """1 to 99 in words, and where it ends."""
    if pieces[start].kind != "word":
        return None
    word = pieces[start].text
    if word in TENS:
        unit = DIGITS.get(pieces.word(start + 1))
        return (TENS[word] + unit, start + 2) if unit else (TENS[word], start + 1)
    value = DIGITS.get(word) or TEENS.get(word)
    return (value, start + 1) if value else None


def _tail(pieces: Pieces, start: int, limit: int) -> tuple[int, int, bool]:
    """What follows "hundred" or "thousand": value, end, and whether it was said in words.

    British speech puts "and" before the last part only where that is below one hundred.
    """
    has_and = pieces.word(start) == "and"
    at = start + has_and
    if has_and and pieces[at].kind == "digits" and pieces[at].text.isdecimal() and 0 < int(pieces[at].text) < 100:
        return int(pieces[at].text), at + 1, False
    found = _below_hundred(pieces, at)
    if found is None:
        return 0, start, True
    value, end = found
    if limit > 100 and value < 10 and pieces.word(end) == "hundred":
        if has_and:
            return 0, start, True
        rest, end, spoken = _tail(pieces, end + 1, 100)
        return value * 100 + rest, end, spoken
    return value, end, True


def _continue(pieces: Pieces, head: int, end: int, *, spoken: bool) -> Number:
    """Go on after the first part: "two" + hundred …, "fifteen" + hundred, "twenty five" + thousand …"""
    value = head
    if pieces.word(end) == "hundred" and (head < 10 or (10 < head < 100 and head % 10)):
        rest, end, in_words = _tail(pieces, end + 1, 100)
        value, spoken = head * 100 + rest, spoken and in_words
    total, ceiling = 0, 1_000_000_000
    while value < 1_000 and pieces.word(end) in SCALES and SCALES[pieces.word(end)] < ceiling:
        ceiling = SCALES[pieces.word(end)]
        total += value * ceiling
        value, end, in_words = _tail(pieces, end + 1, 1_000)
        spoken = spoken and in_words
        if ceiling > 1_000 and pieces.word(end) in SCALES and not value:
            break
    value += total
    return Number(Decimal(value), str(value), end, spoken)


def _read_decimals(pieces: Pieces, start: int) -> tuple[str, int, bool]:
    """Digits after the point: one by one ("zero five", "0 5"), or as a number below 100 ("twenty five")."""
    digits, at, spoken = "", start, True
    while True:
        piece, only_zeros = pieces[at], not digits.strip("0")
        if piece.kind == "digits" and piece.text.isdecimal() and (len(piece.text) == 1 or only_zeros):
            digits, at, spoken = digits + piece.text, at + 1, False
            if len(piece.text) > 1:
                break
        elif piece.kind != "word":
            break
        elif piece.text in ZEROS or piece.text == "oh" or _is_letter_zero(pieces, at):
            digits, at = digits + "0", at + 1
        elif piece.text in DIGITS:
            digits, at = digits + str(DIGITS[piece.text]), at + 1
        elif only_zeros and (found := _below_hundred(pieces, at)):
            digits, at = digits + str(found[0]), found[1]
            break
        else:
            break
    return digits, at, spoken


def _is_letter_zero(pieces: Pieces, at: int) -> bool:
    """The letter O said for zero, as in "one point o five"; "O-RADS" and "o clock" are left alone."""
    following = pieces[at + 1]
    return pieces.word(at) == "o" and (
        following.text in DIGITS or following.text in ZEROS or following.kind == "digits"
    )


def parse_number(words: Sequence[str]) -> Decimal | None:
    """Return the number that these words say as a whole, or None where they do not say exactly one number.

    Words may be spoken ("two", "hundred", "and", "five"), written ("3.2"), or both ("3", "point", "2"); "minus" or
    "negative" may come first, and "one and a half" is read.
    """
    spoken = [word for word in words if word.strip()]
    sign = 1
    if spoken and spoken[0].lower() in ("minus", "negative"):
        sign, spoken = -1, spoken[1:]
    elif spoken and len(spoken[0]) > 1 and spoken[0][0] in "-−":
        sign, spoken = -1, [spoken[0][1:], *spoken[1:]]
    pieces = Pieces([Token(text=word, words=(at,)) for at, word in enumerate(spoken)])
    for number in (read_number(pieces, 0, allow_bare_point=True), read_mixed(pieces, 0)):
        if number and number.end == len(pieces):
            return sign * number.value
    return None
