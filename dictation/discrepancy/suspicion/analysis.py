"""One reading of a text: its words with their weight, the facts they state, and the words around a place.

    >>> from dictation.findings.sentences import sentences_of
    >>> said = "Small left effusion."
    >>> [(fact.family, fact.value) for fact in analysed(said, sentences_of(said)).facts if fact.family != "polarity"]
    [('severity', 'small'), ('side', 'left')]

Words are alike by what stands for them: their stem, the finding or place that they name, and the broader findings of
these. A word weighs as it is rare in reports (`word_weights.tsv`).
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path

from dictation.discrepancy.suspicion.facts import HEDGES, Fact, facts_in, places
from dictation.findings.cues import changes_in, find_cues
from dictation.findings.lexicon import Cue, cell
from dictation.findings.phrases import Match, Phrases
from dictation.findings.sentences import SentenceSpan
from dictation.findings.tokens import Token, norms, tokens_of
from dictation.lexicon import rows

WEIGHTS = Path(__file__).with_name("word_weights.tsv")
UNUSUAL = 5.5  # the weight of a word that hardly stands in any report
_NUMBER_WEIGHT, _NAMED, _BROADER = 2.0, 0.8, 0.5  # of a number; of a finding beside its words; of a broader finding
_FADING, _LONGEST = 0.85, 14  # by how much each word of a context weighs less than the one before; words of one
_AT_MARK = 0.5  # of a word, which a comma counts as
_BEFORE, _AFTER = 12, 9  # words that a cue bears on
_SCRATCH = "scratch that"
_REPAIRED, _TAKEN_BACK = 7, 12  # words behind a correction's cue, and before it, in which the two values stand
_ENDS_SCOPE = frozenset({"but", "except", "however", "with", ":", "(", ";", "because", "when", "until", "although"})
_ENDS_SCOPE_BEFORE = frozenset({",", "but", ";"})
_FEW_MARKS = 0.03  # marks a word, below which a text has none to speak of
_STEM = 7  # letters
_ENDINGS = (
    "ations", "ation", "ally", "ings", "ing", "ed", "ly", "ity", "ment", "ous", "ive", "ion", "al", "ic", "e", "y",
)  # fmt: skip
_SHORTEST = 4  # letters that an ending leaves
Context = tuple[dict[str, float], float]  # what stands around a place → its weight there; the length of that vector


@dataclass(slots=True)  # not frozen: made by the thousand
class Word:
    """One word: characters [start, end), its form as searched, its weight (0 where it says nothing), its sentence.

    `stands_for`: its stem, its finding and the broader ones, its place → weight. `findings`: those that end with it.
    """

    norm: str
    stem: str
    start: int
    end: int
    sentence: int
    weight: float = 0.0
    is_number: bool = False
    is_negated: bool = False
    hedge: str = ""
    stands_for: dict[str, float] = field(default_factory=dict)
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """Characters [start, end) of a sentence, its section, and its words [first, last)."""

    start: int
    end: int
    section: str | None
    first: int
    last: int


@dataclass(frozen=True, eq=False, slots=True)
class Analysis:
    """A text as it was read; words of a fact count from the first word of the text."""

    text: str
    sentences: tuple[SentenceWords, ...]
    words: tuple[Word, ...]
    facts: tuple[Fact, ...]
    is_run_on: bool
    _contexts: dict[tuple[int, int], Context] = field(default_factory=dict)
    _equal: dict[tuple[tuple[str, float], ...], Context] = field(default_factory=dict)

    def context(self, start: int, end: int) -> Context:
        """What stands around words [start, end) in their sentence, the nearer the heavier; equal ones are one."""
        known = self._contexts.get((start, end))
        if known is None:
            read = self._read_context(start, end)
            known = self._contexts[start, end] = self._equal.setdefault(tuple(read[0].items()), read)
        return known

    def _read_context(self, start: int, end: int) -> Context:
        around: dict[str, float] = {}
        sentence = self.sentences[self.words[start].sentence]
        for ahead in (range(end, sentence.last), range(start - 1, sentence.first - 1, -1)):
            distance = 0.0
            for at in ahead:
                word = self.words[at]
                if word.norm in (",", ";", ":"):
                    distance += _AT_MARK
                if not word.stands_for:
                    continue
                near = _FADING**distance
                for name, weight in word.stands_for.items():
                    if around.get(name, 0.0) < weight * near:
                        around[name] = weight * near
                distance += 1
                if distance > _LONGEST:
                    break
        return around, math.sqrt(sum(weight * weight for weight in around.values())) or 1.0


def similarity(one: Context, other: Context) -> float:
    """How alike two contexts are, 0–1."""
    (few, length), (many, other_length) = one, other
    if len(few) > len(many):
        few, many = many, few
    return sum(weight * many[name] for name, weight in few.items() if name in many) / (length * other_length)


def analysed(text: str, sentences: Sequence[SentenceSpan]) -> Analysis:
    """Read a text once. `sentences` are its own, in order."""
    words: list[Word] = []
    found: list[SentenceWords] = []
    facts: list[Fact] = []
    for number, span in enumerate(sentences):
        sentence = text[span.start : span.end]
        tokens, first = tokens_of(sentence), len(words)
        own = [_word(token, span.start, number) for token in tokens]
        words += own
        found.append(SentenceWords(span.start, span.end, span.section, first, len(words)))
        stated = facts_in(sentence, tokens)
        _name(own, tokens)
        _assert(own, tokens)
        described = {at for fact in stated if fact.family in ("severity", "side", "direction") for at in _places(fact)}
        stated += [
            Fact("polarity", "polarity", "negated" if word.is_negated else "affirmed", at, at + 1)
            for at, word in enumerate(own)
            if word.weight and not word.is_number and at not in described
        ]
        facts += [replace(fact, start=fact.start + first, end=fact.end + first) for fact in stated]
    facts = _without_withdrawn(words, facts)
    marks = sum(text.count(mark) for mark in ".,;:")
    return Analysis(text, tuple(found), tuple(words), tuple(facts), marks < _FEW_MARKS * max(1, len(text.split())))


def _without_withdrawn(words: Sequence[Word], facts: Sequence[Fact]) -> list[Fact]:
    """The facts but those that the speaker took back: of "6, sorry, 7 mm" the first."""
    withdrawn: set[int] = set()
    numbered = [(number, fact) for number, fact in enumerate(facts) if fact.family != "polarity"]
    for start, end in _repairs(words):
        new = min((one for one in numbered if end <= one[1].start < end + _REPAIRED), default=None, key=_start)
        if new is None:
            continue
        same = [one for one in numbered if start - _TAKEN_BACK <= one[1].start < start and one[1].group == new[1].group]
        if same:
            withdrawn.add(max(same, key=_start)[0])
    return [fact for number, fact in enumerate(facts) if number not in withdrawn]


def _start(numbered: tuple[int, Fact]) -> int:
    return numbered[1].start


def _repairs(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Words [start, end) that announce a correction."""
    at = 0
    while at < len(words):
        longest = max(
            (
                len(cue)
                for cue in _repair_cues().get(words[at].norm, ())
                if cue == tuple(w.norm for w in words[at : at + len(cue)])
            ),
            default=0,
        )
        if longest:
            yield at, at + longest
        at += longest or 1


