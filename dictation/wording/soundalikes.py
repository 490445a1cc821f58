"""Words that are none, or odd in a report, and the one term that sounds like them.

Two kinds of evidence, each enough by itself:
- a word unknown to English and to the lexicon, alone or with its neighbours ("emphyse mitose"), sounds like exactly one
  term or like words that stand together in reports ("mediascinomist table" -> "mediastinum is stable");
- an English word that reports do not use stands in a company that reports know, and sounds like the word that belongs
  there ("filler contours" -> "hilar contours").
Where two terms are about as near, nothing is changed. Critical words are never touched, produced or swallowed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeVar

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from dictation.lexicon import rows
from dictation.lexicon.critical import is_critical
from dictation.lexicon.english import is_name, is_ordinary
from dictation.lexicon.terms import collocations, is_known, prefixes, terms
from dictation.wording.sound import sound, unlikeness, weight

Phrase = TypeVar("Phrase")

# Limits of unlikeness (0 alike, 1 nothing in common), set on synthetic dictations of reports; see tests/wording.
LIMIT_LONG = 0.26  # for sounds of weight LONG or more
LIMIT_ALONE = 0.22  # the same, where one word was heard and no neighbour speaks for the change
LIMIT_MIDDLE = 0.15
LIMIT_SHORT = 0.08  # below weight SHORT
LONG = 6.0
SHORT = 4.5
LIMIT_CHANGED = 0.42  # for the changed words alone, where their neighbours speak for the change
LIMIT_ODD = 0.42  # for an English word in the company of another
RARE = 0.05  # what a one-word term of no collocation has against it: it is seldom said
MARGIN = 0.05  # how much nearer the best term must be than the second
MARGIN_OPPOSITE = 0.2  # the same, where the second is the opposite direction: "exterior" is posterior or anterior
WINDOW = 4  # heard words that may make up one term or phrase
MIN_LETTERS = 3
MIN_STEM = 4  # letters that two words must share for one to be the other with a prefix
SMALL_WORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "for", "has", "her", "high", "his", "in", "is", "it", "low"}
    | {"of", "on", "or", "the", "to", "was", "were", "with"}
)


@dataclass(frozen=True)
class Change:
    """Heard words [start, stop) are written as `words` instead."""

    start: int
    stop: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Targets:
    """Phrases that a misheard word may have been, with their sounds in the same order."""

    phrases: tuple[tuple[str, ...], ...]
    sounds: tuple[str, ...]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> "Targets":
        """Make the targets of `phrases`, leaving out those that hold a critical word."""
        words = [tuple(phrase.split()) for phrase in dict.fromkeys(phrases)]
        words = [phrase for phrase in words if not any(is_critical(word) for word in phrase)]
        return cls(tuple(words), tuple(sound(" ".join(phrase)) for phrase in words))


@cache
def lexicon_targets() -> Targets:
    """The targets of the lexicon's terms and collocations."""
    return Targets.of((*terms(), *collocations()))


@cache
def _common_words() -> frozenset[str]:
    return frozenset(word for phrase in collocations() for word in phrase.split())


@cache
def _company() -> dict[tuple[str, ...], frozenset[str]]:
    """Two to four words that stand together, one of them masked as "" → the words that fill the mask."""
    found: dict[tuple[str, ...], set[str]] = {}
    for phrase in lexicon_targets().phrases:
        for start in range(len(phrase)):
            for stop in range(start + 2, min(len(phrase), start + WINDOW) + 1):
                words = tuple(word.lower() for word in phrase[start:stop])
                for place in range(len(words)):
                    rest = words[:place] + words[place + 1 :]
                    if not set(rest) <= SMALL_WORDS and words[place] not in SMALL_WORDS:
                        found.setdefault((*words[:place], "", *words[place + 1 :]), set()).add(phrase[start + place])
    return {key: frozenset(words) for key, words in found.items()}


@lru_cache(maxsize=65536)
def is_unknown(word: str) -> bool:
    """True for a piece of speech that is no word: neither English, nor of the lexicon, nor a name, nor a number."""
    lower = word.lower()
    if len(word) < MIN_LETTERS or not all(part.isalpha() for part in word.split("-")) or word.isupper():
        return False
    return not (is_known(word) or is_ordinary(lower) or is_name(word) or all(_is_part(p) for p in lower.split("-")))


