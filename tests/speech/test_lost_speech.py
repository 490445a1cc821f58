from hypothesis import given
from hypothesis import strategies as st

from dictation.speech import Word
from dictation.speech.lost_speech import MAX_WORD_S, MIN_GAP_S, wordless


def word(start_s: float, end_s: float) -> Word:
    return Word(text="word", start_s=start_s, end_s=end_s, confidence=0.9)


def test_speech_covered_by_words_has_no_gap():
    assert wordless([(0.0, 3.0)], [word(0.2, 1.0), word(1.1, 2.0), word(2.1, 2.8)]) == []


def test_a_swallowed_last_sentence_is_found():
    assert wordless([(0.0, 6.0)], [word(0.2, 1.0), word(1.1, 2.0)]) == [(2.0, 6.0)]


def test_a_swallowed_first_sentence_is_found():
    assert wordless([(0.0, 6.0)], [word(4.0, 5.0), word(5.0, 5.9)]) == [(0.0, 4.0)]


def test_voice_without_any_word_is_found():
    assert wordless([(1.0, 4.0)], []) == [(1.0, 4.0)]


def test_a_pause_between_stretches_of_voice_is_no_loss():
    assert wordless([(0.0, 1.0), (9.0, 10.0)], [word(0.1, 0.9), word(9.1, 9.9)]) == []


def test_a_word_too_long_to_be_one_hides_speech():
    assert wordless([(0.0, 6.0)], [word(0.0, MAX_WORD_S + 3)]) == [(0.5, 6.0)]


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 1.5)), max_size=30))
def test_gaps_lie_in_the_voice_and_hold_no_word(pairs: list[tuple[float, float]]):
    words = sorted((word(start, start + length) for start, length in pairs), key=lambda w: (w.start_s, w.end_s))
    for start_s, end_s in wordless([(5.0, 40.0)], words):
        assert 5.0 <= start_s < end_s <= 40.0
        assert end_s - start_s >= MIN_GAP_S
        assert not any(w.start_s < end_s and w.end_s > start_s for w in words)
