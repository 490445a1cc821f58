"""Numbers without a unit: labels ("series three" → "series 3"), ordinals ("twelfth" → "12th") and plain counts.

Convention: digits stay digits; number words from ten up become digits; zero to nine and first to ninth stay words in
plain prose ("two nodules", "third rib", "one of the") and become digits after a label ("image two", "grade one").
Numbers that stand side by side ("five six", "twenty twenty six", "ten fifteen") are left as heard: nobody can say
whether a point, a "to" or a comma was lost between them.
"""

from functools import cache

from dictation.lexicon.tables import rows
from dictation.wording.cues import cue_words
from dictation.wording.dates import ORDINAL_WORDS, read_ordinal, suffixed
from dictation.wording.levels import read_level
from dictation.wording.numbers import NUMBER_WORDS, SCALES, TENS, Number, is_number, read_mixed, read_number
from dictation.wording.pieces import Figure, Pieces
from dictation.wording.quantities import BY, SPANS, read_bare_dimension, read_quantity

_UNLABELLING = cue_words("unlabelling")
"""In "at this level two nodules" the level is no label."""

_PARTS = cue_words("fraction") | (ORDINAL_WORDS - {"second"})
"""After a bare number these make another value of it: "one hundred third", "two thirds"."""

_PRONOUN_VERBS = cue_words("pronoun_verb")


@cache
def _labels() -> dict[str, frozenset[str]]:
    """Label → letters that may follow its number, in small letters."""
    return {
        row["label"]: frozenset(letter.strip().lower() for letter in row["letters"].split("|") if letter.strip() != "-")
        for row in rows("number_labels")
    }


def is_label(pieces: Pieces, at: int) -> bool:
    """Whether the word at `at` announces a numbered thing."""
    return pieces.word(at) in _labels() and pieces.word(at - 1) not in _UNLABELLING


def read_count(pieces: Pieces, start: int, *, is_labelled: bool) -> Figure | None:
    """Read a number that no unit, level, date or score explains."""
    ordinal = _read_late_ordinal(pieces, start)
    if ordinal:
        return ordinal
    number = read_number(pieces, start)
    if number is None:
        has_no_head = pieces.word(start) == "hundred" or pieces.word(start) in SCALES
        return Figure(None, _end_of_headless(pieces, start)) if has_no_head else None
    dimension = read_bare_dimension(pieces, start)
    if dimension and _is_doubtful(pieces, start, dimension[1]):
        return Figure(None, _end_of_run(pieces, dimension[1]))
    if dimension:
        return Figure(*dimension)
    if _is_doubtful(pieces, start, number.end) or _is_at_point(pieces, start, number):
        keeps_first = _precedes_quantity(pieces, number, is_labelled)
        if keeps_first:
            return Figure(number.text if is_labelled else None, number.end)
        return Figure(None, _end_of_run(pieces, number.end))
    span = _read_span(pieces, number, is_labelled)
    if span:
        return span
    if _heads_list(pieces, number):
        return Figure(number.text, number.end)
    if number.is_small_count and (not is_labelled or _is_pronoun(pieces, number)):
        return Figure(None, number.end)
    letter = _read_letter(pieces, start, number) if is_labelled else None
    return letter or Figure(number.text, number.end)


def _is_doubtful(pieces: Pieces, start: int, end: int) -> bool:
    """Whether a neighbour makes the value uncertain: another number, a slash, a part of a fraction."""
    before, after = pieces[start - 1], pieces[end]
    if before.text in ("/", "slash", ":") or after.text in ("/", "slash", ":"):
        return True
    if is_number(after) or pieces.word(end) in _PARTS:
        return True
    if pieces.word(end) == "second" and pieces.word(end - 1) in (*TENS, "hundred", *SCALES):
        return True
    if before.text == "-" and before.kind == "mark" and is_number(pieces[start - 2]):
        return True
    if after.text == "-" and after.kind == "mark" and is_number(pieces[end + 1]):
        return True
    mixed = read_mixed(pieces, start)
    return mixed is not None and mixed.end > end


