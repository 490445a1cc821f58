"""Word error rate on medical terms alone."""

from collections.abc import Sequence

from dictation.evaluation.alignment import aligned, words_heard, words_said
from dictation.evaluation.classes import terms_at
from dictation.evaluation.clinical import clinical
from dictation.evaluation.critical import tally_of
from dictation.evaluation.scores import Tally


def term_tally(reference: str, hypothesis: str) -> Tally:
    """Count words of the lexicon's terms, in the clinical form, that were not heard, and such that nobody said."""
    steps = aligned(clinical(reference), clinical(hypothesis))
    return tally_of(steps, _marks(words_said(steps)), _marks(words_heard(steps)))


def _marks(words: Sequence[str]) -> list[bool]:
    places = terms_at(words)
    return [at in places for at in range(len(words))]
