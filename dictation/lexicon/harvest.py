"""Reports → the words and phrases of their author that a recognizer is least likely to know, best first.

Counted are runs of one to four words that no number, side, negation or other critical word interrupts. A word counts as
new where neither the lexicon nor English has it; a phrase of known words needs company that is more than chance. Nobody
is to be found in the list: header lines, signatures, words after a title and known names are not read, everything must
stand in several different reports, and what only ever has a capital is set apart as a possible name.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from dictation.lexicon.english import is_name, is_ordinary
from dictation.lexicon.persons import header_names, without_persons
from dictation.lexicon.runs import inside, is_abbreviation, is_link, is_titled, runs
from dictation.lexicon.terms import collocations, is_known, terms

MAX_WORDS = 4
MIN_LETTERS = 4  # of a new word that stands alone
MIN_COHESION = 0.2  # share of the reports with the phrase's rarest word that hold the phrase
NEW, UNUSUAL, KNOWN = 1.0, 0.3, 0.03  # rarity of a word: in no list, English but of no report, of the lexicon
WITHIN_SHARE = 0.7  # a phrase that mostly stands within a longer one, or mostly goes on, is none of its own
MISSPELT_SHARE = 0.1  # a new word so much rarer than one that it resembles is taken for a slip
MAX_COUNTED = 1_000_000  # different phrases at a time; beyond, those seen in one report so far are forgotten


@dataclass(frozen=True)
class Harvested:
    """One phrase: in how many reports it stands, a weight for the vocabulary, and whether it may be a name."""

    written: str
    reports: int
    weight: float
    may_be_name: bool


@dataclass
class _Counts:
    """By phrase in small letters: reports with it, those with it in plain letters, and its form where it is not."""

    reports: Counter[str]
    plain: Counter[str]
    form: dict[str, str]

    def forget_below(self, least: int) -> None:
        self.reports = Counter({phrase: count for phrase, count in self.reports.items() if count >= least})
        self.plain = Counter({phrase: count for phrase, count in self.plain.items() if phrase in self.reports})
        self.form = {phrase: form for phrase, form in self.form.items() if phrase in self.reports}


def harvested(read: Callable[[], Iterable[str]], min_reports: int = 3, limit: int = 500) -> list[Harvested]:
    """Return at most `limit` phrases that stand in `min_reports` or more different reports, best first.

    `read` gives the texts of the reports and is asked once for each length of phrase, so memory does not grow with
    their number. Equal texts count once.
    """
    titled = _titled_words(read())
    counts: dict[str, int] = {}
    plain: dict[str, int] = {}
    form: dict[str, str] = {}
    for length in range(1, MAX_WORDS + 1):
        found = _counted(_distinct(read()), length, counts, titled)
        found.forget_below(min_reports)
        counts |= found.reports
        plain |= found.plain
        form |= found.form
    return list(islice(_ranked(counts, plain, form, min_reports), limit))


def _distinct(texts: Iterable[str]) -> Iterator[str]:
    seen: set[int] = set()
    for text in texts:
        key = hash(" ".join(text.split()))
        if key not in seen:
            seen.add(key)
            yield text


def _counted(texts: Iterable[str], length: int, shorter: dict[str, int], titled: frozenset[str]) -> _Counts:
    """Count the phrases of `length` words, each once a report; longer ones only where both shorter ones are kept."""
    counts = _Counts(Counter(), Counter(), {})
    for text in texts:
        seen: dict[str, str | None] = {}  # → its form where it has a capital, None where it is plain
        for run in _impersonal_runs(text, titled):
            lower = [word.lower() for word in run]
            for first in range(len(run) - length + 1):
                if length > 1 and not (
                    " ".join(lower[first : first + length - 1]) in shorter
                    and " ".join(lower[first + 1 : first + length]) in shorter
                ):
                    continue
                key = " ".join(lower[first : first + length])
                if seen.get(key, "") is None:
                    continue
                words = run[first : first + length]
                seen[key] = None if all(map(_is_plain, words)) or _starts(run, first, length) else " ".join(words)
        counts.reports.update(seen.keys())
        counts.plain.update(key for key, form in seen.items() if form is None)
        for key, form in seen.items():
            if form is not None:
                counts.form.setdefault(key, form)
        if len(counts.reports) > MAX_COUNTED:
            counts.forget_below(2)
    return counts


def _starts(run: Sequence[str], first: int, length: int) -> bool:
    """True where the phrase begins its run, as a sentence does, with a known word and goes on in plain letters."""
    word = run[first].lower()
    return first == 0 and (is_known(word) or is_ordinary(word)) and all(map(_is_plain, run[1:length]))


def _is_plain(word: str) -> bool:
    return word.islower() or is_abbreviation(word)


def _impersonal_runs(text: str, titled: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """The runs of a report's words, cut where a person may be meant. A text in capitals is all that may be a name."""
    for run in runs(without_persons(text)):
        kept: list[str] = []
        for place, word in enumerate(run):
            if is_titled(run, place) or word.lower() in titled or _is_personal(word):
                if kept:
                    yield tuple(kept)
                kept = []
            else:
                kept.append(word)
        if kept:
            yield tuple(kept)


