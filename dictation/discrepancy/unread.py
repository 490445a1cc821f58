"""Sentences whose finding the lexicon does not know, compared by their words: side, denial and loss are still seen.

A sentence of which no claim could be read is laid beside the most similar sentences of the other column. The same words
with another side, level or grade, or without the "no", are a contradiction; a sentence whose words stand nowhere in the
other column was left out, or added.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dictation.discrepancy.alike import (
    Statement,
    contradictions,
    differences,
    likeness,
    statement_of,
    values_of,
    words_of,
)
from dictation.discrepancy.cards import Card
from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_sentence
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Severity, Side, discrepancy_id
from dictation.discrepancy.lone import of_added_words, of_lost_words
from dictation.discrepancy.quoting import shortened
from dictation.discrepancy.severity import denies_function
from dictation.findings import SentenceSpan
from dictation.findings.measurement import measurements_in
from dictation.findings.tokens import tokens_of

_SIMILAR = 0.65  # share of words that two sentences must have in common to be the same statement
_SHORT = 6  # words of a sentence that is quoted whole where one word of it differs
_LOST = 0.5  # a sentence that was left out has less than this share of its words anywhere in the other column


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: SentenceSpan
    said: Statement
    is_measured: bool  # then its loss shows as that of its number


def unread_differences(heard: Column, written: Column, told: Iterable[Card]) -> list[Discrepancy]:
    """Differences between sentences without claims; `claim` is None on both sides. `told`: cards made already."""
    cards = list(told)
    told_heard = [claim.span for card in cards for claim in (card.heard, *card.also) if claim]
    told_written = [claim.span for card in cards for claim in (card.written,) if claim]
    said, wrote = _unread(heard), _unread(written)
    found, settled = [], set()
    for sentence, others, is_heard in [*((one, wrote, True) for one in said), *((one, said, False) for one in wrote)]:
        alike = _alike(sentence, others)
        if alike:
            settled.add(sentence.span)
        if not alike or _is_told(sentence, told_heard if is_heard else told_written):
            continue
        kinds = contradictions(sentence.said, [other.said for other in alike])
        for kind, severity in _causes(kinds):
            other = next(one for one in alike if kind in differences(sentence.said, one.said))
            left, right = (sentence, other) if is_heard else (other, sentence)
            found.append(_contradiction(kind, severity, left, right, heard, written))
            told_heard.append((left.span.start, left.span.end))
            told_written.append((right.span.start, right.span.end))
    found += [_omission(sentence, heard, written) for sentence in _lost(said, settled, told_heard, heard, written)]
    found += [_addition(sentence, written) for sentence in _lost(wrote, settled, told_written, written, heard)]
    return found


def _alike(sentence: _Sentence, others: Sequence[_Sentence]) -> list[_Sentence]:
    """The sentences of the same words, the likest first; those of its side alone where there are any."""
    found = [other for other in others if likeness(sentence.said, other.said) >= _SIMILAR]
    own = [other for other in found if other.said.sides == sentence.said.sides]
    return sorted(own or found, key=lambda other: -likeness(sentence.said, other.said))


def _causes(kinds: dict[Kind, Severity]) -> list[tuple[Kind, Severity]]:
    """A sentence that is denied, or of the other side, is one slip whatever else differs."""
    every = list(kinds.items())
    return every[:1] if every and every[0][0] in ("laterality", "negation") else every


def _unread(column: Column) -> list[_Sentence]:
    """The sentences of findings and impression whose claims, if any, are of no known finding."""
    starts = sorted(claim.span[0] for claim in column.claims if claim.finding_class != "other")
    measured = sorted(claim.span[0] for claim in column.claims if claim.finding_class == "other" and claim.measurements)
    found = []
    for span in column.sentences:
        if span.section not in (None, "findings", "impression"):
            continue
        if _has(starts, span):
            continue  # its claims are compared as claims
        said = statement_of(column.text[span.start : span.end])
        if said.words:
            found.append(_Sentence(span, said, _has(measured, span)))
    return found


def _has(starts: Sequence[int], span: SentenceSpan) -> bool:
    return bisect_left(starts, span.start) < bisect_left(starts, span.end)


def _lost(
    sentences: Sequence[_Sentence],
    settled: set[SentenceSpan],
    told: Sequence[tuple[int, int]],
    own: Column,
    other: Column,
) -> Iterator[_Sentence]:
    open_ones = [one for one in sentences if one.said.is_clinical and not one.is_measured and one.span not in settled]
    if not open_ones:
        return
    every = words_of(other.text)
    for sentence in open_ones:
        if not own.was_dictated(sentence.span.id):
            continue
        words = sentence.said.words - {"normal"}
        is_lost = len(words & every) < _LOST * len(words)
        if sentence.said.is_unseen:
            is_lost = not _is_named(sentence.said, other)
        if is_lost and not _is_told(sentence, told):
            yield sentence


def _is_named(said: Statement, column: Column) -> bool:
    """Whether a column speaks of what is not seen, of its side or of none."""
    others = (statement_of(column.text[span.start : span.end]) for span in column.sentences)
    return any(
        said.names & other.names and (not said.sides or not other.sides or said.sides & other.sides) for other in others
    )


def _is_told(sentence: _Sentence, told: Sequence[tuple[int, int]]) -> bool:
    return any(start < sentence.span.end and sentence.span.start < end for start, end in told)


def _contradiction(
    kind: Kind, severity: Severity, heard: _Sentence, written: _Sentence, said: Column, wrote: Column
) -> Discrepancy:
    left, right = _side(heard, said), _side(written, wrote)
    correction = of_sentence(left.text, written.span, wrote) if _sizes(right) <= _sizes(left) else None
    return Discrepancy(
        id=discrepancy_id(kind, left.text.lower(), right.text.lower()),
        kind=kind,
        severity=severity,
        heard=left,
        written=right,
        explanation=_explain(kind, heard, written, left, right),
        audio_span_s=said.seconds(*left.span) if left.span else None,
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )


def _omission(sentence: _Sentence, heard: Column, written: Column) -> Discrepancy:
    side = _side(sentence, heard)
    correction = of_lost_words(side.text, (), sentence.span.section, written)
    return Discrepancy(
        id=discrepancy_id("omission", side.text.lower(), "-"),
        kind="omission",
        severity="major" if denies_function(side.text) else "minor",
        heard=side,
        explanation=f"You said {shortened(side.text)}; the report does not mention it.",
        audio_span_s=heard.seconds(*side.span) if side.span else None,
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )


def _addition(sentence: _Sentence, written: Column) -> Discrepancy:
    side = _side(sentence, written)
    correction = of_added_words([sentence.span], written)
    return Discrepancy(
        id=discrepancy_id("addition", "-", side.text.lower()),
        kind="addition",
        severity="major" if denies_function(side.text) else "minor",
        written=side,
        explanation=f"The report says {shortened(side.text)}; you did not say it.",
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )


def _explain(kind: Kind, heard: _Sentence, written: _Sentence, left: Side, right: Side) -> str:
    said, wrote = (" and ".join(sorted(values_of(kind, one.said))) for one in (heard, written))
    is_short = max(len(side.text.split()) for side in (left, right)) <= _SHORT
    if is_short or kind in ("negation", "certainty") or not said or not wrote:
        return f"You said {shortened(left.text)}; the report says {shortened(right.text)}."
    return f"You said {said}; the report says {wrote} ({shortened(left.text)})."


def _sizes(side: Side) -> int:
    """How many sizes are told there: a sentence that tells fewer is not put in place of one that tells more."""
    return len(measurements_in(side.text, tokens_of(side.text)))


def _side(sentence: _Sentence, column: Column) -> Side:
    start, end = sentence.span.start, sentence.span.end
    return Side(text=column.text[start:end], span=(start, end))
