"""The recognizer's words as tokens: marks that it guessed become tokens of their own, words keep their case.

Whisper attaches punctuation to its words ("effusion."). Marks inside a word stay ("3.2", "L4-L5"). Braces and brackets
around a command ("{period}", "[FINDINGS]") come off; where the recognizer marks its commands, those that are left are
around what nobody knows, and stay to be seen.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from dictation.lexicon import rows
from dictation.speech.transcript import Word
from dictation.wording.tokens import Token

OPENING = {"(": "(", "[": "[", "{": "{", "\u201c": "", '"': "", "\u2018": "", "'": ""}
CLOSING = {
    **{mark: mark for mark in ".,:;?!)]}"},
    **{"\u2026": "", "\u201d": "", '"': "", "\u2019": "", "'": ""},
}
BRACKETS = "{}[]"
MULTIPLE_STOPS = re.compile(r"\.{2,}")


@cache
def abbreviations() -> frozenset[str]:
    """Lower-case abbreviations whose full stop ends no sentence, stop included ("dr.")."""
    return frozenset(row["abbreviation"] for row in rows("abbreviations"))


def heard(words: Iterable[Word], first: int = 0) -> list[Token]:
    """Return the tokens of `words`, whose indexes count from `first`.

    An empty word yields an empty guessed mark, so that its index is not lost.
    """
    tokens: list[Token] = []
    for index, word in enumerate(words, first):
        tokens.extend(_split(word, index))
    return _without_brackets(tokens)


def _split(word: Word, index: int) -> list[Token]:
    text = MULTIPLE_STOPS.sub("\u2026", word.text.strip())
    left = "" if word.is_command is None else BRACKETS
    before: list[Token] = []
    after: list[Token] = []
    while text and text[0] in OPENING and text[0] not in left:
        before.append(_mark(OPENING[text[0]], index))
        text = text[1:]
    while text and text[-1] in CLOSING and text[-1] not in left and text.lower() not in abbreviations():
        after.insert(0, _mark(CLOSING[text[-1]], index))
        text = text[:-1]
    body = [Token(part, (index,), is_command=word.is_command) for part in text.split()]
    return [token for token in (*before, *body, *after) if token.text] or [_mark("", index)]


def _mark(text: str, index: int) -> Token:
    return Token(text, (index,), kind="mark", guessed=True)


def _without_brackets(tokens: Sequence[Token]) -> list[Token]:
    """Drop braces; turn the bracket that closes a section name into a colon, so that it reads as a heading."""
    kept: list[Token] = []
    for token in tokens:
        if token.kind == "mark" and token.text in ("{", "}", "["):
            kept.append(_mark("", token.words[0]))
        elif token.kind == "mark" and token.text == "]":
            kept.append(_mark(":", token.words[0]))
        else:
            kept.append(token)
    return kept