@lru_cache(maxsize=100_000)
def _is_personal(word: str) -> bool:
    lower = word.lower()
    return is_name(word.capitalize()) and not is_known(lower) and not is_ordinary(lower)


def _titled_words(texts: Iterable[str]) -> frozenset[str]:
    """Words that no report needs and that stand after a title or in a header: they are names everywhere."""
    found: set[str] = set()
    for text in texts:
        titled = {run[place].lower() for run in runs(text) for place in range(len(run)) if is_titled(run, place)}
        found |= {word for word in titled if not is_known(word)} | header_names(text)
    return frozenset(found)


def _ranked(
    counts: dict[str, int], plain: dict[str, int], form: dict[str, str], min_reports: int
) -> Iterator[Harvested]:
    """The phrases that are worth expecting, by frequency times rarity times cohesion."""
    listed = {phrase.lower() for phrase in (*terms(), *collocations())}
    left_out = _slips(counts)
    parts = _parts(counts)
    scored: list[tuple[float, str, float]] = []
    for phrase, reports in counts.items():
        words = phrase.split()
        if phrase in listed or phrase in parts or not _is_whole(words) or not left_out.isdisjoint(words):
            continue
        rarity = _rarity_of(phrase)
        if len(words) == 1 and (rarity < NEW or len(phrase) < MIN_LETTERS):
            continue
        cohesion = reports / min(counts[word] for word in words if not is_link(word))
        if cohesion >= MIN_COHESION:
            scored.append((reports * rarity * cohesion, phrase, 1 + (rarity + cohesion) / 2))
    chosen = {phrase for _, phrase, _ in scored}
    for _, phrase, weight in sorted(scored, key=lambda one: (-one[0], one[1])):
        words = phrase.split()
        if any(part in chosen and _rarity_of(part) == _rarity_of(phrase) for part in _inner(words)):
            continue  # the shorter one turns the recognizer as well
        may_be_name = plain.get(phrase, 0) < min_reports
        written = form[phrase] if may_be_name else " ".join(map(inside, phrase.split()))
        yield Harvested(written, counts[phrase], round(weight, 1), may_be_name)


def _is_whole(words: Sequence[str]) -> bool:
    return not is_link(words[0]) and not is_link(words[-1])


def _inner(words: Sequence[str]) -> Iterator[str]:
    """The shorter phrases within a phrase."""
    for length in range(1, len(words)):
        for first in range(len(words) - length + 1):
            yield " ".join(words[first : first + length])


def _parts(counts: dict[str, int]) -> set[str]:
    """Phrases that mostly stand within one longer phrase, or that mostly go on with one word or another."""
    found: set[str] = set()
    goes_on: Counter[str] = Counter()
    for phrase, reports in counts.items():
        words = phrase.split()
        if not _is_whole(words):
            continue
        goes_on[" ".join(words[:-1])] += reports
        found.update(part for part in _inner(words) if reports >= WITHIN_SHARE * counts[part])
    return found | {part for part, reports in goes_on.items() if part and reports >= WITHIN_SHARE * counts[part]}


def _slips(counts: dict[str, int]) -> set[str]:
    """New words that are much rarer than one that they nearly are."""
    by_count = sorted((word for word in counts if " " not in word), key=lambda word: -counts[word])
    found: set[str] = set()
    for word in by_count:
        if not _is_new(word):
            continue
        commoner = list(takewhile(lambda other: counts[other] * MISSPELT_SHARE >= counts[word], by_count))  # noqa: B023
        if commoner and extractOne(word, commoner, scorer=OSA.distance, score_cutoff=1 if len(word) < 8 else 2):
            found.add(word)
    return found


def _is_new(word: str) -> bool:
    return _rarity(word) == NEW


def _rarity_of(phrase: str) -> float:
    return max(map(_rarity, phrase.split()))


@lru_cache(maxsize=100_000)
def _rarity(word: str) -> float:
    """How little a word is to be expected in a report, whole or by its rarest part between hyphens."""
    word = word.removesuffix("'s").removesuffix("\u2019s")
    if is_known(word) or is_link(word):
        return KNOWN
    return max(KNOWN if is_known(part) else UNUSUAL if is_ordinary(part) else NEW for part in word.split("-"))
