"""Numbered items of an impression: "impression colon number one no change number two ..." -> "1. No change" on a line.

Only in the impression, and only where the item starts a sentence or its number goes on counting from the last one:
"number 4 screw" stays prose.
"""

from collections.abc import Sequence

from dictation.wording.spacing import words_of
from dictation.wording.tokens import Token
from dictation.wording.written import SectionName

STOPS = (".", "?", "!")
AFTER_NUMBER = (".", ",", ":", ";", "-")
LARGEST_ITEM = 30


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
        number = _item_at(tokens, index) if in_impression else 0
        if not number or number != last + 1:
            written.append(token)
            index += 1
            continue
        said = list(tokens[index : index + 2])
        index += 2
        if index < len(tokens) and tokens[index].kind == "mark" and tokens[index].text in AFTER_NUMBER:
            said.append(tokens[index])
            index += 1
        if written[-1].kind not in ("section", "break") if written else goes_on:
            written.append(Token("line", kind="break"))
        written += [Token(str(number), words_of(said), kind="number"), Token(".", kind="mark", guessed=True)]
        last = number
    return written


def _item_at(tokens: Sequence[Token], index: int) -> int:
    """The number of the item that starts at `index`, 0 where none does."""
    if tokens[index].kind != "word" or tokens[index].text.lower() != "number" or index + 1 >= len(tokens):
        return 0
    number = tokens[index + 1]
    return int(number.text) if number.text.isdecimal() and int(number.text) <= LARGEST_ITEM else 0
