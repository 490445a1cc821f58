"""A prefix joined to its word, apart from it or hyphened is one word; nothing else becomes alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.evaluation import NORMALISERS
from dictation.evaluation.prefixes import with_prefixes
from dictation.lexicon.critical import critical_words
from dictation.lexicon.terms import known_words, prefixes

clinical = NORMALISERS["clinical"]
WORDS = st.sampled_from(sorted({*prefixes(), *known_words(), "a", "an", "in", "on", "none", "displaced"}))


@pytest.mark.parametrize(
    ("prefix", "stem"),
    [
        ("non", "displaced"), ("non", "obstructing"), ("non", "specific"), ("sub", "segmental"), ("bi", "lateral"),
        ("post", "contrast"), ("pre", "existing"), ("intra", "abdominal"), ("peri", "bronchial"), ("un", "remarkable"),
        ("mid", "lung"), ("retro", "cardiac"),
    ],
)  # fmt: skip
def test_joined_apart_and_hyphened_are_one(prefix, stem):
    forms = {clinical(f"a {prefix}{parted}{stem} one") for parted in ("", " ", "-")}
    assert len(forms) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("displaced", "non displaced"),
        ("a typical", "atypical"),
        ("in complete", "incomplete"),
        ("no displaced", "nondisplaced"),
        ("non left", "left"),
        ("none displaced", "nondisplaced"),
        ("non contrast", "contrast"),
        ("hypo dense", "hyper dense"),
    ],
)
def test_what_another_word_or_a_lost_prefix_makes_stays_an_error(one, other):
    assert clinical(one) != clinical(other)


@given(st.lists(WORDS, max_size=6))
def test_only_blanks_come_and_go(words):
    found = list(with_prefixes(words))
    assert "".join(found) == "".join(words)


@given(st.lists(WORDS, max_size=6))
def test_no_critical_word_is_swallowed(words):
    critical = [word for word in words if word in critical_words()]
    assert [word for word in with_prefixes(words) if word in critical_words() and word in critical] == critical


@given(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=4))
def test_texts_of_other_letters_are_never_alike(one, other):
    alike = list(with_prefixes(one)) == list(with_prefixes(other))
    assert not alike or "".join(one) == "".join(other)
