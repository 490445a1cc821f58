"""The tokens of MedASR by name: those that it was seen to write, and all that a pair of its marks may hold."""

import re
from dataclasses import dataclass
from functools import cache

from dictation.lexicon import rows

PAIR = re.compile(r"(?<!\{)\{++([^{}\[\]]++)\}++|(?<!\[)\[++([^{}\[\]]++)\]++")
"""A pair of braces (group 1: what it holds) or of brackets (group 2); the marks may be doubled."""
RETRACTION = "retract"
"""The meaning of every command that takes back what was said."""
_THREE_ALIKE = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True)
class Token:
    """A known token. `kind`: command, section or hidden; `said`: the words it becomes, "" where nothing was said.

    `meaning`: what it does; several names may do the same.
    """

    name: str
    kind: str
    said: str
    meaning: str

    @property
    def letters(self) -> str:
        """The name in small letters without spaces: what is left of it when it breaks."""
        return squeezed(self.name)

    @property
    def in_braces(self) -> bool:
        """True where it stands in braces, False in square brackets."""
        return self.kind == "command"


def squeezed(text: str) -> str:
    """The text in small letters without spaces, braces and brackets, and no letter more than twice in a row."""
    return _THREE_ALIKE.sub(r"\1\1", re.sub(r"[\s{}\[\]]", "", text).lower())


@cache
def tokens() -> tuple[Token, ...]:
    """The tokens that are looked for where they break, too."""
    return tuple(_token(row["name"], row["kind"]) for row in rows("medasr_tokens"))


@cache
def named(brace: bool) -> dict[str, Token]:
    """The tokens that a well-formed pair of braces (or else brackets) may hold, by their squeezed name.

    Any spoken mark, editing command or section heading that the wording knows counts, too; the first of two spellings
    wins.
    """
    tables = ("punctuation", "editing") if brace else ("section_names",)
    kind = "command" if brace else "section"
    found = {squeezed(row["spoken"]): _token(row["spoken"], kind) for table in tables for row in reversed(rows(table))}
    return found | {token.letters: token for token in tokens() if token.in_braces == brace}


@cache
def _meanings() -> dict[str, str]:
    marks = {row["spoken"]: row["mark"] for row in rows("punctuation")}
    sections = {row["spoken"]: row["section"] for row in rows("section_names")}
    return marks | {row["spoken"]: RETRACTION for row in rows("editing")} | sections


def _token(name: str, kind: str) -> Token:
    said = {"command": name, "section": f"{name.capitalize()}:", "hidden": ""}[kind]
    return Token(name, kind, said, _meanings().get(name, name))
