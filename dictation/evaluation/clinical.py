"""The clinical form of a text: what a radiologist would read alike is alike, what she would not differs.

    "a one point five centimeter nodule period"     →  "a 1.5 cm nodule"
    "L4-5 disc; no T12 fracture."                    →  "l4 l5 disc no t12 fracture"
    "minus five Hounsfield units", "three by two"    →  "minus 5 hu", "3 by 2"
    "non displaced", "non-displaced"                 →  "nondisplaced"

Spoken and written form meet, because the product's own parsers of marks, figures and spelling read both. Decimals,
signs, units and levels are kept; no misheard term is put right and no word is taken back: the ear itself is judged.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from dictation.evaluation.prefixes import with_prefixes
from dictation.speech import Word
from dictation.wording.dates import read_ordinal, read_year, suffixed
from dictation.wording.figures import write_figures
from dictation.wording.hearing import heard
from dictation.wording.numbers import read_number
from dictation.wording.orthography import spelled
from dictation.wording.pieces import Pieces
from dictation.wording.punctuation import punctuate
from dictation.wording.tokens import Token
from dictation.wording.units import read_unit, units

END_OF_TEXT = "</s>"  # some recognizers write it out
MINUS = "minus"

_SIGNS = {
    "+": ("plus",), "=": ("equals",), "&": ("and",), "°": ("degrees",), "±": ("plus", "or", "minus"), "%": ("%",),
    "<": ("less", "than"), ">": ("greater", "than"), "°c": ("°c",),
    "≤": ("less", "than", "or", "equal", "to"), "≥": ("greater", "than", "or", "equal", "to"),
}  # fmt: skip
_NOT = {"can't": "can not", "won't": "will not", "cannot": "can not"}
_MEASURES = ("length", "area", "volume", "mass", "attenuation", "proportion")
"""Quantities whose units are such without a number ("a few millimeters"); the gray of "gray matter" is a colour."""

_FIGURE = re.compile(
    r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?[a-z]*)|(?P<word>[^\W\d_][^\W_]*(?:'[a-z]+)?)|(?P<sign>°c|\S)"
)


@lru_cache(maxsize=256)  # every score of a recording asks for the same two texts
def clinical(text: str) -> str:
    """Return the clinical form: small letters, words parted by single spaces."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFD", text.replace(END_OF_TEXT, " "))
        if unicodedata.category(character) != "Mn"
    )
    marked, _ = punctuate(heard([Word(text=word) for word in plain.split()]))
    written = [Token("", kind="mark") if token.kind == "break" else token for token in write_figures(marked)]
    settled = list(_settled(list(_words(Pieces(spelled(written, "american"))))))
    return " ".join(with_prefixes(settled))


@cache
def unit_symbols() -> frozenset[str]:
    """The symbols of all units, in small letters."""
    return frozenset(unit.symbol.lower() for unit in units())


def _words(pieces: Pieces) -> Iterator[str]:
    """The words of the pieces: figures first as the parser left them, then the numbers that it left as words."""
    at, word = 0, ""
    while at < len(pieces):
        piece = pieces[at]
        found, end = (None, at) if word and _goes_on(pieces, at) else _read(pieces, at)
        if found is not None:
            yield from (word, *found)
            word, at = "", end
            continue
        if not _goes_on(pieces, at):
            yield word
            word = ""
        if piece.kind in ("word", "digits") or piece.text.isalnum():
            word += piece.text
        at += 1
    yield word


def _goes_on(pieces: Pieces, at: int) -> bool:
    """Whether the piece belongs to the word before it: "4" + "a", and the letters of "p.m."."""
    before = pieces[at - 1]
    if pieces[at].glue != "":
        return False
    if pieces[at].kind == "symbol":
        return pieces[at].text == "." and len(before.text) == 1
    return before.kind != "symbol" or (before.text == "." and len(pieces[at].text) == 1)


def _read(pieces: Pieces, at: int) -> tuple[list[str] | None, int]:
    """The words that stand for what begins at `at`, and where it ends; None where it is a word like any other."""
    piece = pieces[at]
    if piece.kind == "mark":
        return [], at + 1
    if piece.kind == "wall":
        return list(_of_figure(piece.raw.lower())), at + 1
    if piece.kind == "symbol":
        if piece.text == "-" and pieces[at + 1].kind == "digits":
            return [MINUS], at + 1
        return list(_SIGNS.get(piece.text, ())) if not piece.text.isalnum() else None, at + 1
    if piece.text in _NOT:
        return _NOT[piece.text].split(), at + 1
    if piece.text.endswith("n't"):
        return [piece.text.removesuffix("n't"), "not"], at + 1
    return _read_number(pieces, at)


def _read_number(pieces: Pieces, at: int) -> tuple[list[str] | None, int]:
    ordinal = read_ordinal(pieces, at)
    if ordinal:
        return [suffixed(ordinal[0])], ordinal[1]
    year = read_year(pieces, at)
    if year and not read_unit(pieces, year[1]):
        return [str(year[0])], year[1]
    number = read_number(pieces, at)
    if number:
        is_range = pieces[at].kind == "digits" and pieces[at].glue == "-" and pieces[at - 1].kind == "digits"
        letters, end = _letters(pieces, number.end)
        return [*(["to"] if is_range else []), number.text.replace(",", "") + letters], end
    unit = read_unit(pieces, at)
    if unit and unit.unit.quantity in _MEASURES:
        return [unit.unit.symbol.lower()], unit.end
    return None, at


def _letters(pieces: Pieces, at: int) -> tuple[str, int]:
    """The letters glued to a number that are no unit: the a of "4a"."""
    is_glued = pieces[at].glue == "" and pieces[at].kind == "word" and not read_unit(pieces, at)
    return (pieces[at].text, at + 1) if is_glued else ("", at)


def _of_figure(figure: str) -> Iterator[str]:
    """The words of a finished figure: "3 x 2 cm" → 3, by, 2, cm; "l4-l5" → l4, l5; "-5 hu" → minus, 5, hu."""
    for part in figure.split():
        if part in unit_symbols():
            yield part
            continue
        for match in _FIGURE.finditer(part):
            if match["number"] or match["word"]:
                yield match.group().replace(",", "").replace("'", "")
            elif match.group() == "-":
                before, after = part[: match.start()][-1:], part[match.end() :][:1]
                if after.isdigit() and (not before or before.isdigit()):
                    yield "to" if before else MINUS
            else:
                yield from _SIGNS.get(match.group(), ())


def _settled(words: list[str]) -> Iterator[str]:
    """The words without empty ones, "x" between numbers as "by", and "number 4" as "4"."""
    words = [part for word in words for part in word.replace("'", "").split()]
    for at, word in enumerate(words):
        is_before_number = at + 1 < len(words) and words[at + 1][0].isdigit()
        if word == "x" and is_before_number and at and words[at - 1][-1].isdigit():
            yield "by"
        elif not (word == "number" and is_before_number):
            yield word
