"""Phrases of the lexicon found in tokens: the longest phrase at each place wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dictation.findings.tokens import Token, norms

Meaning = TypeVar("Meaning")
_BEGINNING = object()  # in the table: no phrase, but one goes on from here


@dataclass(slots=True)  # not frozen, see `Token`
class Match(Generic[Meaning]):
    """Tokens [start, end) say `meaning`."""

    start: int
    end: int
    meaning: Meaning


class Phrases(Generic[Meaning]):
    """A set of phrases, each with one or more meanings. The first one given for a phrase is the one that counts.

    One flat table holds every phrase and every beginning of one, so that reading on at a token ends where no phrase
    goes on; thousands of nodes would cost each run time to build and to be walked by the garbage collector.
    """

    def __init__(self, phrases: Iterable[tuple[str, Meaning]]) -> None:
        self._table: dict[str, Meaning | object] = {}
        table = self._table
        for phrase, meaning in phrases:
            whole = " ".join(norms(phrase))
            if table.get(whole, _BEGINNING) is not _BEGINNING:
                continue
            blank = whole.find(" ")
            while blank > 0:
                table.setdefault(whole[:blank], _BEGINNING)
                blank = whole.find(" ", blank + 1)
            table[whole] = meaning

    def begins(self, word: str) -> bool:
        """Whether a phrase begins with the word."""
        return word in self._table

    def longest_at(self, tokens: Sequence[Token], start: int) -> Match[Meaning] | None:
        """The longest phrase that begins at `start`; None also behind the last token."""
        if start >= len(tokens) or tokens[start].norm not in self._table:
            return None
        table, said, end, count = self._table, tokens[start].norm, start + 1, len(tokens)
        found, last = table[said], end
        while end < count and (said := f"{said} {tokens[end].norm}") in table:
            end += 1
            if table[said] is not _BEGINNING:
                found, last = table[said], end
        return None if found is _BEGINNING else Match(start, last, found)  # type: ignore[arg-type]

    def find(self, tokens: Sequence[Token]) -> list[Match[Meaning]]:
        """All phrases from left to right, none overlapping another."""
        found: list[Match[Meaning]] = []
        table, free = self._table, 0
        for position, token in enumerate(tokens):
            if token.norm in table and position >= free:
                match = self.longest_at(tokens, position)
                if match is not None:
                    found.append(match)
                    free = match.end
        return found
