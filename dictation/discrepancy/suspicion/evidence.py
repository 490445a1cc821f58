"""What speaks for a sentence of one text being told, or told otherwise, in the other: numbers, one row a sentence.

Of each family of facts: whether the value stands elsewhere under alike words, and whether another value does, by
what the words stand for and as the sentence judge's encoder sees them. Then how much of the sentence's words the
other text has, and what the sentence judge says of the whole; and the same of the findings for a sentence of the
impression of the same text, and the other way round. The trees of `benchmarks.pairs.fit_suspicion` weigh them.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from dictation.discrepancy.judge.entailment import encoded, entailment, part_entailment
from dictation.discrepancy.suspicion.analysis import Analysis, Context, Word, analysed, similarity
from dictation.discrepancy.suspicion.facts import Fact, Family
from dictation.findings.sentences import SentenceSpan

FAMILIES: tuple[Family, ...] = get_args(Family)
_GRADES = {"trace": 0.3, "small": 0.7, "moderate": 2.0, "large": 3.0}  # how far apart they are, by reading of reports
_COURSES = {"new": 1.0, "increased": 1.0, "stable": 0.0, "decreased": -1.0, "resolved": -1.2}
_GROWING = frozenset({"new", "increased"})
_ROUNDED = 0.02  # by which share two numbers may differ that are one
_SAME, _HALF = 0.25, 0.5  # a difference below which two values are one; that of "left" and "bilateral"
_MM = 10.0  # in a centimetre
_RARE = 6.0  # a weight that counts as one
_SURE = 1e-4
_FACT = ("other", "unlike", "other_seen", "unlike_seen", "nowhere", "only_other", "stated")
_TEXT = (
    "lost", "lost_seen", "lost_weight", "lost_run", "lost_word", "lost_rare_word", "lost_word_seen", "new_findings",
    "words", "tokens", "numbers", "negated", "hedged", "impression", "preface", "findings", "run_on",
    "other_run_on", "position", "sentences", "other_sentences",
)  # fmt: skip
_PAIR = (
    "pair_alike", "pair_holds", "pair_contradicts", "pair_back_holds", "pair_back_contradicts", "pair_lost",
    *(f"pair_{name}_{which}" for name in ("number", "side", "severity", "change", "level", "negation", "certainty")
      for which in ("gone", "come")),
)  # fmt: skip
_JUDGE = ("holds", "contradicts", "absent", "written")
_BESIDE: tuple[str, ...] = (*_TEXT, *(f"{family} {name}" for family in FAMILIES for name in _FACT), *_PAIR, *_JUDGE)
_WITHIN = (
    "lost", "lost_seen", "lost_run", "lost_rare_word", "new_findings", *_PAIR, *_JUDGE[:3],
    *(f"{family} {name}" for family in FAMILIES for name in ("other", "other_seen", "nowhere", "only_other", "stated")),
)  # fmt: skip
_SECTIONS = ("findings", "impression")
NAMES: tuple[str, ...] = (*_BESIDE, "within", *(f"within {name}" for name in _WITHIN))
_PREFACES = frozenset({"exam", "technique", "indication", "comparison", "history"})
Array = npt.NDArray[np.float32]
_Values = dict[str, set[object]]


class Column(NamedTuple):
    """An analysed text and which it is."""

    analysis: Analysis
    is_written: bool


class _Stated(NamedTuple):
    """Facts of a text that are alike in all but their place: the first, what stands around it, the words of all.

    A text that says the same many times is held against another in time near its length.
    """

    fact: Fact
    head: Word
    context: Context
    words: slice | list[int]


class _Nearest(NamedTuple):
    """How alike each word is to that of a sentence of the other text that is most so, (sentences, words).

    `wordless`, (sentences,): whether a sentence has no word.
    """

    alike: Array
    wordless: npt.NDArray[np.bool_]


def evidence(own: Column, other: Column, alike: Array) -> Array:
    """Of each sentence of `own` the numbers that `NAMES` names, (sentences, len(NAMES)).

    `alike` (words of own, words of other) is how alike the encoder sees each two words, −1–1 (`seen_alike`).
    """
    return np.concatenate([_beside(own, other, alike), _within(own)], axis=1)


def _beside(own: Column, other: Column, alike: Array) -> Array:
    """Of each sentence of `own` what `_BESIDE` names."""
    one, two = own.analysis, other.analysis
    stated = _facts_beside(one, two, alike)
    values, values_there, nearest = _values(one), _values(two), _nearest(alike, two)
    covered = _covered(one, two)
    seen = alike.max(axis=1, initial=0.0) if alike.size else np.zeros(len(one.words), np.float32)
    known = {name for word in two.words for name in word.stands_for}
    found = []
    for number, sentence in enumerate(one.sentences):
        words = [word for word in one.words[sentence.first : sentence.last] if word.weight and not word.is_number]
        at = [n for n in range(sentence.first, sentence.last) if one.words[n].weight and not one.words[n].is_number]
        lost = [1 - covered[n] for n in at]
        lost_seen = [1 - max(0.0, float(seen[n])) for n in at]
        weights = [word.weight for word in words]
        total = sum(weights) or 1.0
        new = [name for word in words for name in word.findings if f"finding {name}" not in known]
        row = [
            _dot(weights, lost) / total,
            _dot(weights, lost_seen) / total,
            math.log1p(_dot(weights, lost)),
            math.log1p(_longest_run(weights, lost)),
            max(lost, default=0.0),
            max((weight * share / _RARE for weight, share in zip(weights, lost, strict=True)), default=0.0),
            max(lost_seen, default=0.0),
            len(new),
            len(words),
            sentence.last - sentence.first,
            sum(word.is_number for word in one.words[sentence.first : sentence.last]),
            sum(word.is_negated for word in words) / max(1, len(words)),
            sum(bool(word.hedge) for word in words) / max(1, len(words)),
            sentence.section == "impression",
            sentence.section in _PREFACES,
            sentence.section == "findings",
            one.is_run_on,
            two.is_run_on,
            number / len(one.sentences),
            len(one.sentences),
            len(two.sentences),
        ]
        for family in FAMILIES:
            row += stated[number].get(family, [0.0] * len(_FACT))
        row += _beside_counterpart(one, two, number, nearest, values[number], values_there)
        judged = entailment(one.text, (sentence.start, sentence.end), two.text)
        row += [logit(judged.holds), logit(judged.contradicts), logit(judged.absent), own.is_written]
        found.append([float(value) for value in row])
    return np.array(found, np.float32).reshape(-1, len(_BESIDE))


def _beside_counterpart(
    one: Analysis, two: Analysis, number: int, nearest: _Nearest, mine: _Values, values_there: Sequence[_Values]
) -> list[float]:
    """`_PAIR` of a sentence and the sentence of the other text whose words are most alike to its own."""
    own = one.sentences[number]
    weights = np.array([word.weight for word in one.words[own.first : own.last]], np.float32)
    if not two.sentences or not weights.sum():
        return [0.0] * len(_PAIR)
    scores = (weights @ nearest.alike[:, own.first : own.last, None])[:, 0]
    scores[nearest.wordless] = -1.0
    best = int(np.argmax(scores))
    there = two.sentences[best]
    at, place = (own.start, own.end), (there.start, there.end)
    part, back = part_entailment(one.text, at, two.text, place), part_entailment(two.text, place, one.text, at)
    names = {name for word in two.words[there.first : there.last] for name in word.stands_for}
    lost = sum(w.weight for w in one.words[own.first : own.last] if w.weight and names.isdisjoint(w.stands_for))
    row = [
        float(scores[best]) / float(weights.sum()),
        logit(part.holds),
        logit(part.contradicts),
        logit(back.holds),
        logit(back.contradicts),
        lost / float(weights.sum()),
    ]
    theirs = values_there[best]
    for name in ("number", "side", "severity", "change", "level", "negation", "certainty"):
        row += [len(mine[name] - theirs[name]), len(theirs[name] - mine[name])]
    return [float(value) for value in row]


def _within(own: Column) -> Array:
    """Each sentence of the findings held against the impression of the same text, and the other way round."""
    text = own.analysis
    found = np.zeros((len(text.sentences), 1 + len(_WITHIN)), np.float32)
    sections = [[n for n, one in enumerate(text.sentences) if one.section == name] for name in _SECTIONS]
    if all(sections):
        kept = [_BESIDE.index(name) for name in _WITHIN]
        one, two = (Column(_part(text, numbers), own.is_written) for numbers in sections)
        alike = seen_alike(one.analysis, two.analysis)
        for numbers, rows in zip(sections, (_beside(one, two, alike), _beside(two, one, alike.T)), strict=True):
            found[numbers] = np.concatenate([np.ones((len(numbers), 1), np.float32), rows[:, kept]], axis=1)
    return found


def _part(text: Analysis, sentences: Sequence[int]) -> Analysis:
    """Some sentences of a text, read alone."""
    whole, spans = "", []
    for sentence in (text.sentences[number] for number in sentences):
        start = len(whole) + 1 if whole else 0
        whole += f"\n{text.text[sentence.start : sentence.end]}" if whole else text.text[sentence.start : sentence.end]
        spans.append(SentenceSpan(start, len(whole), None, sentence.section))
    return analysed(whole, spans)


def _nearest(alike: Array, two: Analysis) -> _Nearest:
    found = np.zeros((len(two.sentences), len(alike)), np.float32)
    wordless = np.array([there.last == there.first for there in two.sentences], bool)
    if len(alike) and not wordless.all():
        firsts = [there.first for there in two.sentences if there.last > there.first]
        found[~wordless] = np.maximum.reduceat(alike, firsts, axis=1).T
    return _Nearest(found, wordless)


def _values(text: Analysis) -> list[_Values]:
    """Of each sentence, name → the values that it states."""
    found: list[_Values] = [defaultdict(set) for _ in text.sentences]
    for fact in text.facts:
        own = found[text.words[fact.start].sentence]
        if fact.family == "polarity":
            if fact.value == "negated":
                own["negation"].add(text.words[fact.start].stem)
        else:
            own[fact.group.split()[0]].add(fact.value)
    return found


def seen_alike(one: Analysis, other: Analysis) -> Array:
    """How alike the sentence judge's encoder sees each word of one text and of the other, (words, words), −1–1."""
    return _looks(one) @ _looks(other).T


