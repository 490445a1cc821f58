"""Words brought to the voice they were said in, and voice that has no word."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.speech import Word
from dictation.speech.placing import MIN_VOICE_S, placed, unaccounted


def word(start_s: float, end_s: float, text: str = "pneumothorax") -> Word:
    return Word(text=text, start_s=start_s, end_s=end_s, confidence=0.9)


def seconds(words) -> list[tuple[float, float]]:
    return [(one.start_s, one.end_s) for one in words]


def test_a_word_starts_where_its_voice_does():
    early = placed([word(0.0, 2.4), word(2.4, 2.9)], [(1.8, 3.0)])
    assert seconds(early)[0] == (1.8, 2.4)
    late = placed([word(0.3, 0.8), word(2.15, 2.6)], [(0.2, 0.9), (1.8, 3.0)])
    assert [start_s for start_s, _ in seconds(late)] == [0.2, 1.8]


def test_a_last_word_ends_with_its_voice():
    assert seconds(placed([word(1.0, 4.0)], [(0.9, 1.6)])) == [(0.9, 1.6)]


def test_a_word_that_reaches_a_little_into_the_next_voice_stays_in_its_own():
    assert seconds(placed([word(1.0, 3.1), word(3.1, 3.6)], [(1.0, 1.5), (3.0, 3.6)]))[0] == (1.0, 1.5)


def test_a_word_without_voice_stays_as_it_is():
    assert seconds(placed([word(5.0, 5.5)], [(0.0, 1.0)])) == [(5.0, 5.5)]


def test_a_word_over_a_pause_lies_beside_the_voice_that_is_nearer():
    voice = [(0.0, 3.0), (6.5, 9.0)]
    (late,) = placed([Word(text="It", start_s=3.6, end_s=6.46)], voice)
    assert (late.start_s, late.end_s) == (6.1, 6.46)
    (early,) = placed([Word(text="It", start_s=3.1, end_s=5.9)], voice)
    assert (early.start_s, early.end_s) == (3.1, 3.46)


def test_two_words_are_missed_at_the_end():
    (region,) = unaccounted([word(0.0, 0.5), word(0.5, 1.88)], [(0.0, 2.6)])
    assert (region.first, region.last, region.start_s, region.end_s) == (2, 2, 1.88, 2.6)


@pytest.mark.parametrize("start_s", [0.0, 5.0])
def test_a_short_answer_between_pauses_is_missed(start_s):
    (region,) = unaccounted([word(start_s, start_s + 1)], [(start_s, start_s + 1.0), (2.5, 3.0), (5.0, 6.0)][:2])
    assert (region.start_s, region.end_s) == (2.5, 3.0)


def test_between_two_words_attention_may_be_off_a_little():
    assert unaccounted([word(0.0, 0.5), word(1.0, 1.5)], [(0.0, 1.5)]) == []
    (region,) = unaccounted([word(0.0, 0.5), word(1.4, 1.9)], [(0.0, 1.9)])
    assert (region.start_s, region.end_s) == (0.5, 1.4)


def test_a_word_that_goes_on_behind_a_pause_is_looked_at_itself():
    words = placed([word(0.0, 0.4), word(0.4, 4.0, "37.4"), word(4.0, 4.5)], [(0.0, 1.0), (3.2, 4.5)])
    (region,) = unaccounted(words, [(0.0, 1.0), (3.2, 4.5)])
    assert (region.first, region.last) == (1, 2)


@pytest.mark.parametrize(("text", "voice_s"), [("It", 1.4), ("been", 1.5), ("High,", 1.02)])
def test_a_short_word_does_not_stand_for_a_sentence(text, voice_s):
    voice = [(0.0, voice_s)]
    (region,) = unaccounted([word(0.0, voice_s, text)], voice)
    assert (region.first, region.last, region.end_s) == (0, 1, voice_s)
    assert region.voice_s < voice_s  # the word itself was heard


@pytest.mark.parametrize(
    ("text", "voice_s"), [("no", 0.7), ("effusion", 1.2), ("cardiomediastinal", 1.75), ("37.4", 1.5), ("T12-L1", 1.6)]
)
def test_a_word_that_is_said_slowly_is_one_word(text, voice_s):
    assert unaccounted([word(0.0, voice_s, text)], [(0.0, voice_s)]) == []


def test_covered_voice_has_no_region():
    assert unaccounted([word(0.0, 0.9), word(1.1, 2.0)], [(0.0, 2.2)]) == []
    assert unaccounted([], []) == []


SPANS = st.lists(st.tuples(st.floats(0.01, 2.0), st.floats(0.01, 2.5)), max_size=12)


def spans(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """(pause, length) of each → [start, end), in order and apart."""
    found, at_s = [], 0.0
    for pause_s, length_s in pairs:
        found.append((at_s + pause_s, at_s + pause_s + length_s))
        at_s += pause_s + length_s
    return found


@given(SPANS, SPANS)
def test_placing_keeps_texts_and_order_and_regions_lie_in_the_voice(said, spoken):
    voice = spans(spoken)
    words = placed([word(*span, text=str(number)) for number, span in enumerate(spans(said))], voice)
    assert [one.text for one in words] == [str(number) for number in range(len(said))]
    assert all(before.start_s <= after.start_s for before, after in pairwise(words))
    assert all(one.start_s <= one.end_s for one in words)
    for region in unaccounted(words, voice):
        assert region.voice_s >= MIN_VOICE_S - 1e-5
        assert any(start_s <= region.start_s < end_s for start_s, end_s in voice)
    covered = all(
        any(one.start_s - 1 < at_s < one.end_s + 1 for one in words)
        or any(region.start_s - 1 < at_s < region.end_s + 1 for region in unaccounted(words, voice))
        for start_s, end_s in voice
        if end_s - start_s >= MIN_VOICE_S
        for at_s in [(start_s + end_s) / 2]
    )
    assert covered  # each voice ends in a word or in a region
