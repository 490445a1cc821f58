"""Capitals: sentence starts, and abbreviations that a recognizer wrote small."""

from dataclasses import replace
from functools import cache

from dictation.lexicon import rows
from dictation.lexicon.english import is_ordinary
from dictation.lexicon.terms import one_word_terms
from dictation.wording.tokens import Token


@cache
def _capitals() -> dict[str, str]:
    """Lower-case word → how it is written, for words that are written so in every context ("ct" → "CT")."""
    return {row["written"].lower(): row["written"] for row in rows("capitals")}


def as_written(token: Token) -> str:
    """Return the text of a token in the middle of a sentence."""
    if token.kind != "word" or not token.text.islower():
        return token.text
    whole = _capitals().get(token.text)
    if whole is not None:
        return whole
    return "-".join(_capitals().get(part, part) for part in token.text.split("-"))


def as_start(text: str, token: Token) -> str:
    """Return the text of the first token of a sentence: capitalised, unless it has its own case ("pH")."""
    if token.kind == "word" and text[:1].islower() and (text[1:].islower() or len(text) == 1 or "-" in text):
        return text[0].upper() + text[1:]
    return text


def uncapitalised(token: Token) -> Token:
    """Return the token with the capital taken off that the recognizer gave to a sentence start it guessed.

    Only ordinary words and terms lose it: names and abbreviations keep theirs.
    """
    text = token.text
    if token.kind == "word" and text[:1].isupper() and (text[1:].islower() or text == "A") and is_small(text.lower()):
        return replace(token, text=text.lower())
    return token


def is_small(word: str) -> bool:
    """True for a lower-case word that is written so inside a sentence: an ordinary word, or a term."""
    return is_ordinary(word) or one_word_terms().get(word) == word
