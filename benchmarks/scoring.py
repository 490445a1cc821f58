"""Spoken-form scores: word error rate and critical-word error rate under Whisper's published English normaliser.

Reference and every hypothesis pass the same three steps around the normaliser, which by itself deletes "mm" as a
hesitation, leaves "ninth" beside "9th", and parts "T12" into two words:

    before   mm, millimeter → millimeters (cm alike); "2 x 3" → "2 by 3"; 1.0 → 1 point zero; ninth → 9th
    after    "t 12" → "t12" for the letters c, t, l, s
"""

import itertools
import re
from dataclasses import dataclass

import jiwer
import numpy as np
from whisper_normalizer.english import EnglishTextNormalizer

_CRITICAL_WORDS = {
    "left",
    "right",
    "bilateral",
    "no",
    "not",
    "without",
    "one",
    "millimeters",
    "centimeters",
}  # 1 is "one"
_CRITICAL_FORM = re.compile(r"(?:one)?\.?\d[\d.]*(?:st|nd|rd|th|%|s)?|[ctls]\d{1,2}")  # numbers, ordinals, levels
_WHISPER = EnglishTextNormalizer()
_BEFORE = (
    (re.compile(r"(?<![a-z])(?:mm|millimet(?:er|re)s?)\b", re.IGNORECASE), " millimeters"),
    (re.compile(r"(?<![a-z])(?:cm|centimet(?:er|re)s?)\b", re.IGNORECASE), " centimeters"),
    (re.compile(r"(?<=\d)\s*[x×]\s*(?=\d)", re.IGNORECASE), " by "),
    (re.compile(r"(?<=\d)\.0(?!\d)"), " point zero"),
    (re.compile(r"\bninth\b", re.IGNORECASE), "9th"),
)
_LEVEL = re.compile(r"\b([ctls]) (\d{1,2})\b")


def normalised(text: str) -> str:
    """The form in which texts are compared: lower case, no punctuation, numbers as digits, American spelling."""
    for pattern, replacement in _BEFORE:
        text = pattern.sub(replacement, text)
    return " ".join(_LEVEL.sub(r"\1\2", _WHISPER(text)).split())


def is_critical(token: str) -> bool:
    """Whether a normalised token is a side, a negation, a number, a unit of length or a spinal level."""
    return token in _CRITICAL_WORDS or _CRITICAL_FORM.fullmatch(token) is not None


def critical_words(text: str) -> int:
    """How many critical words a text holds."""
    return sum(is_critical(token) for token in normalised(text).split())


@dataclass(frozen=True)
class Score:
    """Counts of one report: errors (substituted + deleted + inserted) over reference words, the same for critical ones.

    `critical_errors`: critical words of the reference that were not heard as such, and critical words heard where the
    reference has none. `confusions`: (said, heard) pairs, "" for nothing.
    """

    errors: int
    words: int
    critical_errors: int
    critical_words: int
    confusions: tuple[tuple[str, str], ...]
    substitutions: int
    deletions: int
    insertions: int


def score(reference: str, hypothesis: str) -> Score:
    """Score one hypothesis against what was spoken; both in any spelling, normalised here."""
    said = normalised(reference)
    output = jiwer.process_words(said, normalised(hypothesis))
    said_words, heard_words = output.references[0], output.hypotheses[0]
    critical_errors, confusions = 0, []
    for is_equal, run in itertools.groupby(output.alignments[0], lambda chunk: chunk.type == "equal"):
        if is_equal:
            continue
        chunks = list(run)
        for chunk in chunks:
            said_run = said_words[chunk.ref_start_idx : chunk.ref_end_idx]
            heard_run = heard_words[chunk.hyp_start_idx : chunk.hyp_end_idx]
            for pair in itertools.zip_longest(said_run, heard_run, fillvalue=""):
                critical_errors += any(is_critical(token) for token in pair)
        said_part = said_words[chunks[0].ref_start_idx : chunks[-1].ref_end_idx]
        heard_part = heard_words[chunks[0].hyp_start_idx : chunks[-1].hyp_end_idx]
        confusions.append((" ".join(said_part), " ".join(heard_part)))
    return Score(
        errors=output.substitutions + output.deletions + output.insertions,
        words=len(said_words),
        critical_errors=critical_errors,
        critical_words=sum(is_critical(token) for token in said_words),
        confusions=tuple(confusions),
        substitutions=output.substitutions,
        deletions=output.deletions,
        insertions=output.insertions,
    )


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % bootstrap interval over reports."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Value and interval with three decimals."""
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


def rate(errors: list[float], totals: list[float], seed: int, resamples: int = 10_000) -> Interval:
    """Pooled errors per total, e.g. a word error rate; reports are drawn with replacement."""
    error, total = _resampled(errors, seed, resamples), _resampled(totals, seed, resamples)
    low, high = np.percentile(error / np.maximum(total, 1e-9), [2.5, 97.5])
    return Interval(sum(errors) / sum(totals), float(low), float(high))


def ratio(ours: list[float], peers: list[float], seed: int, resamples: int = 10_000) -> Interval:
    """Pooled ours over pooled peer's, both of the same reports in each resample, so that hard reports cancel."""
    our, peer = _resampled(ours, seed, resamples), _resampled(peers, seed, resamples)
    our, peer = our[(our > 0) | (peer > 0)], peer[(our > 0) | (peer > 0)]  # 0 / 0 says nothing
    ratios = np.divide(our, peer, out=np.full(our.shape, np.inf), where=peer > 0)
    low, high = np.percentile(ratios, [2.5, 97.5], method="nearest") if len(ratios) else (np.nan, np.nan)
    return Interval(sum(ours) / sum(peers) if sum(peers) else float("inf"), float(low), float(high))


def _resampled(values: list[float], seed: int, resamples: int) -> np.ndarray:
    """The sums of `resamples` draws of reports; equal seeds draw equal reports."""
    chosen = np.random.default_rng(seed).integers(0, len(values), (resamples, len(values)))
    return np.asarray(np.asarray(values, dtype=float)[chosen].sum(axis=1))