def _looks(analysis: Analysis) -> Array:
    read = encoded(analysis.text)
    pieces = read.looks.transpose(1, 0, 2).reshape(len(read.places), -1)
    starts, ends = read.places[:, 0], read.places[:, 1]
    found = np.zeros((len(analysis.words), pieces.shape[1]), np.float32)
    for number, word in enumerate(analysis.words):
        first, last = np.searchsorted(ends, word.start, side="right"), np.searchsorted(starts, word.end, side="left")
        if last > first:
            found[number] = pieces[first:last].mean(axis=0)
    unit: Array = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return unit


def difference(one: Fact, other: Fact) -> float:
    """How far apart two values of one group are: 0 the same, 1 another."""
    first, second = one.value, other.value
    if isinstance(first, float) and isinstance(second, float):
        if one.family != other.family and "count" in (one.family, other.family):
            size, count = (first, second) if other.family == "count" else (second, first)
            if abs(size - count * _MM) <= _ROUNDED * size:
                return 0.0  # "arch 3.0" of a text in centimetres
        return float(abs(first - second) > _ROUNDED * max(abs(first), abs(second)))
    if first == second:
        return 0.0
    if one.family == "severity":
        return abs(_GRADES.get(str(first), 1.0) - _GRADES.get(str(second), 1.0)) / 2
    if one.family == "change":
        apart = abs(_COURSES.get(str(first), 0.0) - _COURSES.get(str(second), 0.0))
        return 0.0 if {first, second} == _GROWING else min(1.0, apart)
    return _HALF if one.family == "side" and "bilateral" in (first, second) else 1.0