def _is_part(word: str) -> bool:
    return is_known(word) or is_ordinary(word)


@lru_cache(maxsize=65536)
def is_odd(word: str) -> bool:
    """True for a word that reports do not use, English or not."""
    return len(word) >= MIN_LETTERS and word.isalpha() and not is_known(word) and not word.isupper()


def changes(heard: Sequence[str | None], own: Targets) -> list[Change]:
    """Return the changes for heard words, in order and apart; None stands where words cannot join (a mark, a number).

    `own` are the user's vocabulary phrases, which count as terms.
    """
    changed: list[Change] = []
    done = 0
    for index, word in enumerate(heard):
        if index < done or word is None or is_critical(word) or not (is_odd(word) or is_unknown(word)):
            continue
        if _may_hide_a_critical_word(heard, index):
            continue
        best = _by_company(heard, index, done)
        if is_unknown(word):
            best = min(
                (found for found in (best, _by_sound(heard, index, done, own)) if found), default=None, key=_share
            )
        change = best[1] if best else None
        if change is not None:
            changed.append(change)
            done = change.stop
    return changed


def _share(found: tuple[float, Change]) -> float:
    return found[0]


def _by_company(heard: Sequence[str | None], index: int, first: int) -> tuple[float, Change] | None:
    """The word that belongs where an odd word stands, by all companies of two to four words that know it."""
    word = heard[index] or ""
    near: dict[str, float] = {}
    for size in range(2, WINDOW + 1):
        for start in range(max(first, index - size + 1), min(index, len(heard) - size) + 1):
            window = heard[start : start + size]
            key = tuple("" if start + place == index else (other or "|").lower() for place, other in enumerate(window))
            for meant in _company().get(key, ()):
                near[meant] = unlikeness(sound(word), sound(meant))
    best = _only(near, LIMIT_ODD)  # of "interior", anterior is the nearest and no other takes its place
    if best is None or best.lower() == word.lower() or _only_turned(word.lower(), best.lower()):
        return None
    if any(share - near[best] < MARGIN_OPPOSITE for other, share in near.items() if _are_opposite(best, other)):
        return None
    return near[best], Change(index, index + 1, (best,))


