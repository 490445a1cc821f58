"""MedASR's tokens as the words that were spoken: "{period}" -> "period", "[FINDINGS]" -> "Findings:".

The model spells its tokens from small pieces, so they break: "{next} line}", "xt line}". A broken token is repaired
only where exactly one known token can be meant. Placeholders of de-identified training text ("[Date]") stand for
nothing that was said: they are taken out and reported. Whatever else stands in brackets stays as it is, to be seen.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from dictation.lexicon import rows
from dictation.speech.medasr.letters import Letter

MIN_FRAGMENT_LETTERS = 3
MAX_PARTS = 4  # of one broken token: "{next} para}graph}" has three
_WHOLE = re.compile(r"\{+([^{}\[\]]+)\}+|\[+([^{}\[\]]+)\]+:?")
_PART = re.compile(r"[{\[]*[^\s{}\[\]]+[}\]]*|[{}\[\]]+")
_OPENING, _CLOSING, _MARKS = "{[", "}]", "{}[]"


@dataclass(frozen=True)
class Token:
    """A known token. `kind`: command, section or hidden; `said`: the words it becomes, "" where nothing was said."""

    name: str
    kind: str
    said: str

    @property
    def letters(self) -> str:
        """The name in small letters without spaces: what is left of it when it breaks."""
        return _squeezed(self.name)


@dataclass(frozen=True)
class Removed:
    """A placeholder that was taken out of the text, with its seconds in the recording."""

    name: str
    start_s: float
    end_s: float


def with_words_for_tokens(letters: Sequence[Letter]) -> tuple[list[Letter], list[Removed]]:
    """Return the letters with every known token as its spoken words, and the placeholders that were removed."""
    removed: list[Removed] = []
    whole = _replaced(letters, _whole_tokens(_text(letters)), removed)
    return _replaced(whole, _broken_tokens(whole), removed), removed


@cache
def tokens() -> tuple[Token, ...]:
    """The tokens that MedASR is known to write."""
    return tuple(_token(row["name"], row["kind"]) for row in rows("medasr_tokens"))


@cache
def _named(brace: bool) -> dict[str, Token]:
    """The tokens that a well-formed pair of braces (or else brackets) may hold, by their squeezed name.

    Any spoken mark or section heading that the wording knows counts, too; the first of two spellings wins.
    """
    table, column, kind = ("punctuation", "spoken", "command") if brace else ("section_names", "spoken", "section")
    found = {_squeezed(row[column]): _token(row[column], kind) for row in reversed(rows(table))}
    return found | {token.letters: token for token in tokens() if (token.kind == "command") == brace}


def _token(name: str, kind: str) -> Token:
    return Token(name, kind, {"command": name, "section": f"{name.capitalize()}:", "hidden": ""}[kind])


def _squeezed(text: str) -> str:
    return re.sub(r"[\s{}\[\]]", "", text).lower()


def _text(letters: Sequence[Letter]) -> str:
    return "".join(letter.text for letter in letters)


def _whole_tokens(text: str) -> Iterator[tuple[int, int, Token]]:
    for match in _WHOLE.finditer(text):
        brace = match.group(1) is not None
        token = _named(brace).get(_squeezed(match.group(1 if brace else 2)))
        if token is not None:
            yield match.start(), match.end(), token


def _broken_tokens(letters: Sequence[Letter]) -> Iterator[tuple[int, int, Token]]:
    """Yield [start, stop) and the token of each stretch around a stray brace or bracket that can only be that one."""
    text = _text(letters)
    parts = [match.span() for match in _PART.finditer(text)]
    index = 0
    while index < len(parts):
        found = _longest(text, letters, parts, index, _exact) or _longest(text, letters, parts, index, _fragment)
        if found is None:
            index += 1
            continue
        count, token = found
        yield parts[index][0], parts[index + count - 1][1], token
        index += count


def _longest(
    text: str,
    letters: Sequence[Letter],
    parts: Sequence[tuple[int, int]],
    index: int,
    meaning: Callable[[str], Token | None],
) -> tuple[int, Token] | None:
    """The most parts from `index` on that `meaning` makes one token of."""
    for count in range(min(MAX_PARTS, len(parts) - index), 0, -1):
        start, stop = parts[index][0], parts[index + count - 1][1]
        if any(letter.is_command for letter in letters[start:stop]):
            continue
        token = meaning(text[start:stop])
        if token is not None:
            return count, token
    return None


def _exact(part: str) -> Token | None:
    """All the letters of a token are there, and at least one of its marks, at either end."""
    part = part.rstrip(".,:")
    if not (part.startswith(tuple(_OPENING)) or part.endswith(tuple(_CLOSING))):
        return None
    return next((token for token in _of_marks(part) if token.letters == _squeezed(part)), None)


def _fragment(part: str) -> Token | None:
    """The head or tail of exactly one token, with the mark of that end and at least half of its letters."""
    opened, closed = part[0] in _OPENING, part[-1] in _CLOSING
    if opened == closed:
        return None
    left = _squeezed(part)
    found = [
        token
        for token in _of_marks(part)
        if (token.letters.startswith(left) if opened else token.letters.endswith(left)) and left != token.letters
    ]
    if len(found) != 1 or len(left) < max(MIN_FRAGMENT_LETTERS, len(found[0].letters) / 2):
        return None
    return found[0]


def _of_marks(part: str) -> list[Token]:
    """The known tokens whose kind of mark is the only one in `part`."""
    marks = set(part) & set(_MARKS)
    if not marks or (marks & set("{}") and marks & set("[]")):
        return []
    return [token for token in tokens() if (token.kind == "command") == bool(marks & set("{}"))]


def _replaced(
    letters: Sequence[Letter], found: Iterator[tuple[int, int, Token]], removed: list[Removed]
) -> list[Letter]:
    """Return the letters with each found stretch replaced, set apart by spaces. Adds what was hidden to `removed`."""
    result: list[Letter] = []
    at = 0
    for start, stop, token in found:
        result.extend(letters[at:start])
        inside = [letter for letter in letters[start:stop] if not letter.text.isspace()]
        if token.kind == "hidden":
            removed.append(Removed(token.name, inside[0].start_s, inside[-1].end_s))
        result.append(_space(inside[0]))
        for position, character in enumerate(token.said):
            source = inside[position * (len(inside) - 1) // max(1, len(token.said) - 1)]
            result.append(replace(source, text=character, is_command=True))
        if stop < len(letters) and letters[stop].text.isalnum():
            result.append(_space(inside[-1]))
        at = stop
    return [*result, *letters[at:]]


def _space(beside: Letter) -> Letter:
    return replace(beside, text=" ", is_command=False)
