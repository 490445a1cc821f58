"""A prefix joined to its word, apart from it or hyphened is one word; nothing else becomes alike."""

from hypothesis import given
from hypothesis import strategies as st

from dictation.evaluation.prefixes import with_prefixes
from dictation.lexicon.critical import critical_words
from dictation.lexicon.terms import known_words, prefixes

WORDS = st.sampled_from(sorted({*prefixes(), *known_words(), "a", "an", "in", "on", "none", "displaced"}))


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
