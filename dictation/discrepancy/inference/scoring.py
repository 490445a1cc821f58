"""Scores that an exam must end with, and scores that their own words contradict ("BI-RADS 1" and "suspicious mass")."""

import re
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.discrepancy import Discrepancy
from dictation.discrepancy.inference.evidence import BODY, Hit, Span, Words, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.discrepancy.scores import Score, scores_in
from dictation.findings import SentenceSpan
from dictation.findings.lexicon import cell, word_phrases
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

_TRACE = re.compile(r"rads?\b|\b[LT]R[ -]?[0-9MT]", re.IGNORECASE)  # a text without it holds none of the scores asked


@dataclass(frozen=True)
class _Required:
    score: str
    modality: frozenset[str]
    region: frozenset[str]
    exam_words: Phrases[str] | None
    needs: tuple[tuple[Phrases[str], ...], ...]
    unless: Phrases[str]


@dataclass(frozen=True)
class _Against:
    score: str
    values: frozenset[str]
    reach: str
    phrases: Phrases[str]


@cache
def _required() -> tuple[_Required, ...]:
    return tuple(
        _Required(
            row["score"],
            frozenset(cell(row["modality"])),
            frozenset(cell(row["region"])),
            Phrases((term, term) for term in cell(row["exam_words"])) if row["exam_words"] else None,
            tuple(tuple(Phrases([(part, part)]) for part in need.split("+")) for need in cell(row["needs"])),
            Phrases((term, term) for term in cell(row["unless"])),
        )
        for row in rows("score_rules")
        if row["rule"] == "missing"
    )


@cache
def _against() -> tuple[_Against, ...]:
    return tuple(
        _Against(
            row["score"],
            frozenset(cell(row["values"])),
            row["reach"],
            Phrases((term, term) for term in cell(row["terms"])),
        )
        for row in rows("score_rules")
        if row["rule"] == "against"
    )


def score_missing(inquiry: Inquiry) -> list[Discrepancy]:
    """A minor card where the exam calls for a score and the text that is to be signed has none."""
    if not inquiry.exam.modality:
        return []
    words = inquiry.judged
    if not words.has_body:
        return []
    for rule in _required():
        if _applies(rule, inquiry, words) and not any(score.name == rule.score for score in _scores(words)):
            text = f"The exam calls for a {rule.score} score; the text holds none."
            return [card("scoring", "minor", rule.score, text, (inquiry.heard, None), (inquiry.written, None))]
    return []


def _applies(rule: _Required, inquiry: Inquiry, words: Words) -> bool:
    exam = inquiry.exam
    if not exam.modality <= rule.modality or (rule.region and not exam.region & rule.region):
        return False
    ordered = tokenise(inquiry.order.procedure) if inquiry.order else []
    titles = [ordered, *(tokens for _, tokens in inquiry.title(words))]
    if rule.exam_words is not None and not any(rule.exam_words.find(tokens) for tokens in titles):
        return False
    if any(rule.unless.find(tokens) for tokens in titles):
        return False
    return not rule.needs or any(
        all(any(not hit.is_denied for hit in words.hits(part, BODY)) for part in need) for need in rule.needs
    )


def score_contradicted(inquiry: Inquiry) -> list[Discrepancy]:
    """A major card where a score and the words of the same text cannot both be true.

    Where the dictation gives another value of the score, that difference is a card of its own (scores.py).
    """
    found = _contradicted(inquiry.judged)
    if found is None:
        return []
    score, (start, end) = found
    text = f'{score.name} {score.value} does not go with "{inquiry.judged.column.text[start:end]}".'
    said = [one for one in _scores(inquiry.words[0]) if one.name == score.name]
    same = next((one for one in said if one.value == score.value), None)
    if said and same is None:
        return []
    is_heard = inquiry.judged.column.name == "heard"
    spans = (same.start, same.end) if same else None, None if is_heard else (score.start, score.end)
    return [card("scoring", "major", "contradicted", text, (inquiry.heard, spans[0]), (inquiry.written, spans[1]))]


def _contradicted(words: Words) -> tuple[Score, Span] | None:
    scores = _scores(words)
    for rule in _against() if scores else ():
        own = [score for score in scores if score.name == rule.score]
        if any(score.value in rule.values for score in own):
            for hit in words.hits(rule.phrases, BODY):
                score = None if hit.is_denied else _score_of(hit, own, words, rule.reach)
                if score is not None and score.value in rule.values:
                    return score, hit.span
    return None


def _score_of(hit: Hit[str], scores: list[Score], words: Words, reach: str) -> Score | None:
    """The score that the words speak of: the nearest in their sentence, else the only one of the text."""
    sentence = hit.sentence
    beside = [score for score in scores if sentence.start <= score.start < sentence.end]
    if beside:
        return min(beside, key=lambda score: min(abs(score.start - hit.end), abs(hit.start - score.end)))
    if reach == "sentence" or len({score.value for score in scores}) > 1:
        return None
    return None if reach == "unsided" and _names_a_side(words, sentence) else scores[0]


def _names_a_side(words: Words, sentence: SentenceSpan) -> bool:
    sides = word_phrases("laterality", "side").find(tokenise(words.column.text, sentence.start, sentence.end))
    return any(side.meaning in ("left", "right") for side in sides)


def _scores(words: Words) -> list[Score]:
    if not _TRACE.search(words.column.text):
        return []
    return [
        score
        for sentence, _ in words.sentences
        if sentence.section in BODY
        for score in scores_in(words.column.text, sentence.start, sentence.end)
    ]
