"""The words that an inference rests on, and the card that shows them.

Enters: a column. Leaves: phrases found in it with their characters, their sentence and whether they are denied there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import Correction
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Severity, Side, discrepancy_id
from dictation.findings import SentenceSpan
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token, tokens_of

Meaning = TypeVar("Meaning")
Span = tuple[int, int]
BODY = (None, "findings", "impression")
_DENYING = frozenset({"no", "not", "without", "negative", "never", "neither", "nor", "free", "unlikely", "denies"})
_DENIAL_REACH = 8  # words
_NEW_CLAUSE = frozenset({";", ":", "but", "however"})


@dataclass(frozen=True, slots=True)
class Hit(Generic[Meaning]):
    """Characters [start, end) of a sentence say `meaning`; `is_denied`: a denial stands before them in the clause."""

    meaning: Meaning
    start: int
    end: int
    sentence: SentenceSpan
    is_denied: bool

    @property
    def span(self) -> Span:
        """The characters."""
        return self.start, self.end


@dataclass(frozen=True)
class Words:
    """A column as sentences of tokens, made once for all inferences."""

    column: Column

    @cached_property
    def sentences(self) -> tuple[tuple[SentenceSpan, Sequence[Token]], ...]:
        """Each sentence with its tokens, whose characters count from its start."""
        text = self.column.text
        return tuple((span, tokens_of(text[span.start : span.end])) for span in self.column.sentences)

    @property
    def has_body(self) -> bool:
        """Whether anything stands under findings, impression or no heading."""
        return any(sentence.section in BODY for sentence in self.column.sentences)

    def hits(self, phrases: Phrases[Meaning], sections: Iterable[str | None] | None = None) -> list[Hit[Meaning]]:
        """Where the phrases stand, in the order of the text; only in these sections, where any are given."""
        allowed = None if sections is None else set(sections)
        found = []
        for sentence, tokens in self.sentences:
            if allowed is None or sentence.section in allowed:
                for match in phrases.find(tokens):
                    start, end = tokens[match.start].start + sentence.start, tokens[match.end - 1].end + sentence.start
                    found.append(Hit(match.meaning, start, end, sentence, _is_denied(tokens, match.start)))
        return found


def _is_denied(tokens: Sequence[Token], at: int) -> bool:
    for token in reversed(tokens[max(0, at - _DENIAL_REACH) : at]):
        if token.norm in _NEW_CLAUSE:
            return False
        if token.norm in _DENYING:
            return True
    return False


def side(column: Column, span: Span | None) -> Side | None:
    """These characters as one side of a card."""
    return Side(text=column.text[span[0] : span[1]], span=span) if span else None


def card(
    kind: Kind,
    severity: Severity,
    cause: str,
    explanation: str,
    heard: tuple[Column, Span | None],
    written: tuple[Column, Span | None],
    correction: Correction | None = None,
) -> Discrepancy:
    """A card of one cause; its id rests on the cause and the words shown."""
    left, right = side(*heard), side(*written)
    words = [part.text.lower() if part else "-" for part in (left, right)]
    column, span = heard
    return Discrepancy(
        id=discrepancy_id(kind, cause, *words),
        kind=kind,
        severity=severity,
        heard=left,
        written=right,
        explanation=explanation,
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
        audio_span_s=column.seconds(*span) if span else None,
    )
