import pytest

from dictation.speech.clock import begins_at_s, clock
from dictation.speech.live.agreement import agreed, widest_gap, without_echo
from dictation.speech.live.arrival import Arrival, Gap
from dictation.speech.live.dictating_voice import DictatingVoice
from dictation.speech.live.endpoint import Ended, Endpoint, LeftOut, Opened
from dictation.speech.transcript import Word

END, GROWN, GROWN_END = 17, 10**6, 6
NEAR = -24.0


def changes(*stretches, endpoint=None):
    """(frames, level) of each stretch, None for silence."""
    endpoint = endpoint or Endpoint(END, GROWN, GROWN_END)
    found = []
    for frames, level in stretches:
        for _ in range(frames):
            found += endpoint.feed(level is not None, -70.0 if level is None else level)
    return found + endpoint.finish()


@pytest.mark.parametrize(("length", "pause"), [(30, 16), (150, 12), (300, 6), (600, 6)])
def test_the_longer_a_phrase_has_grown_the_shorter_a_pause_ends_it(length, pause):
    for silence, stops in ((pause - 1, [length + pause - 1 + 50]), (pause, [length, length + pause + 50])):
        endpoint = Endpoint(END, 300, GROWN_END)
        found = changes((length, NEAR), (silence, None), (50, NEAR), (30, None), endpoint=endpoint)
        assert [change.stop for change in found if isinstance(change, Ended)] == stops


def phrases_at(level, count, frames=60):
    return [(frames, level), (30, None)] * count


def test_a_level_that_falls_in_every_phrase_is_followed():
    found = changes(*phrases_at(-20.0, 10), *[(16, -20.0), (90, -28.0), (30, None)] * 40)
    last = [change for change in found if isinstance(change, LeftOut)]
    assert all(change.start < 10 * 90 + 20 * 136 for change in last)


def test_the_voice_that_comes_back_louder_is_the_dictating_one_again():
    endpoint = Endpoint(END, GROWN, GROWN_END)
    changes(*phrases_at(-20.0, 20), *phrases_at(-34.0, 4), *phrases_at(-20.0, 4), endpoint=endpoint)
    found = changes(*phrases_at(-34.0, 1), *phrases_at(-20.0, 1), endpoint=endpoint)
    assert [type(change) for change in found] == [LeftOut, Opened, Ended]


def test_the_reference_follows_slowly():
    voice = DictatingVoice()
    assert voice.reference_dbfs is None and voice.is_near(-90.0)
    for _ in range(300):
        voice.hear(-24.0)
    for _ in range(30):  # a cough
        voice.hear(-10.0)
    assert voice.reference_dbfs == pytest.approx(-24, abs=1)
    for _ in range(3000):
        voice.hear(-29.0)
    assert voice.reference_dbfs == pytest.approx(-29, abs=1)


def test_softer_voice_takes_over_only_where_it_is_nearly_alone():
    voice = DictatingVoice()
    for _ in range(300):
        voice.hear(-24.0)
    for _ in range(200):
        for level in (-34.0, -34.0, -24.0):
            (voice.hear if voice.is_near(level) else voice.hear_softer)(level)
        assert not voice.is_gone
    for _ in range(310):
        voice.hear_softer(-34.0)
    assert voice.is_gone
    voice.follow_softer()
    assert voice.reference_dbfs == pytest.approx(-34, abs=1) and not voice.is_gone


def test_blocks_are_ready_in_order_and_a_gap_is_given_up_after_a_while():
    arrival = Arrival(1600, late_block_s=0.3)
    assert arrival.add(0, 1600) == [] and arrival.ready == 1600
    assert arrival.add(2, 1600) == [] and arrival.ready == 1600
    assert arrival.add(3, 1600) == []
    assert arrival.add(4, 1600) == [Gap(1600, 3200)] and arrival.ready == 8000
    assert arrival.add(1, 1600) == [] and arrival.ready == 8000
    assert arrival.next == 5


def test_a_late_block_closes_its_gap():
    arrival = Arrival(1600, late_block_s=1.0)
    for number in (0, 3, 2, 1):
        assert arrival.add(number, 1600) == []
    assert arrival.ready == 6400
    assert arrival.finish() == []


def word(text: str, start_s: float, length_s: float = 0.3, is_command: bool | None = None) -> Word:
    return Word(text=text, start_s=start_s, end_s=start_s + length_s, confidence=1.0, is_command=is_command)


def test_two_hearings_agree_as_far_as_they_say_the_same_at_the_same_time():
    before = [word("no", 0), word("left", 0.5), word("effusion", 1.0)]
    assert agreed(before, [word("no", 0.1), word("left", 0.5), word("infusion", 1.0)]) == 2
    assert agreed(before, [word("no", 0.1), word("left", 1.5)]) == 1
    assert agreed([], before) == 0
    assert agreed([word("effusion,", 1.0)], [word("Effusion", 1.0)]) == 1


def test_a_spoken_word_is_no_echo():
    last = word("nodule", 3.0)
    assert len(without_echo([word("nodule", 3.5)], last, voice_start_s=4.0)) == 1
    last = word("period", 3.0)
    assert len(without_echo([word("period", 3.5, is_command=False)], last, voice_start_s=4.0)) == 1
    assert without_echo([word("period", 3.5, is_command=True)], last, voice_start_s=4.0) == ()
    assert without_echo([word(".", 3.5)], word(".", 3.0), voice_start_s=4.0) == ()


def test_a_mark_that_nobody_spoke_is_not_given_by_two_phrases():
    last = word("period", 3.0)
    assert without_echo([word("period", 3.5), word("No", 4.1)], last, voice_start_s=4.0)[0].text == "No"
    assert without_echo([word("period", 4.0), word("No", 4.6)], last, voice_start_s=4.0)[0].text == "period"


def test_a_phrase_is_cut_in_its_widest_gap():
    words = [word("a", 0), word("b", 0.4), word("c", 1.5), word("d", 1.9), word("e", 4.0)]
    assert widest_gap(words, 0.0, 2.0) == (2, pytest.approx(1.1))
    assert widest_gap(words, 5.0, 9.0) is None


def test_a_warning_tells_the_second_that_it_is_about():
    assert begins_at_s(f"{clock(62.4, 72.0)}: a voice was heard.") == 62
    assert begins_at_s("A voice was heard.") is None
