"""The data of this room holds together: no row that can never match, none that stands twice."""

import re

import pytest

from dictation.lexicon import rows
from dictation.lexicon.critical import is_critical
from dictation.lexicon.english import is_name, is_ordinary
from dictation.lexicon.terms import collocations, is_known, terms
from tests.wording.dictating import written

PATTERNS = {
    "misheard": ("before", "after"),
    "punctuation": ("ordinary_before", "ordinary_after"),
    "editing": ("ordinary_before", "ordinary_after"),
    "corrections": ("ordinary_before", "ordinary_after"),
    "heading_context": ("pattern",),
}


@pytest.mark.parametrize("table", sorted(PATTERNS))
def test_every_pattern_compiles_and_is_small(table):
    for row in rows(table):
        for column in PATTERNS[table]:
            re.compile(row[column])
            assert row[column] == re.sub(r"[A-Z]", lambda found: found.group().lower(), row[column]), row


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("misheard", "heard"),
        ("punctuation", "spoken"),
        ("editing", "spoken"),
        ("corrections", "cue"),
        ("kinds", "word"),
    ],
)
def test_every_spoken_phrase_is_small_and_stands_once(table, column):
    phrases = [row[column] for row in rows(table)]
    assert len(phrases) == len(set(phrases))
    assert all(phrase == phrase.lower() for phrase in phrases)


def test_no_row_of_misheard_terms_says_nothing_new():
    assert [row["heard"] for row in rows("misheard") if row["heard"] == row["meant"].lower()] == []


def test_there_are_terms_enough_and_none_twice():
    assert len(terms()) >= 2500
    assert len({term.lower() for term in terms()}) == len(terms())


def test_collocations_hold_no_critical_word():
    assert [phrase for phrase in collocations() if any(is_critical(word) for word in phrase.split())] == []


def test_the_english_list_knows_words_and_inflections_but_no_nonsense():
    assert all(map(is_ordinary, ("heart", "opacities", "walked", "stopping", "colour", "color", "quickly")))
    assert not any(map(is_ordinary, ("mediascinum", "oposities", "thompson")))
    assert is_name("Thompson") and is_name("Thompson's") and not is_name("Mediascinum")


def test_prefixed_and_british_words_are_known():
    assert all(map(is_known, ("perihilar", "subsegmental", "haemothorax", "oedematous", "effusions", "masses")))


def test_each_spelling_stands_once():
    for column in ("american", "british"):
        words = [row[column] for row in rows("spelling")]
        assert len(words) == len(set(words))
    assert not {row["american"] for row in rows("spelling")} & {row["british"] for row in rows("spelling")}


def test_every_word_of_the_unended_is_read_as_one_of_its_rules():
    assert {row["guess"] for row in rows("unended_words")} == {"never", "phrase", "state", "denied", "-"}
    for row in rows("unended_words"):
        for word in row["words"].split(" | ") if row["guess"] == "never" else ():
            assert written(f"mass {word}. Kidney is large.") == f"Mass {word} kidney is large."
