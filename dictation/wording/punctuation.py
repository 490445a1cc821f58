"""Spoken punctuation and layout to marks: "effusion period" -> "effusion."

Whether "period" or "colon" is a mark or an ordinary word ("over a period of", "sigmoid colon") is decided by the
words around it, with the patterns of `punctuation.tsv`. Where the recognizer marks its commands, those that it marked
are certain and taken out before (`obey_marked`); an unmarked "new line" is then a catheter, and "colon" the organ but
after a heading: a missed brace may cost a break, but no word. Only stops and commas, which are missed more often than
they are nouns, are decided by their context. A mark that was spoken replaces any that was guessed beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from dictation.lexicon import rows
from dictation.wording.casing import uncapitalised
from dictation.wording.context import after, before, ends_with, spoken, starts_with
from dictation.wording.sections import at_start, heading_context, heading_ends_at
from dictation.wording.spacing import words_of
from dictation.wording.tokens import Token
from dictation.wording.written import Command

LAYOUT = ("line", "paragraph")
STOPS = (".", "?", "!")
MARKS_THOUGH_UNMARKED = (*STOPS, ",")


@dataclass(frozen=True)
class SpokenMark:
    """One way to say a mark. `mark` is the character, or the name of a break."""

    phrase: tuple[str, ...]
    mark: str
    ordinary_before: str
    ordinary_after: str

    @property
    def can_be_words(self) -> bool:
        """True for "new line" or "dash"; "semicolon" or "close parenthesis" is only ever the name of a mark."""
        return bool(self.ordinary_before or self.ordinary_after)


@cache
def spoken_marks() -> dict[str, tuple[SpokenMark, ...]]:
    """The marks by their first spoken word, longest phrase first."""
    marks: dict[str, list[SpokenMark]] = {}
    for row in rows("punctuation"):
        phrase = tuple(row["spoken"].split())
        mark = SpokenMark(phrase, row["mark"], row["ordinary_before"], row["ordinary_after"])
        marks.setdefault(phrase[0], []).append(mark)
    return {word: tuple(sorted(found, key=lambda mark: -len(mark.phrase))) for word, found in marks.items()}


def punctuate(tokens: Sequence[Token]) -> tuple[list[Token], list[Command]]:
    """Return the tokens with spoken marks written, and a command for each spoken mark that was said twice."""
    written: list[Token] = []
    index = 0
    while index < len(tokens):
        mark = _mark_at(tokens, index, written)
        if mark is None:
            written.append(tokens[index])
            index += 1
            continue
        stop = index + len(mark.phrase)
        written.append(Token(mark.mark, words_of(tokens[index:stop]), kind="break" if mark.mark in LAYOUT else "mark"))
        index = stop
    return _without_doubles(written)


def _mark_at(tokens: Sequence[Token], index: int, written: Sequence[Token]) -> SpokenMark | None:
    token = tokens[index]
    if token.kind != "word":
        return None
    for mark in spoken_marks().get(token.text.lower(), ()):
        if not spoken(tokens, index, mark.phrase):
            continue
        if mark.mark == ":" and at_start(written, len(written)):
            continue  # a colon that starts a sentence is the organ
        following = after(tokens, index + len(mark.phrase))
        if mark.mark == ":" and heading_ends_at(tokens, index) and not starts_with(following, heading_context("organ")):
            return mark
        if token.is_command is False and mark.can_be_words and mark.mark not in MARKS_THOUGH_UNMARKED:
            continue  # a recognizer that marks commands heard words
        if ends_with(before(tokens, index), mark.ordinary_before) or starts_with(following, mark.ordinary_after):
            continue
        return mark
    return None


def _without_doubles(tokens: Sequence[Token]) -> tuple[list[Token], list[Command]]:
    """Drop guessed marks beside a spoken mark or break, and a spoken mark said twice in a row."""
    kept: list[Token] = []
    commands: list[Command] = []
    lost_stop = False  # a guessed full stop gave way to a spoken comma: its capital goes too
    for token in tokens:
        if token.kind in ("mark", "break") and not token.guessed:
            lost_stop = False
            while kept and kept[-1].guessed:
                lost_stop = kept.pop().text in STOPS
            lost_stop = lost_stop and token.kind == "mark" and token.text not in STOPS
        elif token.kind == "word":
            token, lost_stop = uncapitalised(token) if lost_stop else token, False
        last = kept[-1] if kept else None
        if token.guessed and _is_needless(token, last):
            continue
        if token.kind == "mark" and last and last.kind == "mark" and last.text == token.text:
            commands.append(Command(name="punctuation", words=token.words, argument=token.text))
            continue
        kept.append(token)
    return kept, commands


def _is_needless(guess: Token, last: Token | None) -> bool:
    """True for a guessed mark with no text, or after another mark; brackets stand beside any mark."""
    if not guess.text:
        return True
    if last is None or last.kind not in ("mark", "break", "section", "command"):
        return False
    return guess.text not in "()" and last.text != ")"
