"""A second hearing joined to the first: whatever it says, nothing is doubled, moved or lost."""

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
