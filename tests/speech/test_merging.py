"""A second hearing joined to the first: whatever it says, nothing is doubled, moved or lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.speech import Word
from dictation.speech.merging import merged

TEXTS = st.lists(st.sampled_from(["no", "left", "right", "37.4", "mm", "nodule"]), min_size=1, max_size=8)


def said(*texts: str) -> list[Word]:
    return [Word(text=text, start_s=float(at), end_s=at + 0.9, confidence=0.9) for at, text in enumerate(texts)]


def texts(words) -> list[str]:
    return [word.text for word in words]


def joined(one: list[str], first: int, last: int, other: list[str], left: int, right: int):
    return merged(said(*one), first, last, said(*other), left, right)


def test_what_lies_between_two_words_of_both_hearings_is_inserted():
    found = joined(["no", "effusion"], 1, 1, ["no", "left", "pleural", "effusion"], 0, 2)
    assert texts(found.words) == ["no", "left", "pleural", "effusion"]
    assert texts(found.new) == ["left", "pleural"]


def test_a_number_that_one_long_word_hides_is_not_said_twice():
    found = joined(["is", "37.4", "today"], 1, 2, ["37.4"], 1, 2)
    assert texts(found.words) == ["is", "37.4", "today"] and found.new == ()


def test_words_that_a_long_word_hides_stand_beside_it():
    found = joined(["is", "37.4", "today"], 1, 2, ["is", "about", "37.4", "degrees", "today"], 0, 3)
    assert texts(found.words) == ["is", "about", "37.4", "degrees", "today"]


@pytest.mark.parametrize(
    ("one", "first", "last", "other", "left", "right"),
    [
        (["was", "37.4", "today"], 1, 2, ["thirty", "seven", "four"], 1, 2),  # another spelling of the long word
        (["we", "went", "home"], 1, 2, ["went.hiking"], 1, 2),
        (["no", "effusion"], 1, 1, ["new", "left", "effusion"], 0, 2),  # what is beside the gap was not found again
        (["no", "effusion"], 1, 1, ["no", "left", "infusion"], 0, 2),
        (["was", "37.4"], 2, 2, ["37.4"], 2, 2),  # behind a pause, the same again
        (["37.4", "today"], 0, 0, ["at", "37.4"], 0, 0),
        (["went", "hiking"], 2, 2, ["went", "hiking", "again"], 2, 2),
    ],
)
def test_hearings_that_cannot_be_brought_together_change_nothing(one, first, last, other, left, right):
    assert joined(one, first, last, other, left, right) is None


@given(TEXTS, st.data())
def test_a_gap_is_filled_with_exactly_what_was_said_in_it_or_not_at_all(truth, data):
    first = data.draw(st.integers(0, len(truth)))
    stop = data.draw(st.integers(first, len(truth)))
    one = truth[:first] + truth[stop:]
    left = data.draw(st.integers(max(0, first - 2), first))
    right = data.draw(st.integers(first, min(len(one), first + 2)))
    again = truth[left : right + stop - first]
    found = joined(one, first, first, again, left, right)
    if found is None:
        return
    assert len(found.words) <= len(truth)  # a word that was said twice may stay lost; none is said once more
    rest = iter(truth)
    assert all(text in rest for text in texts(found.words))


@given(TEXTS, TEXTS, st.data())
def test_words_keep_their_order_and_number_whatever_is_heard_again(one, other, data):
    first = data.draw(st.integers(0, len(one)))
    last = data.draw(st.integers(first, len(one)))
    left, right = data.draw(st.integers(0, first)), data.draw(st.integers(last, len(one)))
    found = joined(one, first, last, other, left, right)
    if found is not None:
        more = last - first + len(found.new)
        assert texts(found.words)[:first] == one[:first]
        assert texts(found.words)[first + more :] == one[last:]
        rest = iter(texts(found.words))
        assert all(text in rest for text in one)
        assert len(found.words) == len(one) + len(found.new)