def _facts_beside(one: Analysis, two: Analysis, alike: Array) -> list[dict[str, list[float]]]:
    """Of each sentence, family → the strongest of `_FACT` that any fact of it has."""
    stated = _stated(two)
    found: list[dict[str, list[float]]] = [{} for _ in one.sentences]
    for fact in one.facts:
        there = {id(same): same for group in _groups(fact, one) for same in stated.get(group, ())}
        values = _beside_others(fact, list(there.values()), one, alike)
        own = found[one.words[fact.start].sentence].setdefault(fact.family, [-1.0] * len(_FACT))
        own[:] = map(max, own, values)
    return found


def _stated(text: Analysis) -> dict[tuple[str, str], list[_Stated]]:
    """The facts of a text by the groups of which another text's can be compared with them."""
    alike: dict[object, list[Fact]] = defaultdict(list)
    for fact in text.facts:
        named = tuple(text.words[fact.start].stands_for.items()) if fact.family == "polarity" else ()
        context = text.context(fact.start, fact.end)
        alike[fact.family, fact.group, fact.value, named, id(context)].append(fact)
    found: dict[tuple[str, str], list[_Stated]] = defaultdict(list)
    for facts in alike.values():
        first = facts[0]
        words = [at for fact in facts for at in range(fact.start, fact.end)]
        one_place = slice(first.start, first.end) if len(facts) == 1 else words
        same = _Stated(first, text.words[first.start], text.context(first.start, first.end), one_place)
        for group in _groups(first, text):
            found[group].append(same)
    return found


