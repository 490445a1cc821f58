"""Where the words of a clinical form stand in the text, and when they were heard.

    "a nodule of five mm" → a, nodule, of, 5, mm: "5" stands where "five" does, at its seconds.

Both lists of words are lined up by the fewest edits, each word of the text as the clinical form of it alone. What
cannot be told apart shares its place: all of "one hundred and five" is the place of "105".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TypeGuard

import jiwer

from dictation.evaluation.alignment import Step
from dictation.evaluation.clinical import clinical
from dictation.speech import Word

Span = tuple[float, float]
DAY_S = 86_400.0  # no recording is longer
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Run:
    """The steps [first, end) of an alignment."""

    first: int
    end: int

    def __len__(self) -> int:
        """How many steps or words."""
        return self.end - self.first


def runs(steps: Sequence[Step], *kinds: str) -> list[Run]:
    """The runs of adjacent steps of these kinds, in the order of the text."""
    found: list[Run] = []
    for is_one, run in groupby(range(len(steps)), lambda at: steps[at].kind in kinds):
        places = list(run)
        if is_one:
            found.append(Run(places[0], places[-1] + 1))
    return found


def word_places(form: Sequence[str], texts: Sequence[str]) -> list[Run]:
    """For each word of a clinical form the words of the text that it was made of.

    A run without length is a word that none of them made, as the "to" of "5-6": it lies between two words.
    """
    owners, own = _own_words(texts)
    found: list[Run] = []
    for ours, theirs in _regions(form, own):
        places = owners[theirs.first : theirs.end]
        if len(ours) == len(places):
            found += [Run(place, place + 1) for place in places]
            continue
        before = owners[theirs.first - 1] + 1 if theirs.first else 0
        shared = Run(places[0], places[-1] + 1) if places else Run(before, before)
        found += [shared] * len(ours)
    return found


def character_places(form: Sequence[str], text: str) -> list[tuple[int, int]]:
    """For each word of the clinical form of `text` its [start, end) in it, in characters."""
    spans = [match.span() for match in _WORD.finditer(text)]
    found = []
    for run in word_places(form, _WORD.findall(text)):
        if len(run):
            found.append((spans[run.first][0], spans[run.end - 1][1]))
        else:
            at = spans[run.first - 1][1] if run.first else 0
            found.append((at, at))
    return found


def step_seconds(steps: Sequence[Step], words: Sequence[Word], duration_s: float | None) -> tuple[Span | None, ...]:
    """For each step its [start, end] in the recording, in seconds.

    A word that was heard has the seconds of its own word. A lost one lies between the heard words around it, or at the
    recording's start or end; `duration_s` None: that end is not known, and is where the last word ends. None for all
    where the words have no seconds.
    """
    heard = [step.heard for step in steps if step.heard]
    spans = iter([_seconds(words, run) for run in word_places(heard, [word.text for word in words])])
    placed = [next(spans) if step.heard else None for step in steps]
    known = [word.end_s for word in words if _is_time(word.end_s)]
    if not known and not (duration_s and not words):
        return (None,) * len(steps)
    end_s = max([duration_s or 0.0, *known])
    before, ends = 0.0, list[float]()
    for span in placed:
        ends.append(before)
        before = max(before, span[1]) if span else before
    after, starts = end_s, list[float]()
    for span in reversed(placed):
        starts.append(after)
        after = min(after, span[0]) if span else after
    between = [(min(one, two), max(one, two)) for one, two in zip(ends, reversed(starts), strict=True)]
    return tuple(span or gap for span, gap in zip(placed, between, strict=True))


def _seconds(words: Sequence[Word], run: Run) -> Span | None:
    starts = [one.start_s for one in words[run.first : run.end] if _is_time(one.start_s)]
    ends = [one.end_s for one in words[run.first : run.end] if _is_time(one.end_s)]
    return (min(starts), max(ends)) if starts and ends else None


def _is_time(at_s: float | None) -> TypeGuard[float]:
    """Whether it can be a place in a recording: files of others may hold anything, even what is no number."""
    return at_s is not None and 0 <= at_s < DAY_S


def _own_words(texts: Sequence[str]) -> tuple[list[int], list[str]]:
    """The clinical form of each word alone, and of which word each part of it is; marks and pauses have none."""
    parts = [(at, part) for at, text in enumerate(texts) for part in _alone(text)]
    return [at for at, _ in parts], [part for _, part in parts]


@lru_cache(maxsize=16384)
def _alone(text: str) -> tuple[str, ...]:
    return tuple(clinical.__wrapped__(text).split())  # single words would drive whole texts out of its cache


def _regions(form: Sequence[str], own: Sequence[str]) -> Iterator[tuple[Run, Run]]:
    """Words of the form beside words of the text: alike ones one by one, between them what differs as a whole."""
    output = jiwer.process_words(" ".join(form), " ".join(own))
    for is_equal, run in groupby(output.alignments[0], lambda chunk: chunk.type == "equal"):
        chunks = list(run)
        first, last = chunks[0], chunks[-1]
        ours, theirs = Run(first.ref_start_idx, last.ref_end_idx), Run(first.hyp_start_idx, last.hyp_end_idx)
        if is_equal or len(ours) == len(theirs):
            for at in range(len(ours)):
                yield Run(ours.first + at, ours.first + at + 1), Run(theirs.first + at, theirs.first + at + 1)
        else:
            yield ours, theirs
