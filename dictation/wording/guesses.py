"""Commas, semicolons and colons that the recognizer guessed are left out of the text, where none of them limits a cue.

This is the last rule before sentences are made: until then a guessed mark is evidence of where a sentence or a number
ends, and no number is read across one. A guess beside a mark that was dictated is gone by then (`punctuate`).

What stays, for it may be all that keeps "no effusion" from what was found next: every guessed full stop that `unended`
left, question and exclamation mark; and every guessed mark in a sentence with a cue of absence, doubt, history or the
like. So does every mark inside a word ("5.2", "L4-L5", "C.T."), brackets, and a mark between two numbers ("3, 4 mm":
they must not run together).
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from dictation.wording.casing import uncapitalised
from dictation.wording.denials import assertion_cue
from dictation.wording.numbers import is_number
from dictation.wording.pieces import cut
from dictation.wording.tokens import Token

STOPS = frozenset(".?!")
MARKS = frozenset(",:;")
INITIALS = re.compile(r"(?:\w\.)+\w")  # "C.T", whose last stop was taken for a mark


def without_guesses(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without the guessed marks that can be spared."""
    kept: list[Token] = []
    start = 0
    for index, token in enumerate(tokens):
        if _ends_sentence(token):
            kept += [*_spared(tokens[start:index]), token]
            start = index + 1
    return _with_initials([*kept, *_spared(tokens[start:])])


def _ends_sentence(token: Token) -> bool:
    return token.kind in ("break", "section", "command") or (token.kind == "mark" and token.text in STOPS)


def _spared(sentence: Sequence[Token]) -> list[Token]:
    """The sentence without its guessed marks, as it is where it has a cue: the mark may end what the cue bears on."""
    if assertion_cue().search(" ".join(token.text.lower() for token in sentence if token.kind == "word")):
        return list(sentence)
    kept: list[Token] = []
    lost_colon = False
    for index, token in enumerate(sentence):
        if token.kind != "mark" or not token.guessed or token.text not in MARKS:
            kept.append(uncapitalised(token) if lost_colon else token)
            lost_colon = False
        elif _parts_numbers(sentence, index):
            kept.append(token)
        else:
            lost_colon = lost_colon or token.text == ":"
    return kept


def _with_initials(tokens: Sequence[Token]) -> list[Token]:
    """Give the stop of "C.T." back to it where a small letter shows that no sentence ends there."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1].text if index + 1 < len(tokens) else ""
        is_stop = token.kind == "mark" and token.guessed and token.text == "." and following[:1].islower()
        if is_stop and kept and kept[-1].kind == "word" and INITIALS.fullmatch(kept[-1].text):
            kept[-1] = replace(kept[-1], text=f"{kept[-1].text}.")
        else:
            kept.append(token)
    return kept


def _parts_numbers(tokens: Sequence[Token], index: int) -> bool:
    if not 0 < index < len(tokens) - 1:
        return False
    return _ends_in_number(tokens[index - 1]) and _begins_with_number(tokens[index + 1])


def _ends_in_number(token: Token) -> bool:
    return token.kind == "number" or (token.kind == "word" and is_number(cut(token.text, 0)[-1]))


def _begins_with_number(token: Token) -> bool:
    return token.kind == "number" or (token.kind == "word" and is_number(cut(token.text, 0)[0]))
