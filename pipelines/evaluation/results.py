"""What every system was measured to be: figures with intervals, paired differences, groups, and what they rest on.

All rates pool their counts: errors of all recordings over words of all recordings. For intervals the speaker is the
unit of chance and not the word, because errors of one voice come together. The object is what `results.json` holds.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations

import numpy as np

from dictation.evaluation import (
    CLASSES,
    GRADES,
    NORMALISERS,
    Grade,
    difference,
    holm,
    interval,
    pooled,
    reliability,
    widening,
)
from dictation.evaluation.alignment import Kind
from dictation.frozen import SCHEMA_VERSION, Frozen
from dictation.speech import Engine
from dictation.speech.reliability import Bin
from pipelines.evaluation.measuring import ALIGNED_BY, Measured
from pipelines.evaluation.recordings import GROUPS, NOT_STATED, STAGES, Basis, Stage, basis

RESAMPLES = 2000
UNBOUNDED = ("speed",)  # recordings are heard beside each other: only their sum has a time
SCALES = {"silence": 60_000.0}  # its value is for a minute, while it is counted in milliseconds
MOST = dict.fromkeys(
    (
        *(f"{name}.{stage}" for name in ("bursts", "substitutions", "deletions") for stage in STAGES),
        *("claims", "claims.lost", "claims.changed"),
    ),
    1.0,
)
"""Shares: what was added does not count in them. In word errors and critical words it does, so they may exceed 1."""

ROOM = {"silence": 200 / 60_000}  # words a millisecond: as dense as fast speech, all of it invented
SIGNIFICANT = 0.05  # of a corrected p
COMPARED = (
    *(f"{rate}.{stage}.{name}" for rate in ("wer", "cer") for stage in STAGES for name in NORMALISERS),
    *(f"critical.written.{name}" for name in ("all", *CLASSES)),
    *(f"terms.{stage}" for stage in STAGES),
    "bursts.written",
    "claims",
)
GROUPED = (f"wer.raw.{ALIGNED_BY}", f"wer.written.{ALIGNED_BY}", "critical.written.all", "claims")


class Figure(Frozen):
    """A pooled rate: `count` of `of`. `low` and `high` bound its 95 % interval; None for fewer than two clusters."""

    count: int
    of: int
    value: float | None
    low: float | None = None
    high: float | None = None


class Reliability(Frozen):
    """What confidences are worth: `error` is the expected calibration error, 0–1.

    `low` and `high` bound that of the engine in 95 %, and `chance` is what one without any error would show on so few
    words; all three are None for fewer than two clusters.
    """

    bins: tuple[Bin, ...]
    error: float
    chance: float | None
    low: float | None
    high: float | None


class Place(Frozen):
    """Where an error stands: the id of the recording and its seconds there, None where the hypothesis has none."""

    recording: str
    start_s: float | None
    end_s: float | None


class Confusion(Frozen):
    """Words that were said and what was heard in their place, "" for nothing: how often with this grade, and where."""

    said: str
    heard: str
    kind: Kind
    grade: Grade
    count: int
    places: tuple[Place, ...]


class Judge(Frozen):
    """Who graded the errors that the tables call minimal: how many it was asked about, and to how many it said nothing.

    An error that stands in several places, or in several systems, alike is asked about once.
    """

    engine: Engine
    asked: int
    not_assessed: int


class System(Frozen):
    """One system. `engine` is None and `file` its name where the hypotheses came from elsewhere.

    `grades` counts errors, runs of wrong words after wording, and `confusions` lists them, most frequent first.
    """

    label: str
    engine: Engine | None
    file: str
    file_sha256: str
    states: dict[str, int]
    figures: dict[str, Figure]
    bursts: dict[Stage, dict[int, int]]
    claim_kinds: dict[str, int]
    grades: dict[Grade, int]
    confusions: tuple[Confusion, ...]
    reliability: Reliability | None

    @property
    def is_bounded(self) -> bool:
        """Whether a word error rate has an interval: one voice alone gives none."""
        return any(one.low is not None for name, one in self.figures.items() if name.startswith("wer."))


class Comparison(Frozen):
    """`first` less `second` in one measure, paired by recording. `p` is that of a permutation test over clusters."""

    measure: str
    first: str
    second: str
    value: float | None
    low: float | None
    high: float | None
    p: float | None
    p_corrected: float | None

    @property
    def winner(self) -> str:
        """Who makes fewer errors; "" for nobody."""
        if not self.value:
            return ""
        return self.second if self.value > 0 else self.first

    @property
    def significant(self) -> bool:
        """Whether chance hardly explains it, after the correction."""
        return self.p_corrected is not None and self.p_corrected < SIGNIFICANT


class Group(Frozen):
    """The recordings with one value in one column, and GROUPED measures of every system on them."""

    column: str
    value: str
    basis: Basis
    figures: dict[str, dict[str, Figure]]


class Evaluation(Frozen):
    """Everything that was measured. `normalisers` says what each does; `remarks` are sentences for people.

    `judge` is the language model that graded what the tables call minimal; None where the tables alone graded.
    """

    schema_version: int = SCHEMA_VERSION
    made_on: date
    manifest: str
    manifest_sha256: str
    unused_lines: int
    seed: int
    versions: dict[str, str]
    machine: dict[str, str]
    basis: Basis
    normalisers: dict[str, str]
    judge: Judge | None
    systems: tuple[System, ...]
    comparisons: tuple[Comparison, ...]
    remarks: tuple[str, ...]
    groups: tuple[Group, ...]


def figure(measured: Sequence[Measured], measure: str, seed: int) -> Figure:
    """The pooled rate of a measure over the recordings that have it."""
    inside = [one for one in measured if measure in one.tallies]
    tallies = [one.tallies[measure] for one in inside]
    whole = pooled(tallies)
    clusters = [one.recording.cluster for one in inside]
    bounds = None
    if measure not in UNBOUNDED:
        most, room = MOST.get(measure, np.inf), ROOM.get(measure, 1.0)
        bounds = interval(tallies, clusters, seed=seed, most=most, room=room)
    scale = SCALES.get(measure, 1.0)
    return Figure(
        count=whole.errors,
        of=whole.words,
        value=None if whole.rate is None else whole.rate * scale,
        low=bounds.low * scale if bounds else None,
        high=bounds.high * scale if bounds else None,
    )


def system(
    label: str, engine: Engine | None, file: str, file_sha256: str, measured: Sequence[Measured], seed: int
) -> System:
    """The results of one system."""
    measures = dict.fromkeys(name for one in measured for name in one.tallies)
    return System(
        label=label,
        engine=engine,
        file=file,
        file_sha256=file_sha256,
        states=dict(Counter(one.state for one in measured)),
        figures={name: figure(measured, name, seed) for name in measures},
        bursts={
            stage: dict(sorted(Counter(length for one in measured for length in one.bursts[stage]).items()))
            for stage in STAGES
        },
        claim_kinds=dict(sum((Counter(one.claim_kinds) for one in measured), Counter[str]()).most_common()),
        grades={grade: sum(error.grade == grade for one in measured for error in one.errors) for grade in GRADES},
        confusions=confusions(measured),
        reliability=_reliability(measured, seed),
    )


def confusions(measured: Sequence[Measured]) -> tuple[Confusion, ...]:
    """What was said and heard where they differ, most frequent first, of equally frequent ones the gravest."""
    places: dict[tuple[str, str, Kind, Grade], list[Place]] = {}
    for one in measured:
        for error in one.errors:
            start_s, end_s = one.span_s(error) or (None, None)
            place = Place(recording=one.recording.id, start_s=_rounded(start_s), end_s=_rounded(end_s))
            places.setdefault((error.said, error.heard, error.kind, error.grade), []).append(place)
    found = [
        Confusion(said=said, heard=heard, kind=kind, grade=grade, count=len(at), places=tuple(at))
        for (said, heard, kind, grade), at in places.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, -GRADES.index(one.grade), one.said, one.heard)))


def _rounded(at_s: float | None) -> float | None:
    return None if at_s is None else round(at_s, 3)


def _reliability(measured: Sequence[Measured], seed: int) -> Reliability | None:
    confidences = [value for one in measured for value in one.confidences]
    hits = [hit for one in measured for hit in one.hits]
    found = reliability(confidences, hits)
    if found.ece is None:
        return None
    clusters = [one.recording.cluster for one in measured for _ in one.hits]
    chance, low, high = error_bounds(
        np.array(confidences), np.array(hits), clusters, [row.lowest for row in found.bins], seed
    )
    return Reliability(bins=found.bins, error=found.ece, chance=chance, low=low, high=high)


def error_bounds(
    confidences: np.ndarray, hits: np.ndarray, clusters: Sequence[str], lowest: Sequence[float], seed: int
) -> tuple[float | None, float | None, float | None]:
    """The calibration error that chance alone shows, and the 95 % interval of the true one, over bins from `lowest`.

    Clusters are drawn with replacement. Gaps of either sign count, so drawing makes the error larger, as the recordings
    themselves did: the lower bound is moved down by that much. Both are widened for few clusters as Student's t is.
    Chance is what the gaps of a drawing have beyond the observed ones; where that may be all, the interval begins at 0.
    """
    names = sorted(set(clusters))
    if len(names) < 2:
        return None, None, None
    places = {name: place for place, name in enumerate(names)}
    rows = np.array([places[name] for name in clusters])
    columns = np.clip(np.searchsorted(lowest, confidences, side="right") - 1, 0, None)
    gaps, words = np.zeros((len(names), len(lowest))), np.zeros(len(names))
    np.add.at(gaps, (rows, columns), confidences - hits)
    np.add.at(words, rows, 1.0)
    share = np.full(len(names), 1 / len(names))
    drawn = np.random.default_rng(seed).multinomial(len(names), share, RESAMPLES)
    means, observed = drawn @ gaps / (drawn @ words)[:, None], gaps.sum(axis=0) / words.sum()
    errors, error = np.abs(means).sum(axis=1), np.abs(observed).sum()
    by_chance = np.abs(means - observed).sum(axis=1) * np.sqrt(len(names) / (len(names) - 1))
    wider = widening(len(names))
    below, above = wider * np.abs(np.percentile(errors, [2.5, 97.5]) - errors.mean())
    is_clear = error > np.percentile(by_chance, 97.5)
    low = max(0.0, error - (errors.mean() - error) - below) if is_clear else 0.0
    return float(by_chance.mean()), float(low), float(min(1.0, error + above))


def comparisons(measured: Mapping[str, Sequence[Measured]], seed: int) -> tuple[Comparison, ...]:
    """Every pair of systems in every measure of COMPARED; p is corrected for all of them together."""
    found: list[Comparison] = []
    for first, second in combinations(measured, 2):
        for measure in COMPARED:
            one = [each.tallies[measure] for each in measured[first]]
            other = [each.tallies[measure] for each in measured[second]]
            clusters = [each.recording.cluster for each in measured[first]]
            if not pooled(one).words:
                continue
            paired = difference(one, other, clusters, seed=seed, most=MOST.get(measure, np.inf))
            found.append(
                Comparison(
                    measure=measure,
                    first=first,
                    second=second,
                    value=paired.value,
                    low=paired.interval.low if paired.interval else None,
                    high=paired.interval.high if paired.interval else None,
                    p=paired.p,
                    p_corrected=None,
                )
            )
    corrected = holm([one.p for one in found])
    return tuple(one.model_copy(update={"p_corrected": p}) for one, p in zip(found, corrected, strict=True))


def groups(measured: Mapping[str, Sequence[Measured]], seed: int) -> tuple[Group, ...]:
    """A group for each value of each column of GROUPS that has more than one."""
    found: list[Group] = []
    recordings = [one.recording for one in next(iter(measured.values()))]
    for column in GROUPS:
        values = sorted({one.group(column) for one in recordings}, key=lambda value: (value == NOT_STATED, value))
        for value in values if len(values) > 1 else ():
            inside = {
                label: [one for one in all_of_it if one.recording.group(column) == value]
                for label, all_of_it in measured.items()
            }
            found.append(
                Group(
                    column=column,
                    value=value,
                    basis=basis([one.recording for one in next(iter(inside.values()))]),
                    figures={
                        label: {measure: figure(part, measure, seed) for measure in GROUPED}
                        for label, part in inside.items()
                    },
                )
            )
    return tuple(found)
