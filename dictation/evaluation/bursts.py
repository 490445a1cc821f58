"""Stretches that a recognizer left out: several words lost in a row are a lost phrase, not a misheard word."""

from collections.abc import Iterable
from itertools import groupby

from dictation.evaluation.alignment import Step


def deletion_bursts(steps: Iterable[Step], least: int = 3) -> tuple[int, ...]:
    """The lengths, in words, of runs of at least `least` deleted words, in the order of the text."""
    runs = (sum(1 for _ in run) for is_lost, run in groupby(steps, lambda step: step.kind == "deletion") if is_lost)
    return tuple(length for length in runs if length >= least)
