"""How sure a rate is: 95 % intervals, paired tests and their correction, with speakers as the unit of chance.

The words of one speaker are wrong together, so whole speakers are drawn and whole speakers are swapped. A rate is a
ratio of sums. A bootstrap of n clusters is too narrow: its percentiles are taken further out, as Student's t is wider
than the normal (Hesterberg 2014, "What Teachers Should Know about the Bootstrap", expanded percentiles). Below
FEW_CLUSTERS that does not help, as no draw leaves the range of the clusters: there it is Student's t itself, on the
logarithm of a rate. How often each holds the true rate is simulated in the tests.
"""

import warnings
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from dictation.evaluation.scores import Tally

LEVEL = 0.95
FEW_CLUSTERS = 12
MANY_CLUSTERS = 2000  # for more, BCa differs from percentiles in nothing but its cost, which grows as their square
DRAWN_AT_ONCE = 4_000_000  # numbers; bounds the memory
SWAPS = 2_000  # of systems within clusters, by chance; where few of them give as large a difference, many more are made
MANY_SWAPS = 99_999  # so that p can be as small as a correction for hundreds of comparisons asks for
CLEAR_P = 0.05
MOST_SWAPPED = 400_000_000  # signs in all: for 10,000 recordings of unknown speakers 40,000 swaps

Statistic = Callable[..., np.ndarray]


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Rate a minus rate b, its interval, and the two-sided p that the two are alike; None for fewer than 2 clusters."""

    value: float | None
    interval: Interval | None
    p: float | None


def interval(
    tallies: Sequence[Tally],
    clusters: Sequence[Hashable],
    seed: int = 0,
    resamples: int = 2000,
    most: float = np.inf,
    room: float = 1.0,
) -> Interval | None:
    """The interval of the pooled rate; `clusters` names the speaker (or recording) of each tally.

    `most` is what the rate cannot exceed, 1 of a share. Few clusters far apart show no bound above: there the interval
    ends at `room`, where everything is wrong, or where the plain one ends if that is more.

    None for no words, or fewer than 2 clusters that have anything to count. Where nothing went wrong there is nothing
    to draw from: then it is the exact binomial interval, which takes words as independent.
    """
    (errors, words), count = _sums(clusters, tallies)
    if count < 2 or not words.sum():
        return None
    if not errors.any():
        exact = stats.binomtest(0, int(words.sum())).proportion_ci(LEVEL)
        return Interval(float(exact.low), float(exact.high))
    if count < FEW_CLUSTERS:
        return _of_few(float(_rate(errors, words)), _reach(_pulls(errors, words)), most, room)
    return _bootstrapped((errors, words), _rate, seed, resamples)


def difference(
    tallies_a: Sequence[Tally],
    tallies_b: Sequence[Tally],
    clusters: Sequence[Hashable],
    seed: int = 0,
    resamples: int = 2000,
    most: float = np.inf,
) -> Difference:
    """Compare two systems on the same recordings, given in the same order.

    p comes from swapping the systems within clusters, in all 2^clusters ways where they are at most MANY_SWAPS: it
    cannot be below 2 / 2^clusters. `resamples` are those of the interval; `most` is what neither rate can exceed.
    """
    (errors_a, words_a, errors_b, words_b), count = _sums(clusters, tallies_a, tallies_b)
    if not words_a.sum() or not words_b.sum():
        return Difference(None, None, None)
    value = float(errors_a.sum() / words_a.sum() - errors_b.sum() / words_b.sum())
    if count < 2:
        return Difference(value, None, None)
    shares = errors_a * words_b.sum() - errors_b * words_a.sum()  # of each cluster in the difference, in whole numbers
    if count < FEW_CLUSTERS:
        reach = _reach(_pulls(errors_a, words_a) - _pulls(errors_b, words_b))
        found = Interval(max(-most, value - reach), min(most, value + reach))
    else:
        found = _bootstrapped((errors_a, words_a, errors_b, words_b), _rate_difference, seed, resamples)
    return Difference(value, found, _swapped_p(shares, seed))


def fewest_clusters(comparisons: int) -> int:
    """How many clusters it takes until the smallest possible p, corrected for so many comparisons, is significant."""
    return int(np.floor(np.log2(2 * comparisons / (1 - LEVEL)))) + 1


def holm(ps: Sequence[float | None]) -> tuple[float | None, ...]:
    """The p values corrected for their number by Holm's step-down; a None was no comparison and stays one."""
    tested = sorted((p, at) for at, p in enumerate(ps) if p is not None)
    corrected: list[float | None] = [None] * len(ps)
    largest = 0.0
    for rank, (p, at) in enumerate(tested):
        largest = max(largest, min(1.0, p * (len(tested) - rank)))
        corrected[at] = largest
    return tuple(corrected)


