"""Tokens to sentences: split at full stops and breaks, spaced, capitalised, numbered, each tied to its words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from dictation.wording.casing import as_start, as_written
from dictation.wording.spacing import spaced
from dictation.wording.tokens import Token
from dictation.wording.written import Command, Link, SectionName, Sentence, Separator

STOPS = (".", "?", "!")


@dataclass
class _Open:
    """The sentence being built."""

    section: SectionName | None = None
    starts: Separator = "space"
    tokens: list[Token] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        return any(token.kind != "mark" for token in self.tokens)


def sentences(tokens: Sequence[Token], section: SectionName | None = None) -> tuple[list[Sentence], list[Command]]:
    """Return the sentences "s1", "s2" … and the layout, heading and stray-mark commands found on the way.

    `section` is the one that the tokens go on in.
    """
    done: list[Sentence] = []
    commands: list[Command] = []
    current = _Open(section=section)

    def close() -> None:
        nonlocal current
        if current.has_words:
            done.append(_sentence(f"s{len(done) + 1}", current))
            current = _Open(section=current.section)
        elif current.tokens:  # marks without a word: nothing to write them on
            for token in current.tokens:
                commands.append(Command(name="punctuation", words=token.words, argument=token.text))
            current.tokens = []

    for index, token in enumerate(tokens):
        if token.kind == "section":
            close()
            current.section = cast(SectionName, token.text)
            commands.append(Command(name="section", words=token.words, argument=token.text))
        elif token.kind == "break":
            close()
            if current.starts != "paragraph":
                current.starts = cast(Literal["line", "paragraph"], token.text)
            commands.append(Command(name=f"new {token.text}", words=token.words))
        elif token.kind == "mark" and token.text == "?" and not token.guessed and not current.has_words:
            current.tokens.append(token)  # "question mark pneumonia": the mark stands before what is in question
        elif token.kind == "mark" and token.text in STOPS and not _is_item_number(current.tokens, tokens, index):
            current.tokens.append(token)
            if not _bracket_follows(tokens, index):
                close()
        else:
            current.tokens.append(token)
            if token.kind == "mark" and token.text == ")" and _closed_inside(current.tokens):
                close()
    close()
    return done, commands


def _is_item_number(open_tokens: Sequence[Token], tokens: Sequence[Token], index: int) -> bool:
    """True for the stop of "1." at the start of a list item."""
    if len(open_tokens) != 1 or not open_tokens[0].text.isdigit() or len(open_tokens[0].text) > 2:
        return False
    return index + 1 < len(tokens) and tokens[index + 1].kind in ("word", "number")


def _bracket_follows(tokens: Sequence[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].kind == "mark" and tokens[index + 1].text == ")"


def _closed_inside(tokens: Sequence[Token]) -> bool:
    """True where the bracket just closed holds the end of the sentence: "(see above.)"."""
    return len(tokens) > 1 and tokens[-2].kind == "mark" and tokens[-2].text in STOPS


def _sentence(id: str, parts: _Open) -> Sentence:
    text = ""
    links: list[Link] = []
    starts = True
    last: Token | None = None
    for token in parts.tokens:
        is_mark = token.kind == "mark"
        shown = token.text if is_mark else as_written(token)
        if starts and not is_mark:
            shown = as_start(shown, token)
            starts = shown.isdigit() and len(parts.tokens) > 1 and parts.tokens[1].text == "."
        text += " " if text != "?" and spaced(last, token) else ""
        span = (len(text), len(text) + len(shown))
        links.append(
            Link(
                span=span,
                words=token.words,
                corrected=token.corrected,
                heard=token.heard,
                doubtful=token.doubtful,
            )
        )
        text += shown
        last = token
    return Sentence(id=id, text=text, alignment=tuple(links), section=parts.section, starts=parts.starts)