@cache
def _repair_cues() -> dict[str, list[tuple[str, ...]]]:
    """First word → the phrases that announce a correction wherever they stand."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in rows("corrections"):
        if row["strength"] == "strong" or row["cue"] == _SCRATCH:
            cue = tuple(norms(row["cue"]))
            found[cue[0]].append(cue)
    return found


def _places(fact: Fact) -> range:
    return range(fact.start, fact.end)


def _word(token: Token, offset: int, sentence: int) -> Word:
    own = Word(token.norm, stem(token.norm), offset + token.start, offset + token.end, sentence)
    own.is_number = token.is_number
    if own.is_number:
        own.stands_for = {own.stem: _NUMBER_WEIGHT}
    elif token.norm[0].isalpha() and len(token.norm) > 1 and token.norm not in _function_words():
        own.weight = weight_of(own.stem)
        own.stands_for = {own.stem: own.weight}
    return own


def _name(words: Sequence[Word], tokens: Sequence[Token]) -> None:
    """Add what the words name: findings with the broader ones, structures, places."""
    for match in _findings().find(tokens):
        for at in range(match.start, match.end):
            _stands_for(words[at], f"finding {match.meaning}", _NAMED)
            for broader in _broader().get(match.meaning, ()):
                _stands_for(words[at], f"finding {broader}", _BROADER)
        last = words[match.end - 1]
        last.findings = (*last.findings, match.meaning)
    for place in places().find(tokens):
        for at in range(place.start, place.end):
            _stands_for(words[at], f"place {place.meaning[0]}", _NAMED)


def _stands_for(word: Word, name: str, share: float) -> None:
    if word.weight:
        word.stands_for[name] = max(word.stands_for.get(name, 0.0), word.weight * share)


def _assert(words: Sequence[Word], tokens: Sequence[Token]) -> None:
    """Mark what the cues of the sentence negate or hedge."""
    cues = find_cues(tokens, changes_in(tokens))
    heads = {cue.start for cue in cues if cue.meaning.kind in (*HEDGES, "negation", "stop", "none")}
    for cue in cues:
        is_negation = cue.meaning.kind in ("negation", "negative_sign")
        if not is_negation and cue.meaning.kind not in HEDGES:
            continue
        for at in _scope(cue, tokens, heads):
            if is_negation:
                words[at].is_negated = True
            else:
                words[at].hedge = cue.meaning.kind


def _scope(cue: Match[Cue], tokens: Sequence[Token], heads: set[int]) -> Iterator[int]:
    """The tokens that a cue bears on, to the next cue or word that ends its scope."""
    if cue.meaning.scope in ("before", "both"):
        for at in range(cue.end, min(cue.end + _BEFORE, len(tokens))):
            if at in heads or tokens[at].norm in _ENDS_SCOPE:
                break
            yield at
    if cue.meaning.scope in ("after", "both"):
        for at in range(cue.start - 1, max(-1, cue.start - _AFTER), -1):
            if at in heads or tokens[at].norm in _ENDS_SCOPE_BEFORE:
                break
            yield at


@lru_cache(maxsize=20_000)
def stem(norm: str) -> str:
    """The beginning of a word by which its forms are alike: "opacity", "opacified" → "opac", "opacif"."""
    if len(norm) <= _SHORTEST - 1 or not norm[0].isalpha():
        return norm
    for ending in _ENDINGS:
        if norm.endswith(ending) and len(norm) - len(ending) >= _SHORTEST:
            return norm[: -len(ending)][:_STEM]
    return norm[:_STEM]


@cache
def _function_words() -> frozenset[str]:
    return frozenset(word for row in rows("function_words") for word in cell(row["words"]))


@cache
def _weights() -> dict[str, float]:
    lines = [line for line in WEIGHTS.read_text("utf-8").splitlines() if not line.startswith("#")][1:]
    return {word_stem: float(weight) for word_stem, weight, _ in (line.split("\t") for line in lines)}


def weight_of(word_stem: str) -> float:
    """How much a word says, 0–5.5: the logarithm of how many texts there are for each that has it."""
    return _weights().get(word_stem, UNUSUAL)


@cache
def _findings() -> Phrases[str]:
    """Phrase → the finding or structure it names."""
    return Phrases(
        (term, row[column])
        for table, column in (("findings", "id"), ("shorthand", "finding"), ("structures", "structure"))
        for row in rows(table)
        for term in cell(row["terms"])
    )


@cache
def _broader() -> dict[str, frozenset[str]]:
    """Finding → the broader ones, those it is taken for, and what it is a sign of."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows("findings"):
        found[row["id"]].update(cell(row["parents"]))
    for number, row in enumerate(rows("near_findings")):
        for name in cell(row["findings"]):
            found[name].add(f"near {number}")
    for row in rows("inferred_findings"):
        for name in (row["finding"], *cell(row["signs"])):
            found[name].add(f"sign of {row['finding']}")
    return {name: frozenset(broader) - {"-"} for name, broader in found.items()}
