"""Scores and classifications: "by rads four A" → "BI-RADS 4A", "gleason three plus four" → "Gleason 3+4".

Names, spoken variants and allowed values come from `scores.tsv`. A value that the score does not have is not joined to
it, and a letter that may be the article ("BI-RADS four a suspicious mass") is left as heard.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dictation.lexicon.tables import rows
from dictation.wording.cues import cue_words
from dictation.wording.numbers import DIGITS, TEENS, ZEROS, Number, is_number, read_number
from dictation.wording.pieces import Figure, Pieces, cut
from dictation.wording.quantities import read_quantity

_FILLERS = cue_words("score_filler")
_JOINTS = {"space": " ", "hyphen": "-", "none": ""}


@dataclass(frozen=True, slots=True)
class Score:
    """`values` in capitals; empty where the score takes any number (`takes_number`) or none at all."""

    written: str
    joint: str
    values: frozenset[str]
    takes_number: bool


@dataclass(frozen=True, slots=True)
class _Form:
    words: tuple[str, ...]
    score: Score
    needs_value: bool
    is_ordinary: bool


@cache
def _forms() -> dict[str, list[_Form]]:
    """First piece of a spoken form → forms, longest first."""
    found: dict[str, list[_Form]] = {}
    for row in rows("scores"):
        values = frozenset(value.strip() for value in row["values"].split("|"))
        is_list = values.isdisjoint({"number", "none"})
        score = Score(row["written"], _JOINTS[row["joint"]], values if is_list else frozenset(), "number" in values)
        for column in ("spoken", "misheard", "ordinary"):
            for form in row[column].split("|"):
                words = tuple(piece.text for part in form.split() for piece in cut(part, 0))
                if words != ("-",):
                    entry = _Form(words, score, column != "spoken", column == "ordinary")
                    found.setdefault(words[0], []).append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: -len(entry.words))
    return found


def read_score(pieces: Pieces, start: int) -> Figure | None:
    """Read a score with its value, or the name of one alone (then only its spelling is put right)."""
    return _read_gleason(pieces, start) or _read_stage(pieces, start) or _read_named(pieces, start)


def _read_named(pieces: Pieces, start: int) -> Figure | None:
    for form in _forms().get(pieces.word(start), ()):
        end = start + len(form.words)
        if not pieces.follows(start, form.words):
            continue
        fillers: list[str] = []
        at = end
        while pieces.word(at) in _FILLERS and len(fillers) < 3:
            fillers.append(pieces.word(at))
            at += 1
        value = _read_value(pieces, at, form.score)
        if form.is_ordinary and not (value and _ends_phrase(pieces, fillers, value.end)):
            continue
        if value and pieces[value.end - 1].last:
            joint = form.score.joint if not fillers else " "
            return Figure(joint.join([form.score.written, *fillers, value.text or ""]), value.end)
        if not form.needs_value and pieces[end - 1].last:
            return Figure(form.score.written, end)
    return None


def _ends_phrase(pieces: Pieces, fillers: list[str], end: int) -> bool:
    """Whether "garden two" can only be the score: no "of" between, and nothing after it."""
    return pieces[end].kind in ("mark", "wall") and not {"of", "is"} & set(fillers)


def _read_value(pieces: Pieces, at: int, score: Score) -> Figure | None:
    if score.takes_number:
        return _read_signed(pieces, at)
    for text, end in _candidates(pieces, at):
        if text in score.values and not _goes_on(pieces, at, end):
            return Figure(text, end)
    return None


def _read_signed(pieces: Pieces, at: int) -> Figure | None:
    is_sign = pieces.word(at) in ("minus", "negative") or (pieces.word(at) == "-" and pieces[at + 1].glue == "")
    number = read_number(pieces, at + is_sign, allow_bare_point=True)
    if number is None or is_number(pieces[number.end]) or _is_pronoun(pieces, number):
        return None
    return Figure(f"-{number.text}" if is_sign else number.text, number.end)


def _is_pronoun(pieces: Pieces, number: Number) -> bool:
    return number.spoken and number.value == 1 and pieces.word(number.end) == "of"


def _candidates(pieces: Pieces, at: int) -> Iterator[tuple[str, int]]:
    """Texts that may be the value, longest first: "2F", "2", "C2A", "TIV"."""
    letter = pieces[at].text.upper() if pieces[at].kind == "word" else ""
    digit = _small(pieces, at)
    if digit is not None:
        if _is_letter(pieces, at + 1):
            yield digit + pieces[at + 1].text.upper(), at + 2
        yield digit, at + 1
    elif letter:
        inner = _small(pieces, at + 1)
        if inner is not None and _is_letter(pieces, at + 2):
            yield letter + inner + pieces[at + 2].text.upper(), at + 3
        if inner is not None:
            yield letter + inner, at + 2
        if len(letter) > 1 or pieces[at].raw.isupper():
            yield letter, at + 1


def _small(pieces: Pieces, at: int) -> str | None:
    piece = pieces[at]
    if piece.kind == "digits":
        return piece.text
    if piece.kind != "word":
        return None
    if piece.text in ZEROS:
        return "0"
    value = DIGITS.get(piece.text) or TEENS.get(piece.text)
    return str(value) if value else None


def _is_letter(pieces: Pieces, at: int) -> bool:
    """Whether the piece is the letter of a category and not the article: glued, a capital, or at the end."""
    piece = pieces[at]
    if piece.kind != "word" or len(piece.text) != 1:
        return False
    return piece.glue != " " or piece.text != "a" or piece.raw == "A" or pieces[at + 1].kind in ("mark", "wall")


def _goes_on(pieces: Pieces, at: int, end: int) -> bool:
    """Whether the value is only the beginning of something larger: "5 mm", "four point two", "two hundred"."""
    if pieces.word(end) in ("point", "hundred", "thousand", "x", "/"):
        return True
    return pieces[at].glue == " " and is_number(pieces[at]) and read_quantity(pieces, at) is not None


def _read_gleason(pieces: Pieces, start: int) -> Figure | None:
    """ "gleason score three plus four equals seven" → "Gleason score 3+4=7"."""
    if pieces.word(start) not in ("gleason", "gleeson", "gleesen"):
        return None
    has_score = pieces.word(start + 1) == "score"
    at = start + 1 + has_score + (pieces.word(start + 1 + has_score) == "of")
    left, right = _small(pieces, at), _small(pieces, at + 2)
    if left is None or pieces.word(at + 1) not in ("plus", "+") or right is None:
        return None
    text, end = f"{left}+{right}", at + 3
    if pieces.word(end) in ("equals", "=") and (total := _small(pieces, end + 1)) is not None:
        text, end = f"{text}={total}", end + 2
    return Figure(f"Gleason {'score ' if has_score else ''}{text}", end)


def _read_stage(pieces: Pieces, start: int) -> Figure | None:
    """A tumour stage: "T two N one M zero" → "T2 N1 M0". T alone is a spinal level or a sequence."""
    if pieces.word(start) not in ("t", "pt", "ct", "yt"):
        return None
    prefix = {"pt": "p", "ct": "c", "yt": "y"}.get(pieces.word(start), "")
    parts: list[str] = []
    at = start
    for letter in ("t", "n", "m"):
        is_named = pieces.word(at) == letter or (letter == "t" and at == start)
        value = _stage_value(pieces, at + 1) if is_named else None
        if value is None:
            break
        parts.append(letter.upper() + (value.text or ""))
        at = value.end
    return Figure(prefix + " ".join(parts), at) if len(parts) > 1 else None


def _stage_value(pieces: Pieces, at: int) -> Figure | None:
    digit = _small(pieces, at) or ("X" if pieces.word(at) == "x" else None)
    if digit is None or digit not in ("0", "1", "2", "3", "4", "X"):
        return None
    letter = pieces[at + 1]
    if letter.text in ("a", "b", "c", "d") and _is_letter(pieces, at + 1):
        return Figure(digit + letter.text, at + 2)
    return Figure(digit, at + 1)
