"""A guessed comma where the speaker stopped and began anew is a full stop: "without contrast, [pause] there is"."""

from collections.abc import Sequence
from dataclasses import replace

from dictation.speech.transcript import Word
from dictation.wording.context import after, starts_with
from dictation.wording.sections import heading_context
from dictation.wording.tokens import Token

PAUSE_S = 0.45  # between sentences of one dictation; the pause at a comma inside one stays below


def end_at_pauses(tokens: Sequence[Token], words: Sequence[Word]) -> list[Token]:
    """Return the tokens with such commas as full stops. Dictated commas stay, and so do all others."""
    found = list(tokens)
    for index in range(1, len(found) - 1):
        mark = found[index]
        if mark.kind != "mark" or not mark.guessed or mark.text != ",":
            continue
        is_new = starts_with(after(found, index + 1), heading_context("sentence_after_pause"))
        if is_new and _silence(found[index - 1], found[index + 1], words) >= PAUSE_S:
            found[index] = replace(mark, text=".")
    return found


def _silence(before: Token, after_it: Token, words: Sequence[Word]) -> float:
    if not before.words or not after_it.words:
        return 0.0
    end_s, start_s = words[before.words[-1]].end_s, words[after_it.words[0]].start_s
    return 0.0 if end_s is None or start_s is None else start_s - end_s
