"""MedASR's tokens as spoken words, marked as commands: "{period}" -> "period", "[FINDINGS]" -> "Findings:".

The model spells its tokens from small pieces, so they break: "{next} line}", "xt line}", "{peroid}". A broken token is
repaired only where exactly one known token can be meant (see mending.py). Placeholders of de-identified training text
("[Date]") stand for nothing that was said: they are taken out and reported. The end of an utterance, "</s>", never
shows, nor do its fragments. Whatever else stands in brackets stays as it is, to be seen.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dictation.speech.medasr.letters import Letter
from dictation.speech.medasr.mending import broken_tokens, snapped
from dictation.speech.medasr.token_names import PAIR, Token, named, squeezed

_UTTERANCE_END = re.compile(
    r"<\s*+(?:/\s*+)?s\s*+>"  # whole, and the start of an utterance
    r"|<\s*+/\s*+s(?!\w)|</(?!\S)|<s(?!\w)|(?<!\w)/\s*+s\s*+>|(?<!\S)s>(?!\d)"  # its fragments
)


@dataclass(frozen=True)
class Removed:
    """A placeholder that was taken out of the text, with its seconds in the recording."""

    name: str
    start_s: float
    end_s: float


def with_words_for_tokens(letters: Sequence[Letter]) -> tuple[list[Letter], list[Removed]]:
    """Return the letters with every known token as its spoken words, and the placeholders that were removed.

    Words of a token are marked `is_command`, and no others.
    """
    removed: list[Removed] = []
    letters = _without_utterance_ends(letters)
    whole = _replaced(letters, _whole_tokens(_text(letters)), removed)
    mended = _replaced(whole, broken_tokens(_text(whole), [letter.is_command for letter in whole]), removed)
    return mended, removed


def _text(letters: Sequence[Letter]) -> str:
    return "".join(letter.text for letter in letters)


def _without_utterance_ends(letters: Sequence[Letter]) -> list[Letter]:
    """Each "</s>", whole or in part, becomes the space that it is between words."""
    kept: list[Letter] = []
    at = 0
    for match in _UTTERANCE_END.finditer(_text(letters)):
        kept += [*letters[at : match.start()], _space(letters[match.start()])]
        at = match.end()
    return [*kept, *letters[at:]]


def _whole_tokens(text: str) -> Iterator[tuple[int, int, Token]]:
    for match in PAIR.finditer(text):
        brace = match.group(1) is not None
        inside = match.group(1 if brace else 2)
        token = named(brace).get(squeezed(inside)) or snapped(inside, brace)
        if token is not None:
            is_colon_of_heading = not brace and text[match.end() : match.end() + 1] == ":"
            yield match.start(), match.end() + is_colon_of_heading, token


def _replaced(
    letters: Sequence[Letter], found: Iterable[tuple[int, int, Token]], removed: list[Removed]
) -> list[Letter]:
    """Return the letters with each found stretch replaced, set apart by spaces. Adds what was hidden to `removed`.

    All words of a token are as sure as its least sure piece.
    """
    result: list[Letter] = []
    at = 0
    for start, stop, token in found:
        result.extend(letters[at:start])
        inside = [letter for letter in letters[start:stop] if not letter.text.isspace()]
        if token.kind == "hidden":
            removed.append(Removed(token.name, inside[0].start_s, inside[-1].end_s))
        result.append(_space(inside[0]))
        least = min(letter.probability for letter in inside)
        for position, character in enumerate(token.said):
            source = inside[position * (len(inside) - 1) // max(1, len(token.said) - 1)]
            result.append(replace(source, text=character, probability=least, is_command=True))
        if stop < len(letters) and letters[stop].text.isalnum():
            result.append(_space(inside[-1]))
        at = stop
    return [*result, *letters[at:]]


def _space(beside: Letter) -> Letter:
    return replace(beside, text=" ", is_command=False)
