"""A doubt about words of one text, and the sentences in which doubts are looked for."""

import re
from dataclasses import dataclass

from dictation.discrepancy.discrepancy import Severity
from dictation.findings import SentenceSpan
from dictation.findings.sentences import parts_of, sentences_of
from dictation.report import Report
from dictation.wording import Dictation

WORD = re.compile(r"[^\W_]+(?:['\u2019.-][^\W_]+)*")
Spans = tuple[tuple[int, int], ...]  # sentences, characters [start, end) each
_BODY = (None, "findings", "impression")
_NEVER_HEARD = ("macro", "template", "order", "suggested")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Characters [start, end) may have been `meant` instead; None where nothing better is known, "" where nothing.

    `question` is one plain sentence; `probability` the recognizer's own for what is offered. `around` are the words
    beside it where each place is asked about by itself, "" where a form of words is asked about once. `before` are the
    characters [start, end) of what the question quotes as said before, None where it quotes nothing else; `instead` are
    the words that were to take their place, "" where that is not known.
    """

    start: int
    end: int
    meant: str | None
    question: str
    severity: Severity = "minor"
    probability: float | None = None
    around: str = ""
    before: tuple[int, int] | None = None
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One sentence: characters [start, end), and its words."""

    text: str
    start: int
    end: int
    words: tuple[re.Match[str], ...]


def stretch(text: str, start: int, end: int) -> Stretch:
    """Characters [start, end) of `text` as one sentence."""
    return Stretch(text, start, end, tuple(WORD.finditer(text, start, end)))


def spans_of(column: Dictation | Report | str, *, is_body: bool = True) -> Spans:
    """Sentences of findings and impression that may have been dictated: none of a macro, template or order.

    Not `is_body`: those of all sections.
    """
    if isinstance(column, str):
        return tuple((span.start, span.end) for span in sentences_of(column) if not is_body or span.section in _BODY)
    units = column.sentences if isinstance(column, Dictation) else column.statements
    given = [
        column.spans[unit.id]
        for unit in units
        if unit.id in column.spans and (not is_body or unit.section in _BODY) and unit.origin not in _NEVER_HEARD
    ]
    parts = (part for span in given for part in parts_of(column.text, SentenceSpan(*span)))
    return tuple((part.start, part.end) for part in parts)


def typed_spans(column: Dictation | Report | str) -> Spans:
    """Characters of a dictation that nobody said: a person typed them, whole or between words that were heard."""
    if not isinstance(column, Dictation):
        return ()
    found: list[tuple[int, int]] = []
    for sentence in column.sentences:
        start, end = column.spans[sentence.id]
        if sentence.origin == "typed" and not sentence.alignment:
            found.append((start, end))
        elif sentence.alignment:
            said = [(start + link.span[0], start + link.span[1]) for link in sentence.alignment]
            words = (match.span() for match in WORD.finditer(column.text, start, end))
            found += [(at, stop) for at, stop in words if not any(at < two and one < stop for one, two in said)]
    return tuple(found)


def like(old: str, new: str) -> str:
    """`new` with the capital of `old`."""
    return new[:1].upper() + new[1:] if old[:1].isupper() and not old[1:2].isupper() else new
