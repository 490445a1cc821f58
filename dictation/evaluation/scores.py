"""Errors over words: the counts behind every rate, as jiwer counts them."""

from collections.abc import Iterable
from dataclasses import dataclass

import jiwer

from dictation.evaluation.normalisers import NORMALISERS


@dataclass(frozen=True, slots=True)
class Tally:
    """`errors` (substituted + deleted + inserted) over `words` of the reference; for CER both are characters."""

    errors: int
    words: int

    @property
    def rate(self) -> float | None:
        """Errors per word, above 1 where much was invented; None where the reference has no words."""
        return self.errors / self.words if self.words else None


def pooled(tallies: Iterable[Tally]) -> Tally:
    """The tally of all recordings together: their rate is a ratio of sums, not a mean of rates."""
    errors = words = 0
    for tally in tallies:
        errors, words = errors + tally.errors, words + tally.words
    return Tally(errors, words)


def word_tally(reference: str, hypothesis: str, normaliser: str) -> Tally:
    """Count word errors of a hypothesis in the form that `NORMALISERS[normaliser]` gives both texts."""
    normalised = NORMALISERS[normaliser]
    return _tally(jiwer.process_words(normalised(reference), normalised(hypothesis)))


def char_tally(reference: str, hypothesis: str, normaliser: str) -> Tally:
    """Count character errors, spaces between words included."""
    normalised = NORMALISERS[normaliser]
    return _tally(jiwer.process_characters(normalised(reference), normalised(hypothesis)))


def _tally(output: jiwer.WordOutput | jiwer.CharacterOutput) -> Tally:
    errors = output.substitutions + output.deletions + output.insertions
    return Tally(errors, output.hits + output.substitutions + output.deletions)
