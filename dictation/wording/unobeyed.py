"""Editing commands in words that were said live: one that is a whole utterance is obeyed, any other is text."""

from collections.abc import Sequence

from dictation.speech.transcript import Word
from dictation.wording.editing import find_commands, phrases
from dictation.wording.hearing import heard
from dictation.wording.marked import obey_marked
from dictation.wording.punctuation import punctuate
from dictation.wording.tokens import Token


def commands_in(words: Sequence[Word]) -> tuple[str, ...]:
    """The editing commands that words hold, as they are listed, in order; what may be one is one."""
    return tuple(token.text for token in _tokens(words) if token.kind == "command" or token.text in phrases())


def is_editing(words: Sequence[Word]) -> bool:
    """Whether words are one editing command and nothing else: a recognizer may say one again and again."""
    tokens = [token for token in punctuate(_tokens(words))[0] if token.kind != "mark"]
    return len(tokens) == 1 and tokens[0].kind == "command"


def _tokens(words: Sequence[Word]) -> list[Token]:
    return find_commands(obey_marked(heard(words)))
