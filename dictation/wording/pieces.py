"""Tokens cut into pieces that the number rules read: "L4-5" → l, 4, -5; "5mm" → 5, mm; "fifty-four" → fifty, four.

A piece remembers its token, so that a rule can be refused when it would begin or end inside one: what a rule does not
understand as a whole stays as it was heard.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dictation.wording.tokens import Token

PieceKind = Literal["word", "digits", "symbol", "mark", "wall"]

_CUT = re.compile(
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]*\.[0-9]+|[0-9]+)"
    r"|(?P<word>[a-zµ]+(?:'[a-z]+)?)"
    r"|(?P<hyphen>-)"
    r"|(?P<symbol>.)",
    re.DOTALL,
)
_ALIKE = str.maketrans({"’": "'", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "×": "x", "μ": "µ"})


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` in lower case; `raw` as heard. `glue` is what stands before it: " ", "" or "-" inside a token.

    `kind`: `mark` is a punctuation token; `wall` one that no rule may touch: a finished number, a break, a section.
    `first` and `last` say whether the piece begins or ends its token.
    """

    text: str
    raw: str
    glue: str
    kind: PieceKind
    token: int
    first: bool
    last: bool


WALL = Piece("", "", " ", "wall", -1, True, True)


def cut(text: str, token: int) -> list[Piece]:
    """Cut the text of one word token. A leading or doubled hyphen is kept as a symbol, never lost."""
    plain = text.translate(_ALIKE)
    lower = plain.lower()
    if not lower or len(lower) != len(plain):
        return [Piece(lower, text, " ", "symbol", token, True, True)]
    found: list[tuple[str, str, str, PieceKind]] = []
    hyphen = False
    matches = list(_CUT.finditer(lower))
    for number, match in enumerate(matches):
        is_between = 0 < number < len(matches) - 1
        if match.lastgroup == "hyphen" and is_between and not hyphen and found[-1][3] != "symbol":
            hyphen = True
            continue
        if match.lastgroup == "hyphen" and hyphen:
            return [Piece(lower, text, " ", "symbol", token, True, True)]
        kind: PieceKind = "digits" if match.lastgroup == "digits" else "word" if match.lastgroup == "word" else "symbol"
        glue = "-" if hyphen else "" if found else " "
        found.append((match.group(), plain[match.start() : match.end()], glue, kind))
        hyphen = False
    end = len(found) - 1
    return [Piece(low, raw, glue, kind, token, at == 0, at == end) for at, (low, raw, glue, kind) in enumerate(found)]


class Pieces:
    """The pieces of a token sequence. Reading outside it gives a wall, so that rules need no bounds."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        found: list[Piece] = []
        for at, token in enumerate(tokens):
            if token.kind == "word":
                found.extend(cut(token.text, at))
            elif token.kind == "mark":
                found.append(Piece(token.text.translate(_ALIKE), token.text, " ", "mark", at, True, True))
            else:
                found.append(Piece("", token.text, " ", "wall", at, True, True))
        self._found = found

    def __len__(self) -> int:
        """How many pieces there are."""
        return len(self._found)

    def __getitem__(self, at: int) -> Piece:
        """The piece at `at`; a wall outside the sequence."""
        return self._found[at] if 0 <= at < len(self._found) else WALL

    def word(self, at: int) -> str:
        """The lower-case text of a word, symbol or digits piece; "" for marks and walls, which no phrase crosses."""
        piece = self[at]
        return "" if piece.kind in ("mark", "wall") else piece.text

    def follows(self, at: int, phrase: Sequence[str]) -> bool:
        """Whether the words of `phrase` stand at `at`."""
        return all(self.word(at + offset) == word for offset, word in enumerate(phrase))


@dataclass(frozen=True, slots=True)
class Figure:
    """What a rule read: the pieces up to `end` become `text`; None means: leave them as they were heard."""

    text: str | None
    end: int