def _groups(fact: Fact, text: Analysis) -> list[tuple[str, str]]:
    """Of one word's polarity, each name that it stands for; else the group of the fact."""
    if fact.family == "polarity":
        return [(fact.group, name) for name in text.words[fact.start].stands_for]
    return [(fact.group, "")]


def _beside_others(fact: Fact, there: Sequence[_Stated], one: Analysis, alike: Array) -> list[float]:
    same = other = same_seen = other_seen = 0.0
    is_somewhere = False
    context = one.context(fact.start, fact.end)
    head = one.words[fact.start]
    for stated in there:
        shared = _shared(head, stated.head) if fact.family == "polarity" else 1.0
        if not shared:
            continue
        near = similarity(context, stated.context)
        if fact.family == "polarity":
            near = shared * (0.3 + 0.7 * near)
        seen = shared * float(alike[fact.start : fact.end, stated.words].max())
        apart = difference(fact, stated.fact)
        if apart < _SAME:
            same, same_seen, is_somewhere = max(same, near), max(same_seen, seen), True
        else:
            other, other_seen = max(other, near * apart), max(other_seen, seen * apart)
    values = [
        other - same,
        1 - same,
        other_seen - same_seen,
        1 - same_seen,
        float(not is_somewhere),
        0.0 if is_somewhere else other,
    ]
    if fact.family == "polarity":
        values = [value * head.weight / _RARE for value in values]
    return [*values, 1.0]


def _shared(one: Word, other: Word) -> float:
    """How far two words stand for the same, 0–1."""
    common = [
        min(weight, other.stands_for[name]) for name, weight in one.stands_for.items() if name in other.stands_for
    ]
    if not common:
        return 0.0
    return max(common) / max(*one.stands_for.values(), *other.stands_for.values())


def _covered(one: Analysis, two: Analysis) -> list[float]:
    """Of each word how far the other text has it, and among the same words, 0–1."""
    index: dict[str, dict[tuple[float, int], Context]] = defaultdict(dict)
    for number, word in enumerate(two.words):
        for name, weight in word.stands_for.items():
            context = two.context(number, number + 1)
            index[name][weight, id(context)] = context
    found = []
    for number, word in enumerate(one.words):
        best = 0.0
        for name, weight in word.stands_for.items() if not word.is_number else ():
            for (own, _), context in index[name].items() if name in index else ():
                share = min(weight, own) / max(weight, own)
                if share > best:  # the words around can only take away from it
                    near = similarity(one.context(number, number + 1), context)
                    best = max(best, share * (0.45 + 0.55 * min(1.0, 3 * near)))
        found.append(best)
    return found


def _longest_run(weights: Sequence[float], lost: Sequence[float]) -> float:
    """The most that words in a row weigh of which more is lost than not."""
    best = current = 0.0
    for weight, share in zip(weights, lost, strict=True):
        current = max(0.0, current + weight * (share - 0.5))
        best = max(best, current)
    return best


def _dot(one: Sequence[float], two: Sequence[float]) -> float:
    return sum(first * second for first, second in zip(one, two, strict=True))


def logit(probability: float) -> float:
    """The logit of a probability, at most that of a sure one."""
    return math.log(max(probability, _SURE) / max(1 - probability, _SURE))
