"""Marks that the recognizer guessed are left out of the text in favour of those that were dictated.

This is the last rule before sentences are made: until then a guessed mark is evidence of where a sentence or a number
ends, and no number is read across one. Only full stops, commas, colons, semicolons, question and exclamation marks
between words are left out, with the capital that followed a guessed stop. What stays: every mark inside a word ("5.2",
"L4-L5", "C.T."), brackets, a mark between two numbers ("3, 4 mm": they must not run together), the stop of a list
number ("1.") and of an abbreviation.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from dictation.wording.casing import uncapitalised
from dictation.wording.numbers import is_number
from dictation.wording.pieces import cut
from dictation.wording.sections import at_start
from dictation.wording.tokens import Token

MARKS = frozenset(".,:;?!")
BEFORE_CAPITALS = frozenset(".:?!")
LIST_NUMBER = re.compile(r"\d{1,2}")
INITIALS = re.compile(r"(?:\w\.)+\w")  # "C.T", whose last stop was taken for a mark


def without_guesses(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without guessed marks. The words of a mark that stood alone are left to `settle`."""
    kept: list[Token] = []
    lost_stop = False
    for index, token in enumerate(tokens):
        if token.kind != "mark" or not token.guessed or token.text not in MARKS:
            kept.append(uncapitalised(token) if lost_stop else token)
            lost_stop = False
        elif _is_needed(kept, token, tokens[index + 1] if index + 1 < len(tokens) else None):
            kept.append(token)
        elif token.text == "." and kept and kept[-1].kind == "word" and INITIALS.fullmatch(kept[-1].text):
            kept[-1] = replace(kept[-1], text=f"{kept[-1].text}.")
        else:
            lost_stop = lost_stop or token.text in BEFORE_CAPITALS
    return kept


def _is_needed(kept: Sequence[Token], mark: Token, following: Token | None) -> bool:
    if not kept or following is None or following.kind not in ("word", "number"):
        return False
    if mark.text == "." and LIST_NUMBER.fullmatch(kept[-1].text) and at_start(kept, len(kept) - 1):
        return True
    return _ends_in_number(kept[-1]) and _begins_with_number(following)


def _ends_in_number(token: Token) -> bool:
    return token.kind == "number" or (token.kind == "word" and is_number(cut(token.text, 0)[-1]))


def _begins_with_number(token: Token) -> bool:
    return token.kind == "number" or is_number(cut(token.text, 0)[0])
