"""Recognizers' texts beside what was said: errors, what they mean to a patient, and how sure the figures are."""

from dictation.evaluation.alignment import Step, aligned
from dictation.evaluation.bursts import burst_runs, deletion_bursts
from dictation.evaluation.claims import ClaimChanges, changed_claims
from dictation.evaluation.critical import CLASSES, critical_tallies
from dictation.evaluation.grades import GRADES, Error, Grade, graded_errors
from dictation.evaluation.intervals import Difference, Interval, difference, fewest_clusters, holm, interval, widening
from dictation.evaluation.normalisers import DESCRIPTIONS, NORMALISERS
from dictation.evaluation.places import Run, Span, step_seconds
from dictation.evaluation.reliability import Reliability, reliability
from dictation.evaluation.scores import Tally, char_tally, pooled, word_tally
from dictation.evaluation.silence import Invented, words_on_silence
from dictation.evaluation.terms import term_tally

__all__ = [
    "CLASSES",
    "DESCRIPTIONS",
    "GRADES",
    "NORMALISERS",
    "ClaimChanges",
    "Difference",
    "Error",
    "Grade",
    "Interval",
    "Invented",
    "Reliability",
    "Run",
    "Span",
    "Step",
    "Tally",
    "aligned",
    "burst_runs",
    "changed_claims",
    "char_tally",
    "critical_tallies",
    "deletion_bursts",
    "difference",
    "fewest_clusters",
    "graded_errors",
    "holm",
    "interval",
    "pooled",
    "reliability",
    "step_seconds",
    "term_tally",
    "widening",
    "word_tally",
    "words_on_silence",
]
