"""Stretches that a recognizer left out: several words lost in a row are a lost phrase, not a misheard word."""

from collections.abc import Sequence

from dictation.evaluation.alignment import Step
from dictation.evaluation.places import Run, runs

LEAST = 3  # words


def burst_runs(steps: Sequence[Step], least: int = LEAST) -> tuple[Run, ...]:
    """The runs of at least `least` deleted words, in the order of the text."""
    return tuple(run for run in runs(steps, "deletion") if len(run) >= least)


def deletion_bursts(steps: Sequence[Step], least: int = LEAST) -> tuple[int, ...]:
    """The lengths of those runs, in words."""
    return tuple(len(run) for run in burst_runs(steps, least))
