"""No term and no critical word is ever changed, and what was heard is kept; what is put right is in `corpus`."""

from dictation.lexicon import EMPTY_VOCABULARY, rows
from dictation.lexicon.critical import is_critical
from dictation.lexicon.terms import terms
from dictation.speech import Word
from dictation.wording import correct_terms


def test_a_term_is_never_changed():
    for term in sorted(terms())[::7]:
        said = ["the", *term.split(), "is"]
        assert [word.text for word in correct_terms([Word(text=text) for text in said], EMPTY_VOCABULARY)] == said


def test_no_row_of_the_table_changes_a_critical_word():
    for row in rows("misheard"):
        heard, meant = row["heard"].lower().split(), row["meant"].lower().split()
        touched = [w for w in set(heard) ^ set(meant) if is_critical(w) and w not in row["swallows"].split()]
        assert touched == [], row


def test_the_heard_form_is_kept_as_the_alternative_and_the_times_are_joined():
    words = [
        Word(text="A", start_s=0.0, end_s=0.1, confidence=0.9),
        Word(text="cardio", start_s=0.2, end_s=0.5, confidence=0.8),
        Word(text="megaly.", start_s=0.5, end_s=0.9, confidence=0.4),
    ]
    kept, corrected = correct_terms(words, EMPTY_VOCABULARY)
    assert kept == words[0]
    assert (corrected.text, corrected.confidence) == ("cardiomegaly.", 0.4)
    assert (corrected.start_s, corrected.end_s) == (0.2, 0.9)
    assert [(a.text, a.source) for a in corrected.alternatives] == [("cardio megaly", "lexicon")]
