"""Ages: "fifty four year old" → "54-year-old"."""

from dictation.wording.numbers import is_number, read_number
from dictation.wording.pieces import Figure, Pieces

_AGES = frozenset({"year", "month", "week", "day", "hour"})


def read_age(pieces: Pieces, start: int) -> Figure | None:
    """Read a whole number, a unit of time in the singular and "old"; "54 years old" is an ordinary quantity."""
    number = read_number(pieces, start)
    if number is None or not number.text.isdecimal() or is_number(pieces[start - 1]):
        return None
    word = pieces.word(number.end)
    following = pieces.word(number.end + 1)
    if word not in _AGES or following not in ("old", "olds"):
        return None
    return Figure(f"{number.text}-{word}-{following}", number.end + 2)