def _swapped_p(shares: np.ndarray, seed: int) -> float:
    """Two-sided p of a sum whose parts may each have either sign."""
    count = len(shares)
    many = int(min(MANY_SWAPS, max(SWAPS, MOST_SWAPPED // count)))
    p = 0.0
    for swaps in (SWAPS, many) if 2**count > MANY_SWAPS else (MANY_SWAPS,):
        p = stats.permutation_test(
            (shares,), np.sum, permutation_type="samples", vectorized=True, n_resamples=swaps, rng=seed,
            batch=_batch(count),
        ).pvalue  # fmt: skip
        if p > CLEAR_P:
            break
    return float(p)


def _sums(clusters: Sequence[Hashable], *systems: Sequence[Tally]) -> tuple[list[np.ndarray], int]:
    """Errors and words of each system, summed by cluster; and how many clusters there are.

    One without errors and words, as a voice that says nothing of the kind, tells nothing and is none.
    """
    numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    places = [numbers[cluster] for cluster in clusters]
    found = []
    for tallies in systems:
        for values in ([tally.errors for tally in tallies], [tally.words for tally in tallies]):
            sums = np.zeros(len(numbers))
            np.add.at(sums, places, values)
            found.append(sums)
    telling = np.any(found, axis=0)
    return [sums[telling] for sums in found], int(telling.sum())


def _rate(errors: np.ndarray, words: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.asarray(errors.sum(axis) / np.maximum(words.sum(axis), 1))


def _rate_difference(
    errors_a: np.ndarray, words_a: np.ndarray, errors_b: np.ndarray, words_b: np.ndarray, axis: int = -1
) -> np.ndarray:
    return np.asarray(_rate(errors_a, words_a, axis) - _rate(errors_b, words_b, axis))


def _of_few(rate: float, reach: float, most: float, room: float) -> Interval:
    """The interval of Student's t on the logarithm; its end above `room` not beyond that of the plain one.

    Two speakers far apart would else make it endless. With one degree of freedom the plain one ends above 1, too.
    """
    with np.errstate(over="ignore"):
        factor = np.exp(reach / rate)
    return Interval(float(rate / factor), float(min(rate * factor, max(room, rate + reach), most)))


def _pulls(errors: np.ndarray, words: np.ndarray) -> np.ndarray:
    """How far each cluster pulls the pooled rate from what the others would give, to first order."""
    return np.asarray((errors - _rate(errors, words) * words) / words.sum())


def _reach(pulls: np.ndarray) -> float:
    """Half the width of the interval of Student's t."""
    count = len(pulls)
    error = np.sqrt(count / (count - 1) * np.square(pulls).sum())
    return float(stats.t.ppf((1 + LEVEL) / 2, count - 1) * error)


def _bootstrapped(sums: Sequence[np.ndarray], statistic: Statistic, seed: int, resamples: int) -> Interval:
    """The BCa interval over clusters; of percentiles where BCa is not defined, as where all clusters are alike."""
    count = len(sums[0])
    asked = {
        "statistic": statistic, "paired": True, "vectorized": True, "confidence_level": _level(count),
        "batch": _batch(count),
    }  # fmt: skip
    method = "BCa" if count <= MANY_CLUSTERS else "percentile"
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        drawn = stats.bootstrap(sums, n_resamples=resamples, method=method, rng=seed, **asked)
        if np.isnan(drawn.confidence_interval).any():
            drawn = stats.bootstrap(sums, n_resamples=0, method="percentile", bootstrap_result=drawn, **asked)
    low, high = drawn.confidence_interval
    return Interval(float(low), float(high))


def _batch(clusters: int) -> int:
    return max(1, DRAWN_AT_ONCE // clusters)


def widening(clusters: int) -> float:
    """How much wider an interval of so many clusters is by Student's t than by normal theory."""
    return float(_t_reach(clusters) / stats.norm.ppf((1 + LEVEL) / 2))


def _level(clusters: int) -> float:
    """The level of normal theory whose interval is as wide as that of Student's t for so many clusters."""
    return float(1 - 2 * stats.norm.sf(_t_reach(clusters)))


def _t_reach(clusters: int) -> float:
    return float(stats.t.ppf((1 + LEVEL) / 2, clusters - 1) * np.sqrt(clusters / (clusters - 1)))
