"""Recognizers' texts beside what was said: errors, what they mean to a patient, and how sure the figures are."""

from dictation.evaluation.alignment import Step, aligned
from dictation.evaluation.bursts import deletion_bursts
from dictation.evaluation.claims import ClaimChanges, changed_claims
from dictation.evaluation.critical import CLASSES, critical_tallies
from dictation.evaluation.intervals import Difference, Interval, difference, fewest_clusters, holm, interval, widening
from dictation.evaluation.normalisers import DESCRIPTIONS, NORMALISERS
from dictation.evaluation.reliability import Reliability, reliability
from dictation.evaluation.scores import Tally, char_tally, pooled, word_tally
from dictation.evaluation.silence import Invented, words_on_silence
from dictation.evaluation.terms import term_tally

__all__ = [
    "CLASSES",
    "DESCRIPTIONS",
    "NORMALISERS",
    "ClaimChanges",
    "Difference",
    "Interval",
    "Invented",
    "Reliability",
    "Step",
    "Tally",
    "aligned",
    "changed_claims",
    "char_tally",
    "critical_tallies",
    "deletion_bursts",
    "difference",
    "fewest_clusters",
    "holm",
    "interval",
    "pooled",
    "reliability",
    "term_tally",
    "widening",
    "word_tally",
    "words_on_silence",
]
