"""What the recognizer marked as a command is one for certain: "{period}" -> a full stop, "[FINDINGS]" -> that section.

Such words are taken out before any other rule sees them: no context makes an ordinary word of them, and no phrase or
misheard term is made with them. What a recognizer that marks commands left unmarked is decided by its context, where
the marks of others are (`punctuate`): one missed brace must not cost a full stop.
"""

from collections.abc import Sequence
from functools import cache

from dictation.lexicon import rows
from dictation.wording.context import spoken
from dictation.wording.punctuation import LAYOUT, spoken_marks
from dictation.wording.sections import HEADING_MARKS, SOFT_MARKS, headings
from dictation.wording.spacing import words_of
from dictation.wording.tokens import Token, TokenKind

AFTER_HEADING = ("", *HEADING_MARKS, *SOFT_MARKS)


def obey_marked(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with each marked command as one token: a mark, break, section or editing command."""
    found: list[Token] = []
    index = 0
    while index < len(tokens):
        command = _command_at(tokens, index)
        if command is None:
            found.append(tokens[index])
            index += 1
            continue
        text, kind, stop = command
        if kind == "section":
            stop = _past_marks(tokens, stop)
            while found and found[-1].guessed and found[-1].text in ("", ",", "-"):
                found.pop()
        found.append(Token(text, words_of(tokens[index:stop]), kind=kind))
        index = stop
    return found


@cache
def _commands() -> dict[str, tuple[tuple[tuple[str, ...], str, TokenKind], ...]]:
    """First word → (phrase, text of its token, kind), longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str, TokenKind]]] = {}
    for word, marks in spoken_marks().items():
        for mark in marks:
            found.setdefault(word, []).append((mark.phrase, mark.mark, "break" if mark.mark in LAYOUT else "mark"))
    for word, names in headings().items():
        found.setdefault(word, []).extend((name.phrase, name.section, "section") for name in names)
    for row in rows("editing"):
        phrase = tuple(row["spoken"].split())
        found.setdefault(phrase[0], []).append((phrase, row["spoken"], "command"))
    return {word: tuple(sorted(items, key=lambda item: -len(item[0]))) for word, items in found.items()}


def _command_at(tokens: Sequence[Token], index: int) -> tuple[str, TokenKind, int] | None:
    """The text and kind of the command that is marked at `index`, and where it ends."""
    if not tokens[index].is_command:
        return None
    for phrase, text, kind in _commands().get(tokens[index].text.lower(), ()):
        stop = index + len(phrase)
        if spoken(tokens, index, phrase) and all(token.is_command for token in tokens[index:stop]):
            return text, kind, stop
    return None


def _past_marks(tokens: Sequence[Token], stop: int) -> int:
    """Where the marks end that belong to a heading: its own colon, and one that was dictated after it."""
    while stop < len(tokens):
        token = tokens[stop]
        if token.kind == "mark" and token.guessed and token.text in AFTER_HEADING:
            stop += 1
            continue
        command = _command_at(tokens, stop)
        if command is None or command[1] != "mark" or command[0] not in AFTER_HEADING:
            return stop
        stop = command[2]
    return stop
