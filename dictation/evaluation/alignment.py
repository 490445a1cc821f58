"""What was said beside what was heard, word by word, by the fewest edits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import jiwer

Kind = Literal["hit", "substitution", "deletion", "insertion"]
_KINDS: dict[str, Kind] = {
    "equal": "hit",
    "substitute": "substitution",
    "delete": "deletion",
    "insert": "insertion",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One word: `said` in the reference, `heard` in the hypothesis; "" where that one has none."""

    kind: Kind
    said: str
    heard: str


def aligned(reference: str, hypothesis: str) -> tuple[Step, ...]:
    """Line up the words of two normalised texts. A reference of no words is all insertions."""
    return tuple(_steps(jiwer.process_words(reference, hypothesis)))


def words_said(steps: Iterable[Step]) -> list[str]:
    """The words of the reference."""
    return [step.said for step in steps if step.said]


def words_heard(steps: Iterable[Step]) -> list[str]:
    """The words of the hypothesis."""
    return [step.heard for step in steps if step.heard]


def _steps(output: jiwer.WordOutput) -> Iterator[Step]:
    said, heard = output.references[0], output.hypotheses[0]
    for chunk in output.alignments[0]:
        left = said[chunk.ref_start_idx : chunk.ref_end_idx]
        right = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
        for one, two in zip_longest(left, right, fillvalue=""):
            yield Step(_KINDS[chunk.type], one, two)