def _is_at_point(pieces: Pieces, start: int, number: Number) -> bool:
    """ "at one point two nodules were seen" does not say 1.2."""
    return number.spoken and "." in number.text and pieces.follows(start - 1, ("at", "one", "point"))


def _precedes_quantity(pieces: Pieces, number: Number, is_labelled: bool) -> bool:
    """Whether the next number surely begins a size of its own: "two 5 mm nodules", "image three five mm cyst"."""
    following = read_quantity(pieces, number.end)
    if following is None or following.first.text.startswith("0"):
        return False
    is_own = following.is_adjectival or (number.spoken and not following.first.spoken)
    return is_own and (is_labelled or number.is_small_count)


def _end_of_run(pieces: Pieces, at: int) -> int:
    """The end of numbers, slashes and points that belong together, at the end of a token."""
    while (
        is_number(pieces[at])
        or (pieces.word(at) in ("and", "point", "oh", "/", "slash") and is_number(pieces[at + 1]))
        or pieces.word(at) in _PARTS
        or not pieces[at].first
    ):
        at += 1
    return at


def _end_of_headless(pieces: Pieces, start: int) -> int:
    """The end of a number whose head was not heard: "hundred and ten by ninety" is never written as 10 x 90."""
    at = _end_of_run(pieces, start)
    while (pieces.word(at) in BY or pieces.word(at) in SPANS) and is_number(pieces[at + 1]):
        at = _end_of_run(pieces, at + 1)
    return at


def _read_span(pieces: Pieces, first: Number, is_labelled: bool) -> Figure | None:
    """Read "ten to twelve", "images three through five". Two small counts stay words."""
    word = pieces.word(first.end)
    if word not in SPANS:
        return None
    second = read_number(pieces, first.end + 1)
    if second is None or _is_doubtful(pieces, first.end + 1, second.end) or read_quantity(pieces, first.end + 1):
        return None
    if _is_pronoun(pieces, second) or (first.is_small_count and second.is_small_count and not is_labelled):
        return None
    return Figure(f"{first.text} {'to' if word == 'to' else 'through'} {second.text}", second.end)


def _heads_list(pieces: Pieces, number: Number) -> bool:
    """ "five and six millimeters": the unit may hold for both, so both are written in digits."""
    if pieces.word(number.end) not in ("and", "or") or number.value == 1 or not number.is_small_count:
        return False
    following = read_quantity(pieces, number.end + 1)
    return following is not None and not following.is_adjectival


def _is_pronoun(pieces: Pieces, number: Number) -> bool:
    return number.spoken and number.value == 1 and pieces.word(number.end) in _PRONOUN_VERBS


def _read_letter(pieces: Pieces, start: int, number: Number) -> Figure | None:
    """Read the letter of "segment 4A" or "station 4R": a capital, glued, or no article and no level ("c five")."""
    letter = pieces[number.end]
    allowed = _labels().get(pieces.word(start - 1), frozenset())
    if letter.kind != "word" or letter.text not in allowed:
        return None
    is_written_so = letter.glue == "" or letter.raw.isupper()
    if not is_written_so and (letter.text == "a" or read_level(pieces, number.end) is not None):
        return None
    return Figure(f"{number.text}{letter.text.upper()}", number.end + 1)


def _read_late_ordinal(pieces: Pieces, start: int) -> Figure | None:
    """ "twelfth" → "12th", "twenty third" → "23rd"; first to ninth stay words, "one tenth" is a part."""
    found = read_ordinal(pieces, start)
    if found is None:
        return None
    value, end = found
    if value < 10:
        return Figure(None, end)
    before = pieces.word(start - 1)
    is_part = before in NUMBER_WORDS or before in ("a", "and") or is_number(pieces[start - 1])
    if is_part or is_number(pieces[end]):
        return Figure(None, _end_of_run(pieces, end))
    is_second = pieces.word(end - 1) == "second" and end - start > 1
    return Figure(None if is_second else suffixed(value), end)
