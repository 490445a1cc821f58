"""Where words of the clinical form stand in a text, and the seconds of every step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.evaluation import aligned
from dictation.evaluation.clinical import clinical
from dictation.evaluation.places import character_places, step_seconds
from dictation.speech import Word
from tests.evaluation.planted import SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS)
def test_places_of_a_script_are_in_order_and_within_it(script):
    form = clinical(script).split()
    found = character_places(form, script)
    assert len(found) == len(form) and found == sorted(found) and all(0 <= a <= b <= len(script) for a, b in found)


@given(st.lists(st.sampled_from(["left", "no", "five", "millimeters", "non", "displaced", "period", "uh", "-", "3x2"])))
def test_every_word_has_a_place(texts):
    text = " ".join(texts)
    form = clinical(text).split()
    assert len(character_places(form, text)) == len(form)


def test_words_without_seconds_give_none():
    steps = aligned("no effusion", "a effusion")
    assert step_seconds(steps, [Word(text="a"), Word(text="effusion")], 4.0) == (None, None)
    assert step_seconds((), [], None) == ()


@pytest.mark.parametrize("at_s", [float("inf"), 1e300])
def test_seconds_that_no_recording_has_are_none(at_s):
    heard = [Word(text="no", start_s=0.0, end_s=0.5), Word(text="effusion", start_s=at_s, end_s=at_s)]
    assert step_seconds(aligned("no effusion", "no effusion"), heard, 4.0) == ((0.0, 0.5), (0.5, 4.0))


@given(st.lists(st.sampled_from("abcde"), max_size=8), st.lists(st.sampled_from("abcde"), max_size=8))
def test_every_step_lies_within_the_recording(said, heard):
    steps = aligned(" ".join(said), " ".join(heard))
    words = [Word(text=one, start_s=at, end_s=at + 0.5) for at, one in enumerate(heard)]
    for span in step_seconds(steps, words, 20.0):
        assert span is not None and 0 <= span[0] <= span[1] <= 20
