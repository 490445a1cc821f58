import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.evaluation import reliability, words_on_silence
from dictation.speech import Word
from dictation.speech.reliability import calibration_error
from pipelines.evaluation.results import error_bounds


def word(start_s: float | None, end_s: float | None) -> Word:
    return Word(text="thanks", start_s=start_s, end_s=end_s)


def test_words_in_pauses_are_invented_and_counted_by_the_minute_of_silence():
    words = [word(0.5, 1.5), word(4, 5), word(9, 10), word(29, 30), word(None, None)]
    found = words_on_silence(words, [(8, 12), (0, 2), (1, 3)], duration_s=37)
    assert (found.words, found.silence_s) == (2, 30)


def test_where_all_is_voice_there_is_no_silence_and_without_voice_all_is_invented():
    assert words_on_silence([word(1, 2)], [(0, 60)], 10).silence_s == 0
    assert words_on_silence([word(1, 2)], [], 60).words == 1


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)).map(lambda span: tuple(sorted(span))), max_size=5))
def test_silence_is_what_no_span_covers(spans):
    found = words_on_silence([word(at, at + 0.5) for at in range(40)], spans, 40)
    middles = [at + 0.25 for at in range(40)]
    assert found.words == sum(not any(start <= at < end for start, end in spans) for at in middles)
    assert 0 <= found.silence_s <= 40


def test_reliability_lays_confidence_beside_the_share_of_right_words():
    random = np.random.default_rng(0)
    sure = random.uniform(0.5, 1, 4000)
    honest, boastful = random.random(4000) < sure, random.random(4000) < sure - 0.3
    assert reliability(list(sure), list(honest)).ece < 0.03
    found = reliability(list(sure), list(boastful), bins=5)
    assert found.ece == pytest.approx(0.3, abs=0.03)
    assert len(found.bins) == 5 and sum(row.words for row in found.bins) == 4000
    assert reliability(list(sure), list(boastful)).ece == pytest.approx(calibration_error(sure, boastful), abs=1e-12)


@pytest.mark.parametrize("spread", [0, 0.05], ids=["independent words", "words wrong together"])
@pytest.mark.parametrize("clusters", [6, 24])
@pytest.mark.parametrize("error", [0, 0.03, 0.1])
def test_the_interval_of_the_calibration_error_holds_the_true_one(error, clusters, spread):
    random, inside, simulations, words = np.random.default_rng(5), 0, 120, 60
    for seed in range(simulations):
        sure = random.beta(8, 2, (clusters, words))
        own = random.normal(0, spread, (clusters, 1))
        hits = random.random((clusters, words)) < np.clip(sure - error + own, 0, 1)
        found = reliability(list(sure.ravel()), list(hits.ravel()))
        whose = [str(number) for number in np.repeat(range(clusters), words)]
        lowest = [row.lowest for row in found.bins]
        chance, low, high = error_bounds(sure.ravel(), hits.ravel(), whose, lowest, seed)
        assert 0 < chance < 0.1
        inside += low <= error <= high
    assert inside / simulations >= 0.91
