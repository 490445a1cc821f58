"""Results that the treating clinician hears of at once, and whether the report says that somebody was told.

One that is only known, unchanged or better is no news. What the text itself states is enough: a pneumothorax is told
whether or not an order says which exam this is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy
from dictation.discrepancy.inference.evidence import BODY, Span, Words, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.discrepancy.relation import distance
from dictation.findings import Claim, SentenceSpan
from dictation.findings.lexicon import ancestors, cell, cue_phrases, word_phrases
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

_NO_NEWS = frozenset({"stable", "decreased", "resolved"})
_OLD = frozenset({"chronic", "old", "calcified"})
_URGENT = frozenset({"acute", "new"})
_UNSURE = frozenset({"unlikely", "possible", "cannot_exclude", "history", "recommendation", "removed", "context"})


@dataclass(frozen=True, slots=True)
class CriticalResult:
    """A result by its name, its characters, and the finding that states it ("" where only words name it)."""

    name: str
    span: Span
    finding: str = ""


def critical_results(inquiry: Inquiry) -> list[Discrepancy]:
    """One card of kind critical_result for each result that nobody is said to have been told of, for information."""
    return [
        card("critical_result", "info", found.name, f"Critical result: {found.name}.", *_sides(inquiry, found))
        for found in _untold(inquiry)
    ]


def communication_missing(inquiry: Inquiry, *, of_all: bool = False) -> list[Discrepancy]:
    """One card that names all critical results, where no text says that somebody was told: it offers to tell them.

    It is minor, since no column is wrong, and yet always shown (`ranking.shortlist`). `of_all`: also of those that the
    dictation denies, which the report states as long as nobody has put it right.
    """
    untold = _untold(inquiry, of_all=of_all)
    if not untold:
        return []
    names = ", ".join(result.name for result in untold)
    text = f"Critical result ({names}): no communication to the clinician is documented."
    return [card("critical_result", "minor", f"untold: {names}", text, *_sides(inquiry, untold[0]))]


def _untold(inquiry: Inquiry, *, of_all: bool = False) -> list[CriticalResult]:
    """The critical results of the text that is to be signed, none where a communication is documented."""
    found = [
        one for one in _results(inquiry.judged, inquiry.exam.region) if of_all or not _is_refuted(one, inquiry.heard)
    ]
    return [] if found and any(_is_told(words) for words in inquiry.words) else found


def _is_refuted(result: CriticalResult, heard: Column) -> bool:
    """Whether the dictation denies the result and nowhere states it: first the two columns must be settled."""
    said = {claim.status for claim in heard.claims if distance(claim.finding, result.finding) is not None}
    return "absent" in said and "present" not in said


def _is_told(words: Words) -> bool:
    hits = words.hits(word_phrases("communication", "role"))
    return any(hit.meaning == "told" and not hit.is_denied for hit in hits)


def _sides(inquiry: Inquiry, result: CriticalResult) -> tuple[tuple[Column, Span | None], tuple[Column, Span | None]]:
    is_heard = inquiry.judged.column.name == "heard"
    return (inquiry.heard, result.span if is_heard else None), (inquiry.written, None if is_heard else result.span)


@cache
def _rules() -> tuple[dict[str, dict[str, str]], Phrases[str]]:
    """The rules by finding id, and the words of results that no claim names."""
    by_finding = {finding: row for row in rows("critical_results") for finding in cell(row["finding"])}
    return by_finding, Phrases((term, row["name"]) for row in rows("critical_results") for term in cell(row["terms"]))


def _results(words: Words, regions: frozenset[str]) -> Iterator[CriticalResult]:
    """Each result once: those that claims name, then those that only words name."""
    by_finding, phrases = _rules()
    told: set[str] = set()
    for claim in words.column.claims:
        rule = next(
            (by_finding[name] for name in (claim.finding, *sorted(ancestors(claim.finding))) if name in by_finding),
            None,
        )
        if rule and rule["name"] not in told and words.column.is_body(claim) and _is_news(claim, rule, regions):
            sentence = words.column.sentence_of(claim)
            if not _is_known(words.column.text, sentence):
                told.add(rule["name"])
                yield CriticalResult(rule["name"], claim.span, claim.finding)
    for hit in words.hits(phrases, BODY):
        if hit.meaning not in told and not hit.is_denied and not _is_old_or_unsure(words.column.text, hit.sentence):
            told.add(hit.meaning)
            yield CriticalResult(hit.meaning, hit.span)


def _is_news(claim: Claim, rule: dict[str, str], regions: frozenset[str]) -> bool:
    if claim.status != "present" or claim.temporality != "current" or claim.certainty not in ("definite", "probable"):
        return False
    if claim.change in _NO_NEWS or _OLD & set(claim.qualifier):
        return False
    if rule["acute"] == "yes" and not (_URGENT & set(claim.qualifier) or claim.change == "new"):
        return False
    within = cell(rule["within"])
    return not within or not regions or bool(regions & set(within))


def _is_known(text: str, sentence: SentenceSpan) -> bool:
    tokens = tokenise(text, sentence.start, sentence.end)
    return any(match.meaning == "no_news" for match in word_phrases("communication", "role").find(tokens))


def _is_old_or_unsure(text: str, sentence: SentenceSpan) -> bool:
    tokens = tokenise(text, sentence.start, sentence.end)
    cues = {match.meaning.kind for match in cue_phrases().find(tokens)}
    changes = {match.meaning for match in word_phrases("change", "change").find(tokens)}
    qualifiers = {match.meaning for match in word_phrases("qualifier", "qualifier").find(tokens)}
    return bool(cues & _UNSURE or changes & _NO_NEWS or qualifiers & _OLD) or _is_known(text, sentence)
