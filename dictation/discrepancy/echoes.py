"""Whether a claim without counterpart is said in the other column in nearly its own words, under another name.

The lexicon calls "moderate effusion" of a knee and "moderate joint effusion" two findings, and "50 % stenosis" beside
"LAD: 50 % stenosis", too. Where one statement of the other column holds the words of the claim, and contradicts it in
nothing, the claim was neither left out nor added.
"""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise

from dictation.discrepancy.alike import Statement, differences, names_in, statement_of
from dictation.discrepancy.columns import Column
from dictation.discrepancy.relation import is_negative
from dictation.findings import Claim, SentenceSpan
from dictation.findings.tokens import tokens_of
from dictation.lexicon import rows
from dictation.lexicon.terms import prefixes

_BODY = (None, "findings", "impression")
_STEM, _LONG = 5, 6  # letters that words of one stem share; letters of words that have an ending
_FEW, _MOST_SHARED = 2, 0.6  # words that two sentences share where one rewords the other: at least, and of all
_MOST_APART = 0.34  # share of the words of a claim that the other statement may lack


@dataclass(frozen=True, slots=True)
class _Said:
    """The stems of the plain words of a statement, the anatomy that it names, and what else it says."""

    stems: frozenset[str]
    anatomy: frozenset[str]
    statement: Statement


class Sayings:
    """What a column says, statement by statement, found by the words and the anatomy that a claim shares with it."""

    def __init__(self, column: Column) -> None:
        self.column = column

    @cached_property
    def _sizes(self) -> frozenset[tuple[object, ...]]:
        return frozenset((size.kind_group, size.values_mm) for one in self.column.claims for size in one.measurements)

    @cached_property
    def _by_word(self) -> dict[str, dict[_Said, None]]:
        """Every statement, and every two that follow each other: a heading, or a finding and "it measures"."""
        column = self.column
        texts = [
            column.text[span.start : span.end]
            for span in column.sentences
            if span.section in _BODY and not _only_asks(column, span)
        ]
        found: dict[str, dict[_Said, None]] = {}
        for text in (*texts, *(f"{one}; {two}" for one, two in pairwise(texts))):
            said = _said(text)
            for word in said.stems | said.anatomy:
                found.setdefault(word, {})[said] = None
        return found

    def echo(self, claim: Claim, own: Column) -> bool:
        """Whether a statement says in the claim's own words what the claim says."""
        start, end = claim.span
        said, heads = _said(own.text[start:end]), _heads(claim, own)
        if not heads or not self._has_sizes(claim):
            return False
        words = said.stems | heads
        return any(
            heads <= there.stems
            and len(words - there.stems) <= _MOST_APART * len(words)
            and _is_there(said, there, is_whole=is_negative(claim))
            and there.statement.is_denied == is_negative(claim)
            and not differences(said.statement, there.statement)
            and not _lacks(said.statement, there.statement)
            for there in self._by_word.get(next(iter(heads)), ())
        )

    def reword(self, claim: Claim, own: Column) -> bool:
        """Whether the claim's sentence stands here in other words: in its own sizes, or in most of its plain words.

        The finding may go by a name here that the lexicon does not know, so that nothing is sure; a number that
        differs has a card of its own.
        """
        if claim.finding_class == "device" or not self._has_sizes(claim):
            return False  # of a device, the one word that differs is where it ends
        sentence = own.sentence_of(claim)
        said, heads = _said(own.text[sentence.start : sentence.end]), _heads(claim, own)
        near = {there: None for word in said.stems | said.anatomy for there in self._by_word.get(word, ())}
        return any(
            _is_there(said, there, is_whole=False)
            and there.statement.is_denied == is_negative(claim)
            and not differences(said.statement, there.statement)
            and (bool(claim.measurements) or _is_most(said, heads, there))
            for there in near
        )

    def _has_sizes(self, claim: Claim) -> bool:
        """Whether every size of the claim is given here."""
        return all((size.kind_group, size.values_mm) in self._sizes for size in claim.measurements)


def _only_asks(column: Column, span: SentenceSpan) -> bool:
    """Whether all that a sentence names is still to be looked for: "rule out appendicitis" states none."""
    named = [claim for claim in column.claims if span.start <= claim.span[0] < span.end]
    return bool(named) and all(
        claim.temporality == "recommendation" and claim.finding_class == "finding" for claim in named
    )


def _heads(claim: Claim, own: Column) -> frozenset[str]:
    """The stems of the words that name the claim's finding."""
    start, end = claim.parts.get("finding", claim.span)
    return _said(own.text[start:end]).stems


def _is_most(said: _Said, heads: frozenset[str], there: _Said) -> bool:
    """Whether most plain words are there, and most of those that name the finding."""
    return 2 * len(heads & there.stems) > len(heads) and len(said.stems & there.stems) >= max(
        _FEW, _MOST_SHARED * len(said.stems)
    )


def _is_there(said: _Said, there: _Said, *, is_whole: bool) -> bool:
    """Whether both may speak of one place. A denial is as wide as its anatomy: all of it must be there."""
    if is_whole:
        return said.anatomy <= there.anatomy
    return not said.anatomy or not there.anatomy or bool(said.anatomy & there.anatomy)


@lru_cache(maxsize=5_000)
def _said(text: str) -> _Said:
    statement = statement_of(text)
    anatomy = names_in(tokens_of(text))
    plain = (word for word in statement.words if word not in anatomy)
    return _Said(frozenset(map(_stem, plain)) - _placing(), frozenset(anatomy), statement)


def _lacks(said: Statement, there: Statement) -> bool:
    """Whether the claim states a side, level or direction of which the other statement says nothing."""
    return bool(
        said.sides - there.sides - {"midline"} or said.levels - there.levels or said.directions - there.directions
    )


@cache
def _stem(word: str) -> str:
    """The letters that a word shares with others of its stem, behind a prefix that begins many: "pneumothorax"."""
    begun = max((len(prefix) for prefix in prefixes() if word.startswith(prefix)), default=0)
    length = begun + _STEM if len(word) > begun + _STEM else _STEM
    return word[:length] if len(word) >= _LONG else word


@cache
def _placing() -> frozenset[str]:
    """Words that only lead to a place, and those too common to tell two statements apart."""
    return frozenset(
        _stem(term.strip())
        for row in rows("unread_words")
        if row["role"] in ("placing", "stop")
        for term in row["terms"].split("|")
    )
