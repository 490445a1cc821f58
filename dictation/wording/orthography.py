"""American and British spelling, whichever the recognizer wrote: "haemorrhage" -> "hemorrhage" or back."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

from dictation.lexicon import rows
from dictation.wording.tokens import Token

Spelling = Literal["american", "british"]


@cache
def _spellings(wanted: Spelling) -> dict[str, str]:
    other = "british" if wanted == "american" else "american"
    return {row[other]: row[wanted] for row in rows("spelling")}


def spelling_of(text: str) -> Spelling:
    """Return the spelling of a written text: British where one of its words is."""
    british = _spellings("american")
    return "british" if any(word in british for word in re.findall(r"[a-z]+", text.lower())) else "american"


def spelled(tokens: Sequence[Token], wanted: Spelling) -> list[Token]:
    """Return the tokens with each word spelled as wanted; numbers, marks and words of one spelling stay."""
    return [
        replace(token, text="-".join(_word(part, wanted) for part in token.text.split("-")))
        if token.kind == "word"
        else token
        for token in tokens
    ]


def _word(word: str, wanted: Spelling) -> str:
    found = _spellings(wanted).get(word.lower())
    if found is None:
        return word
    if word.isupper():
        return found.upper()
    return found.capitalize() if word[:1].isupper() else found
