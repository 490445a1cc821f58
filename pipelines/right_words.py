"""Heard words beside what was said → for each word whether it was right; what was said may be spoken or written form.

A word is right where it lines up with the reference as it was said ("five point two centimeters") or as it would be
written ("5.2 cm"): so a figure counts as a whole, and nobody is blamed for the other's way of writing. Misheard terms
are not put right first: the ear itself is judged. Marks, breaks and commands are not judged, because a written
reference does not say which of them were spoken.
"""

import re
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from dictation.speech import Word
from dictation.wording.figures import write_figures
from dictation.wording.hearing import heard
from dictation.wording.marked import obey_marked
from dictation.wording.orthography import spelled
from dictation.wording.punctuation import punctuate
from dictation.wording.tokens import Token

_EDGES = re.compile(r"^\W+|\W+$")


def right_words(words: Sequence[Word], reference: str) -> list[bool | None]:
    """Return for each word whether it was right; None for one that is not judged."""
    said = [Word(text=text) for text in reference.split()]
    as_said = _in_place([_plain(word.text) for word in words], [_plain(word.text) for word in said])
    tokens = _tokens(words)
    units = [(unit, number) for number, token in enumerate(tokens) for unit in _units(token)]
    there = [unit for token in _tokens(said) for unit in _units(token)]
    in_place = _in_place([unit for unit, _ in units], there)
    wrong = {number for (_, number), is_there in zip(units, in_place, strict=True) if not is_there}
    judged = {number for _, number in units}
    found: list[bool | None] = [None] * len(words)
    for number in judged:
        for index in tokens[number].words:
            is_right = as_said[index] or (number not in wrong and found[index] is not False)
            found[index] = is_right
    return [None if word.is_command else right for word, right in zip(words, found, strict=True)]


def _tokens(words: Sequence[Word]) -> list[Token]:
    marked, _ = punctuate(obey_marked(heard(words)))
    return spelled(write_figures(marked), "american")


def _units(token: Token) -> list[str]:
    return [_plain(part) for part in token.text.split()] if token.kind in ("word", "number") else []


def _plain(text: str) -> str:
    """The text in small letters, without marks at its ends; a mark alone stays one."""
    return (_EDGES.sub("", text) or text).lower()


def _in_place(heard: Sequence[str], said: Sequence[str]) -> list[bool]:
    """For each heard unit whether it stands where the same one was said, by the fewest edits."""
    found = [False] * len(heard)
    for step in Levenshtein.opcodes(heard, said):
        if step.tag == "equal":
            found[step.src_start : step.src_end] = [True] * (step.src_end - step.src_start)
    return found
