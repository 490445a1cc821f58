"""Numbered items of an impression: "impression colon number one no change number two ..." -> "1. No change" on a line.

Only in the impression, and only where the item starts a sentence or its number goes on counting from the last one:
"number 4 screw" stays prose. "One, cholelithiasis. Two, no hydronephrosis." counts, too, at the start of a sentence;
"one, possibly two, stones" counts stones, as another number follows.
"""

from collections.abc import Sequence
from itertools import takewhile

from dictation.wording.numbers import parse_number
from dictation.wording.spacing import words_of
from dictation.wording.tokens import Token
from dictation.wording.written import SectionName

STOPS = (".", "?", "!")
AFTER_NUMBER = (".", ",", ":", ";", "-")
LARGEST_ITEM = 30
NEAR = 4  # tokens behind "one," in which another number says that both count something


def number_items(tokens: Sequence[Token], section: SectionName | None = None, last: int = 0) -> list[Token]:
    """Return the tokens with "number one" at an item's start as "1." after a line break.

    The tokens go on in `section`, whose last item so far has the number `last`.
    """
    written: list[Token] = []
    in_impression = goes_on = section == "impression"
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.kind == "section":
            in_impression, last = token.text == "impression", 0
        number = length = 0
        if in_impression:
            is_start = written[-1].kind in ("section", "break") or written[-1].text in STOPS if written else goes_on
            number, length = _item_at(tokens, index, is_start)
        if not number or number != last + 1:
            written.append(token)
            index += 1
            continue
        said = list(tokens[index : index + length])
        index += length
        if index < len(tokens) and tokens[index].kind == "mark" and tokens[index].text in AFTER_NUMBER:
            said.append(tokens[index])
            index += 1
        if written[-1].kind not in ("section", "break") if written else goes_on:
            written.append(Token("line", kind="break"))
        written += [Token(str(number), words_of(said), kind="number"), Token(".", kind="mark", guessed=True)]
        last = number
    return written


def _item_at(tokens: Sequence[Token], index: int, is_start: bool) -> tuple[int, int]:
    """The number of the item that starts at `index` and how many tokens say it, (0, 0) where none does.

    `is_start`: a sentence starts there.
    """
    if tokens[index].kind == "word" and tokens[index].text.lower() == "number" and index + 1 < len(tokens):
        return _small(tokens[index + 1], is_digits=True), 2
    following = tokens[index + 1 : index + 2 + NEAR]
    if not is_start or len(following) < 2 or following[0].kind != "mark" or following[0].text not in AFTER_NUMBER:
        return 0, 0
    clause = list(takewhile(lambda one: one.text not in STOPS and one.kind != "break", following[1:]))
    if not clause or any(map(_small, clause)):
        return 0, 0
    return _small(tokens[index]), 1


def _small(token: Token, *, is_digits: bool = False) -> int:
    """The number of an item that a token says, 0 where it says none."""
    if token.text.isdecimal():
        number = int(token.text)
    elif is_digits or token.kind != "word" or (said := parse_number([token.text])) is None or said % 1:
        return 0
    else:
        number = int(said)
    return number if number <= LARGEST_ITEM else 0
