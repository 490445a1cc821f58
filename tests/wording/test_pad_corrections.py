"""Corrections by hand: what was heard and what was typed for it, and when the vocabulary is to learn it."""

import pytest

from dictation.lexicon import EMPTY_VOCABULARY, Phrase, Vocabulary
from dictation.wording.pad import Correction
from dictation.wording.pad_corrections import offers
from tests.wording.pads import empty, say, type_in


def over(pad, old, new, *, by_letters=False):
    """The pad with `old` typed over, at once or letter by letter."""
    start = pad.text.index(old)
    if not by_letters:
        return type_in(pad, start, start + len(old), new)
    for length in range(len(old), 0, -1):
        pad = type_in(pad, start + length - 1, start + length, "")
    for index, letter in enumerate(new):
        pad = type_in(pad, start + index, start + index, letter)
    return pad


@pytest.mark.parametrize("by_letters", [False, True])
@pytest.mark.parametrize(
    ("old", "new", "heard"),
    [
        ("zorbax", "Zorvax", "zorbax"),
        ("scan", "sign", "scan"),
        ("was", "is", "was"),
        ("given zorbax", "a drug", "given zorbax"),
    ],
)
def test_what_was_typed_for_what_was_heard(old, new, heard, by_letters):
    pad = say(empty(), "scan was given zorbax today")
    old = old.capitalize() if old == "scan" else old
    new = new.capitalize() if heard == "scan" else new
    assert over(pad, old, new, by_letters=by_letters).corrections == (Correction(heard=heard, typed=new),)


def test_a_letter_put_in_or_changed_corrects_its_whole_word():
    pad = say(empty(), "scan with zorbax today")
    at = pad.text.index("bax")
    assert type_in(pad, at, at + 1, "v").corrections == (Correction(heard="zorbax", typed="zorvax"),)
    assert type_in(pad, at, at, "x").corrections == (Correction(heard="zorbax", typed="zorxbax"),)


def test_what_is_added_or_taken_out_is_no_correction():
    pad = say(empty(), "scan with zorbax today")
    assert type_in(pad, 4, 4, " done").corrections == ()
    assert over(pad, "with ", "").corrections == ()


def twice(heard, typed):
    return [Correction(heard=heard, typed=typed)] * 2


def test_the_same_correction_made_twice_is_offered():
    assert offers(twice("zorbax", "Zorvax"), EMPTY_VOCABULARY) == (Phrase(written="Zorvax", spoken="zorbax"),)
    assert offers([Correction(heard="zorbax", typed="Zorvax")], EMPTY_VOCABULARY) == ()


def test_what_the_vocabulary_holds_is_not_offered():
    known = Vocabulary(phrases=(Phrase(written="Zorvax", spoken="zorbax"),))
    assert offers(twice("zorbax", "Zorvax"), known) == ()


def test_two_corrections_of_one_hearing_are_not_offered():
    assert offers([*twice("zorbax", "Zorvax"), *twice("zorbax", "Zorbex")], EMPTY_VOCABULARY) == ()


@pytest.mark.parametrize(
    ("heard", "typed"),
    [
        ("left", "right"),
        ("zorbax", "no zorbax"),
        ("five", "nine"),
        ("zorbax five", "Zorvax 5"),
        ("milimiters", "cm"),
        ("effusion", "infusion"),
        ("seen", "visualized"),
        ("zorbax", "amiodarone"),
    ],
)
def test_critical_words_real_words_and_other_words_are_never_offered(heard, typed):
    assert offers(twice(heard, typed), EMPTY_VOCABULARY) == ()
