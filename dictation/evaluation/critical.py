"""Errors on the words of which one wrong can harm a patient, class by class."""

from collections.abc import Sequence

from dictation.evaluation.alignment import Step, aligned, words_heard, words_said
from dictation.evaluation.classes import CLASSES, CriticalClass, classes_of
from dictation.evaluation.clinical import clinical
from dictation.evaluation.scores import Tally

__all__ = ["CLASSES", "critical_tallies"]


def critical_tallies(reference: str, hypothesis: str) -> dict[CriticalClass, Tally]:
    """Count per class, in the clinical form: words of the class that were not heard, and such that nobody said.

    "left" heard as "right" is one error of side, "a" heard as "no" one of negation.
    """
    steps = aligned(clinical(reference), clinical(hypothesis))
    said = classes_of(words_said(steps))
    heard = classes_of(words_heard(steps))
    return {
        name: tally_of(steps, [name in names for names in said], [name in names for names in heard]) for name in CLASSES
    }


def tally_of(steps: Sequence[Step], said: Sequence[bool], heard: Sequence[bool]) -> Tally:
    """Count errors on marked words; `said` and `heard` say of each word of either text whether it is one."""
    errors, at_said, at_heard = 0, iter(said), iter(heard)
    for step in steps:
        is_said = bool(step.said) and next(at_said)
        is_heard = bool(step.heard) and next(at_heard)
        errors += step.kind != "hit" and (is_said or is_heard)
    return Tally(errors, sum(said))
