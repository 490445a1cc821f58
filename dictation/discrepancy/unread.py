"""Sentences whose finding the lexicon does not know, compared by their words: side, denial and loss are still seen.

A sentence of which no claim could be read is laid beside the most similar sentence of the other column. The same words
with another side or without the "no" are a contradiction; a dictated sentence whose words stand nowhere is an omission.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Severity, Side, discrepancy_id
from dictation.findings import Claim, SentenceSpan
from dictation.findings.lexicon import cue_phrases, place_phrases, word_phrases
from dictation.findings.tokens import Token, normal_form, tokenise
from dictation.lexicon import rows

_SIMILAR = 0.65  # share of words that two sentences must have in common to be the same statement
_LOST = 0.5  # an omitted sentence has at most this share of its words anywhere in the report


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: SentenceSpan
    words: frozenset[str]
    sides: frozenset[str]
    is_denied: bool
    is_clinical: bool


@cache
def _words(role: str) -> frozenset[str]:
    return frozenset(
        normal_form(term.strip())
        for row in rows("unread_words")
        if row["role"] == role
        for term in row["terms"].split("|")
    )


def unread_differences(heard: Column, written: Column) -> list[Discrepancy]:
    """Differences between sentences without claims; `claim` is None on both sides."""
    said, wrote = list(_unread(heard)), list(_unread(written))
    every = {token.norm for token in tokenise(written.text)}
    found = []
    for sentence in said:
        match = max(wrote, key=lambda other: _likeness(sentence, other), default=None)
        if match is not None and _likeness(sentence, match) >= _SIMILAR:
            kind = _contradiction(sentence, match, wrote)
            if kind:
                found.append(_discrepancy(kind, "critical", sentence, match, heard, written))
        elif sentence.is_clinical and len(sentence.words & every) <= _LOST * len(sentence.words):
            found.append(_discrepancy("omission", "minor", sentence, None, heard, written))
    return found


def _unread(column: Column) -> Iterator[_Sentence]:
    starts = sorted(claim.span[0] for claim in column.claims if not _is_unknown(claim))
    for span in column.sentences:
        if span.section not in (None, "findings", "impression"):
            continue
        if bisect_left(starts, span.start) < bisect_left(starts, span.end):
            continue  # its claims are compared as claims
        tokens = tokenise(column.text, span.start, span.end)
        words = frozenset(
            t.norm for t in tokens if t.norm.isalpha() and len(t.norm) > 2 and t.norm not in _words("stop")
        )
        if words:
            sides = frozenset(m.meaning for m in word_phrases("laterality", "side").find(tokens)) - {"none"}
            yield _Sentence(span, words, sides, _is_denied(tokens), _is_clinical(tokens, words))


def _is_unknown(claim: Claim) -> bool:
    return claim.finding_class == "other" and not claim.measurements and claim.finding.startswith("other:")


def _is_denied(tokens: list[Token]) -> bool:
    return any(cue.meaning.kind == "negation" for cue in cue_phrases().find(tokens))


def _is_clinical(tokens: list[Token], words: frozenset[str]) -> bool:
    """Whether the sentence speaks of a place in the body and not of the examination."""
    return len(words) >= 2 and bool(place_phrases().find(tokens)) and not words & _words("technical")


def _likeness(one: _Sentence, two: _Sentence) -> float:
    return len(one.words & two.words) / len(one.words | two.words)


def _contradiction(heard: _Sentence, written: _Sentence, wrote: list[_Sentence]) -> Kind | None:
    others = [other for other in wrote if _likeness(heard, other) >= _SIMILAR]
    if heard.sides and all(other.sides and not heard.sides & other.sides for other in others):
        return "laterality" if {*heard.sides, *written.sides} >= {"left", "right"} else None
    is_turned = all(other.is_denied != heard.is_denied for other in others) and not heard.words & _words("technical")
    return "negation" if is_turned else None


def _discrepancy(
    kind: Kind, severity: Severity, heard: _Sentence, written: _Sentence | None, said: Column, wrote: Column
) -> Discrepancy:
    left = _side(heard, said)
    right = _side(written, wrote) if written else None
    if kind == "laterality" and written:
        explanation = f"You said {_one(heard.sides)}; the report says {_one(written.sides)}."
    elif kind == "negation":
        explanation = (
            "You denied this; the report states it." if heard.is_denied else "You stated this; the report denies it."
        )
    else:
        explanation = "You said this; the report does not mention it."
    return Discrepancy(
        id=discrepancy_id(kind, left.text.lower(), right.text.lower() if right else "-"),
        kind=kind,
        severity=severity,
        heard=left,
        written=right,
        explanation=explanation,
        audio_span_s=said.seconds(*left.span) if left.span else None,
        suggestion=left.text if right else f"Add: {left.text}",
    )


def _one(sides: frozenset[str]) -> str:
    return " and ".join(sorted(sides))


def _side(sentence: _Sentence, column: Column) -> Side:
    start, end = sentence.span.start, sentence.span.end
    return Side(text=column.text[start:end], span=(start, end))
