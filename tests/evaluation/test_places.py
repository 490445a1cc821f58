"""Where words of the clinical form stand in a text, and the seconds of every step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.evaluation import aligned
from dictation.evaluation.clinical import clinical
from dictation.evaluation.places import character_places, step_seconds
from dictation.speech import Word
from tests.evaluation.planted import SCRIPTS


def words(text: str) -> list[Word]:
    """A word a second, each half a second long."""
    return [Word(text=one, start_s=at, end_s=at + 0.5) for at, one in enumerate(text.split())]


def seconds(said: str, heard: str, duration_s: float | None = None):
    steps = aligned(clinical(said), clinical(heard))
    return list(zip(steps, step_seconds(steps, words(heard), duration_s), strict=True))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("A nodule of five mm, period", {"5": "five", "mm": "mm,", "nodule": "nodule"}),
        ("one hundred and five nodules", {"105": "one hundred and five", "nodules": "nodules"}),
        ("L4-L5 disc", {"l4": "L4-L5", "l5": "L4-L5", "disc": "disc"}),
        ("a non displaced fracture", {"nondisplaced": "non displaced", "fracture": "fracture"}),
        ("FINDINGS: 5-6 mm", {"findings": "FINDINGS:", "to": "5-6", "mm": "mm"}),
    ],
)
def test_a_word_of_the_form_stands_where_its_words_are(text, places):
    form = clinical(text).split()
    found = {word: text[start:end] for word, (start, end) in zip(form, character_places(form, text), strict=True)}
    assert places.items() <= found.items()


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


def test_a_hit_and_a_substitution_have_the_seconds_of_the_word():
    assert seconds("no small effusion", "no large effusion")[1][1] == (1.0, 1.5)


def test_a_lost_word_lies_between_the_heard_ones_around_it():
    found = [span for step, span in seconds("no small left effusion", "no effusion") if step.kind == "deletion"]
    assert found == [(0.5, 1.0), (0.5, 1.0)]


def test_lost_words_at_the_ends_reach_to_the_ends_of_the_recording():
    found = seconds("there is no effusion today again", "no effusion", duration_s=9.0)
    assert [span for step, span in found if step.kind == "deletion"] == [(0.0, 0.0)] * 2 + [(1.5, 9.0)] * 2
    assert [span for step, span in seconds("no effusion today", "no effusion")][-1] == (1.5, 1.5)


def test_a_number_has_the_seconds_of_all_its_words():
    assert seconds("a 105 mm mass", "a one hundred and five millimeter mass")[1][1] == (1.0, 4.5)


def test_all_is_lost_between_the_ends_where_nothing_was_heard():
    assert [span for _, span in seconds("no effusion", "", duration_s=4.0)] == [(0.0, 4.0)] * 2


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
    for _, span in seconds(" ".join(said), " ".join(heard), duration_s=20.0):
        assert span is not None and 0 <= span[0] <= span[1] <= 20
