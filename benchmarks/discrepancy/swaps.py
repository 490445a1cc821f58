"""Errors that exchange one word or phrase for another: side, direction, lobe, grade, course, device, sound-alike.

The pairs are in `words/swaps.tsv`: kind, pattern of the old words, the new ones, what the sentence must hold, what it
must not hold. `{1}` in the new words is the first group of the pattern. Only the matched words change.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from benchmarks.discrepancy.case import Edit
from benchmarks.discrepancy.vocabulary import families, has, is_abnormal, rows, starts_with_capital_of

_SIDE = re.compile(r"\b(?:left|right)\b", re.IGNORECASE)
_NOT_A_SIDE = re.compile(r"\b(?:was|were|been|is|are|has) left\b|\bleft in place|\bbilateral|\bboth\b", re.IGNORECASE)


def side(sentence: str) -> Iterator[Edit]:
    """Left for right, where a sentence names one side once."""
    found = list(_SIDE.finditer(sentence))
    if len(found) == 1 and not _NOT_A_SIDE.search(sentence):
        old = found[0][0]
        new = "right" if old.lower() == "left" else "left"
        yield Edit(*found[0].span(), starts_with_capital_of(old, new))


@cache
def _pairs(kind: str) -> tuple[tuple[re.Pattern[str], str, re.Pattern[str] | None, re.Pattern[str] | None], ...]:
    def compiled(pattern: str) -> re.Pattern[str] | None:
        return re.compile(pattern, re.IGNORECASE) if pattern not in ("", "-") else None

    return tuple(
        (re.compile(old, re.IGNORECASE), new, compiled(needs), compiled(unless))
        for name, old, new, needs, unless in rows("swaps")
        if name == kind
    )


def swapped(kind: str, fits: Callable[[str], bool]) -> Callable[[str], Iterator[Edit]]:
    """All exchanges of a kind in a sentence that `fits`."""

    def edits(sentence: str) -> Iterator[Edit]:
        if not fits(sentence):
            return
        for old, new, needs, unless in _pairs(kind):
            if (needs and not needs.search(sentence)) or (unless and unless.search(sentence)):
                continue
            for match in old.finditer(sentence):
                words = new.replace("{1}", match[1] or "") if "{1}" in new else new
                yield Edit(*match.span(), starts_with_capital_of(match[0], words))

    return edits


def _graded(sentence: str) -> bool:
    return bool(families(sentence, abnormal_only=True)) and not has("negative", sentence)


def _coursed(sentence: str) -> bool:
    found = families(sentence, abnormal_only=True)
    return bool(found - {"device", "postop"}) and not (has("negative", sentence) or has("normal", sentence))


severity_by_one = swapped("severity by one", _graded)
severity_by_two = swapped("severity by two", _graded)
lobe_adjacent = swapped("lobe adjacent", is_abnormal)
lobe_distant = swapped("lobe distant", is_abnormal)
direction = swapped("direction", lambda sentence: bool(families(sentence)) and not has("negative", sentence))
course = swapped("course", _coursed)
device = swapped("device position", lambda sentence: True)
