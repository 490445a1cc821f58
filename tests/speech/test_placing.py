"""Words brought to the voice they were said in, and voice that has no word."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dictation.speech import Word
from dictation.speech.lost_speech import MIN_GAP_S, wordless
from dictation.speech.placing import MIN_VOICE_S, placed, unaccounted


def word(start_s: float, end_s: float, text: str = "word") -> Word:
    return Word(text=text, start_s=start_s, end_s=end_s, confidence=0.9)


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


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 1.5)), max_size=30))
def test_gaps_lie_in_the_voice_and_hold_no_word(pairs: list[tuple[float, float]]):
    words = sorted((word(start, start + length) for start, length in pairs), key=lambda w: (w.start_s, w.end_s))
    for start_s, end_s in wordless([(5.0, 40.0)], words):
        assert 5.0 <= start_s < end_s <= 40.0
        assert end_s - start_s >= MIN_GAP_S
        assert not any(w.start_s < end_s and w.end_s > start_s for w in words)
