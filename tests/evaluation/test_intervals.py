import numpy as np
import pytest

from dictation.evaluation import Interval, Tally, difference, holm, interval, intervals

RATE = 0.08


def speakers(
    random: np.random.Generator, count: int, spread: float, rate: float = RATE
) -> tuple[list[Tally], list[int]]:
    """Recordings of `count` speakers, 4 each; every speaker has a rate of his own (beta), every word its chance."""
    own = random.beta(rate / spread, (1 - rate) / spread, count) if spread else np.full(count, rate)
    words = random.integers(20, 200, (count, 4))
    errors = random.binomial(words, own[:, None])
    return [Tally(int(e), int(w)) for e, w in zip(errors.flat, words.flat, strict=True)], list(
        np.repeat(range(count), 4)
    )


def coverage(count: int, spread: float, simulations: int, resamples: int = 800) -> float:
    random = np.random.default_rng(2026)
    inside = 0
    for number in range(simulations):
        found = interval(*speakers(random, count, spread), seed=number, resamples=resamples)
        inside += found is not None and found.low <= RATE <= found.high
    return inside / simulations


@pytest.mark.parametrize("spread", [0, 0.03], ids=["independent words", "words wrong together"])
def test_intervals_hold_the_true_rate_as_often_as_they_say(spread):
    assert 0.91 <= coverage(24, spread, 400) <= 0.98


@pytest.mark.parametrize("count", [3, 6, 12])
def test_intervals_of_few_speakers_are_wide_enough(count):
    assert 0.91 <= coverage(count, 0.03, 400) <= 0.98


@pytest.mark.parametrize("count", [6, 24])
def test_intervals_of_a_difference_hold_the_true_one(count, monkeypatch):
    for swaps in ("SWAPS", "MANY_SWAPS"):  # they give p, which is not asked here
        monkeypatch.setattr(intervals, swaps, 100)
    random = np.random.default_rng(11)
    inside = 0
    for number in range(300):
        tallies, clusters = speakers(random, count, 0.03)
        better = [Tally(int(random.binomial(tally.errors, 0.8)), tally.words) for tally in tallies]
        found = difference(tallies, better, clusters, seed=number, resamples=500).interval
        inside += found.low <= 0.2 * RATE <= found.high
    assert 0.91 <= inside / 300 <= 0.98


def test_the_paired_test_finds_nothing_as_often_as_it_should():
    random = np.random.default_rng(7)
    ps = []
    for number in range(300):
        tallies, clusters = speakers(random, 11, 0.05)
        other = [Tally(int(random.binomial(t.words, t.errors / t.words)), t.words) for t in tallies]
        again = [Tally(int(random.binomial(t.words, t.errors / t.words)), t.words) for t in tallies]
        ps.append(difference(other, again, clusters, seed=number, resamples=400).p)
    assert 0.025 <= np.mean(np.array(ps) <= 0.05) <= 0.08
    assert 0.4 <= np.mean(np.array(ps) <= 0.5) <= 0.6


def test_a_small_difference_between_systems_is_found_where_it_is_paired():
    random = np.random.default_rng(3)
    tallies, clusters = speakers(random, 24, 0.1)
    better = [Tally(int(random.binomial(tally.errors, 0.8)), tally.words) for tally in tallies]
    found = difference(tallies, better, clusters)
    assert found.value == pytest.approx(sum(t.errors for t in tallies) / sum(t.words for t in tallies)
                                        - sum(t.errors for t in better) / sum(t.words for t in better))  # fmt: skip
    assert found.p < 0.01 and 0 < found.interval.low < found.value < found.interval.high
    turned = difference(better, tallies, clusters)
    assert turned.value == -found.value and turned.p == pytest.approx(found.p, abs=0.005)


def test_one_speaker_gives_no_interval_and_no_test():
    tallies = [Tally(1, 10), Tally(2, 10)]
    assert interval(tallies, ["anna", "anna"]) is None
    found = difference(tallies, tallies[::-1], ["anna", "anna"])
    assert (found.value, found.interval, found.p) == (0, None, None)
    assert interval([Tally(1, 0), Tally(0, 0)], ["anna", "ben"]) is None
    assert difference([Tally(1, 0)] * 2, [Tally(1, 0)] * 2, ["anna", "ben"]).value is None


def test_who_says_nothing_of_the_kind_is_no_speaker_of_an_interval_or_a_test():
    two, nothing = [Tally(3, 40), Tally(9, 50)], [Tally(0, 0)]
    assert interval(two + nothing * 10, range(12)) == interval(two, range(2))
    assert interval(two[:1] + nothing * 20, range(21)) is None
    found = difference(two + nothing * 10, two[::-1] + nothing * 10, range(12))
    assert found == difference(two, two[::-1], range(2))
    assert difference(two[:1] + nothing, two[1:] + nothing, range(2)).p is None
    assert interval([Tally(0, 10), Tally(3, 0)], range(2)) is not None  # words that nobody said tell something


def test_no_interval_of_a_share_leaves_what_a_share_can_be():
    lost, none = [Tally(3, 6), Tally(0, 6)], [Tally(0, 6)] * 2
    assert interval(lost, ["anna", "ben"]).high > 3  # a rate may
    found = interval(lost, ["anna", "ben"], most=1)
    assert (found.low < 0.001, found.high) == (True, 1)
    assert difference(none, lost, ["anna", "ben"]).interval.low < -1
    paired = difference(none, lost, ["anna", "ben"], most=1)
    assert paired.interval.low == -1 < paired.value < paired.interval.high <= 1


@pytest.mark.parametrize("count", [2, 3, 6])
def test_the_interval_of_a_share_of_few_speakers_holds_the_true_one(count):
    random, inside = np.random.default_rng(9), 0
    for _ in range(400):
        own, claims = random.beta(5, 15, count), random.integers(2, 12, count)
        lost = random.binomial(claims, own)
        found = interval(
            [Tally(*each) for each in zip(lost.tolist(), claims.tolist(), strict=True)], range(count), most=1
        )
        inside += found.low <= 0.25 <= found.high
        assert 0 <= found.low <= found.high <= 1
    assert inside / 400 >= 0.91


def test_no_error_in_few_words_is_no_proof_of_none():
    found = interval([Tally(0, 6), Tally(0, 4)], ["anna", "ben"])
    assert found == Interval(0.0, pytest.approx(1 - 0.025 ** (1 / 10)))  # Clopper and Pearson


def test_speakers_who_are_all_alike_leave_nothing_to_draw():
    found = interval([Tally(2, 20)] * 8, range(8))
    assert found == Interval(pytest.approx(0.1), pytest.approx(0.1))
    assert difference([Tally(2, 20)] * 8, [Tally(2, 20)] * 8, range(8)).p == 1


def test_a_test_over_few_speakers_is_exact():
    worse, better = [Tally(3, 10)] * 6, [Tally(1, 10)] * 6
    assert difference(worse, better, range(6)).p == pytest.approx(2 / 2**6)


def test_p_values_are_corrected_by_holm():
    assert holm([0.01, 0.04, None, 0.03, 0.005]) == (
        pytest.approx(0.03), pytest.approx(0.06), None, pytest.approx(0.06), pytest.approx(0.02),
    )  # fmt: skip
    assert holm([0.6, 0.9]) == (1.0, 1.0)
    assert holm([]) == ()