@cache
def _directions() -> dict[str, frozenset[tuple[str, str]]]:
    """Word of direction → its axes and the direction that it names on each."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in rows("directions"):
        for term in row["terms"].split(" | "):
            found.setdefault(term, set()).add((row["axis"], row["direction"]))
    return {word: frozenset(named) for word, named in found.items()}


def _are_opposite(one: str, other: str) -> bool:
    """True for two words that name two directions of one axis."""
    ones, others = (_directions().get(word.lower(), frozenset()) for word in (one, other))
    return any(axis == other_axis and way != other_way for axis, way in ones for other_axis, other_way in others)


def _may_hide_a_critical_word(heard: Sequence[str | None], index: int) -> bool:
    """True where the critical word before belongs to the sound: "no mothorax" is "no" or half a pneumothorax."""
    word, last = heard[index], heard[index - 1] if index else None
    return word is not None and last is not None and is_critical(last) and _is_half(last, word)


@lru_cache(maxsize=16384)
def _is_half(last: str, word: str) -> bool:
    alone = _near(sound(word), lexicon_targets(), LIMIT_LONG)
    both = _near(sound(f"{last} {word}"), lexicon_targets(), LIMIT_LONG)
    return bool(both) and (not alone or both[0][0] + MARGIN < alone[0][0])


def _by_sound(heard: Sequence[str | None], index: int, first: int, own: Targets) -> tuple[float, Change] | None:
    """The nearest term or phrase over all windows that hold the unknown word."""
    best: tuple[float, Change] | None = None
    for start in range(max(first, index - WINDOW + 1), index + 1):
        for stop in range(index + 1, min(len(heard), start + WINDOW) + 1):
            window = heard[start:stop]
            if any(word is None or is_critical(word) for word in window):
                continue
            found = _match(tuple(word for word in window if word is not None), own)
            if found is not None and (best is None or found[0] < best[0]):
                change = found[1]
                best = (found[0], Change(start + change.start, start + change.stop, change.words))
    return best if best and best[1].start <= index < best[1].stop else None


@lru_cache(maxsize=16384)
def _match(window: tuple[str, ...], own: Targets) -> tuple[float, Change] | None:
    heard = sound(" ".join(window))
    length = weight(heard)
    longest = LIMIT_LONG if len(window) > 1 else LIMIT_ALONE
    limit = longest if length >= LONG else LIMIT_MIDDLE if length >= SHORT else LIMIT_SHORT
    near: dict[tuple[str, ...], float] = {}
    for targets in (own, lexicon_targets()):
        for share, place in _near(heard, targets, limit + MARGIN):
            phrase = targets.phrases[place]
            rare = targets is not own and len(phrase) == 1 and phrase[0].lower() not in _common_words()
            near[phrase] = share + (RARE if rare else 0.0)
    best = _only(near, limit)
    if best is None:
        return None
    change = _apart(window, best)
    if change is None or not _may_swallow(window[change.start : change.stop], change.words):
        return None
    old = tuple(word.lower() for word in window[change.start : change.stop])
    new = tuple(word.lower() for word in change.words)
    if len(old) == len(new) and any(_only_turned(*pair) for pair in zip(old, new, strict=True)):
        return None
    if len(old) == 1 and _ending(old[0]) and _ending(old[0]) != _ending(new[-1]):
        return None
    changed = unlikeness(sound(" ".join(window[change.start : change.stop])), sound(" ".join(change.words)))
    return (near[best], change) if changed <= LIMIT_CHANGED else None


def _near(heard: str, targets: Targets, limit: float) -> list[tuple[float, int]]:
    """Return (unlikeness, index) of the targets within `limit`, nearest first; a cheap distance sorts out most."""
    cheap = process.extract(
        heard, targets.sounds, scorer=Levenshtein.distance, score_cutoff=max(2, int(len(heard) * 0.45)), limit=40
    )
    close = ((unlikeness(heard, targets.sounds[index]), index) for _, _, index in cheap)
    return sorted(pair for pair in close if pair[0] <= limit)


def _only(near: dict[Phrase, float], limit: float) -> Phrase | None:
    """The one phrase within `limit` that is nearer than every other by MARGIN."""
    ranked = sorted(near.items(), key=lambda item: item[1])
    if not ranked or ranked[0][1] > limit:
        return None
    return None if len(ranked) > 1 and ranked[1][1] - ranked[0][1] < MARGIN else ranked[0][0]


def _apart(window: Sequence[str], meant: Sequence[str]) -> Change | None:
    """The change without the words that both have at their ends; None where nothing differs."""
    start = 0
    while start < min(len(window), len(meant)) and window[start].lower() == meant[start].lower():
        start += 1
    end = 0
    while end < min(len(window), len(meant)) - start and window[-1 - end].lower() == meant[-1 - end].lower():
        end += 1
    words = tuple(meant[start : len(meant) - end])
    if start == len(window) - end or not words:
        return None
    return Change(start, len(window) - end, words)


def _may_swallow(heard: Sequence[str], meant: Sequence[str]) -> bool:
    """True where every heard word that reports know is small, or stays among the meant words."""
    kept = {word.lower() for word in meant}
    return all(word.lower() in kept or word.lower() in SMALL_WORDS or not is_known(word) for word in heard)


@cache
def _turning_prefixes() -> tuple[str, ...]:
    return ("", *prefixes(), *(row["prefix"] for row in rows("negating_prefixes")))


@lru_cache(maxsize=16384)
def _only_turned(one: str, other: str) -> bool:
    """True where the two words are the same but for a prefix ("abnormal", "normal"; "hyperdense", "hypodense")."""
    stems = {one[len(prefix) :] for prefix in _turning_prefixes() if one.startswith(prefix)}
    return one != other and any(
        other.startswith(prefix) and len(other) - len(prefix) >= MIN_STEM and other[len(prefix) :] in stems
        for prefix in _turning_prefixes()
    )


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted((row["ending"] for row in rows("medical_endings")), key=lambda ending: -len(ending)))


def _ending(word: str) -> str:
    """The ending that carries the meaning of a medical word ("ectomy"), empty where it has none."""
    return next((ending for ending in _endings() if word.endswith(ending)), "")
