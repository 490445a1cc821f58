"""Phrases of the lexicon found in tokens: the longest phrase at each place wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dictation.findings.tokens import Token, norms

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Match(Generic[Meaning]):
    """Tokens [start, end) say `meaning`."""

    start: int
    end: int
    meaning: Meaning


class _Node:
    __slots__ = ("meanings", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.meanings: list[object] = []


class Phrases(Generic[Meaning]):
    """A set of phrases, each with one or more meanings. The first one given for a phrase is the one that counts."""

    def __init__(self, phrases: Iterable[tuple[str, Meaning]]) -> None:
        self._root = _Node()
        for phrase, meaning in phrases:
            node = self._root
            for norm in norms(phrase):
                for part in norm.split(" "):
                    node = node.next.setdefault(part, _Node())
            node.meanings.append(meaning)

    def longest_at(self, tokens: Sequence[Token], start: int) -> Match[Meaning] | None:
        """The longest phrase that begins at `start`."""
        node, found = self._root, None
        for position in range(start, len(tokens)):
            following = node.next.get(tokens[position].norm)
            if following is None:
                break
            node = following
            if node.meanings:
                found = Match(start, position + 1, node.meanings[0])
        return found  # type: ignore[return-value]

    def find(self, tokens: Sequence[Token]) -> list[Match[Meaning]]:
        """All phrases from left to right, none overlapping another."""
        found: list[Match[Meaning]] = []
        beginnings, free = self._root.next, 0
        for position, token in enumerate(tokens):
            if token.norm not in beginnings or position < free:
                continue
            match = self.longest_at(tokens, position)
            if match is not None:
                found.append(match)
                free = match.end
        return found
