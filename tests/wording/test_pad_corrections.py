"""Corrections by hand: what was heard and what was typed for it, and what of it may be learned."""

import pytest

from dictation.lexicon import EMPTY_VOCABULARY, Misheard, Phrase, Vocabulary
from dictation.wording.pad import Correction
from dictation.wording.pad_corrections import learnable, new_words
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
    (found,) = over(pad, old, new, by_letters=by_letters).corrections
    assert (found.heard, found.typed) == (heard, new)


def test_a_correction_knows_the_words_heard_beside_it():
    pad = over(say(empty(), "scan was given zorbax today period then zorbax"), "zorbax", "Zorvax")
    assert pad.corrections == (Correction(heard="zorbax", typed="Zorvax", before="given", after="today"),)


def test_a_letter_put_in_or_changed_corrects_its_whole_word():
    pad = say(empty(), "scan with zorbax today")
    at = pad.text.index("bax")
    beside = {"before": "with", "after": "today"}
    assert type_in(pad, at, at + 1, "v").corrections == (Correction(heard="zorbax", typed="zorvax", **beside),)
    assert type_in(pad, at, at, "x").corrections == (Correction(heard="zorbax", typed="zorxbax", **beside),)


def test_what_is_added_or_taken_out_is_no_correction():
    pad = say(empty(), "scan with zorbax today")
    assert type_in(pad, 4, 4, " done").corrections == ()
    assert over(pad, "with ", "").corrections == ()


def twice(heard, typed, **beside):
    return [Correction(heard=heard, typed=typed, **beside)] * 2


def test_a_word_that_is_none_may_be_learned_once_it_was_corrected_twice():
    assert learnable(twice("zorbax", "Zorvax"), EMPTY_VOCABULARY) == (
        Phrase(written="Zorvax"),
        Phrase(written="Zorvax", spoken="zorbax"),
    )
    assert learnable([Correction(heard="zorbax", typed="Zorvax")], EMPTY_VOCABULARY) == ()


def test_a_new_word_that_was_typed_twice_may_be_learned_whatever_was_heard_beside_it():
    heard = [Correction(heard="given sore backs", typed="given Zorvax"), Correction(heard="zorbax", typed="Zorvax")]
    assert learnable(heard, EMPTY_VOCABULARY) == (Phrase(written="Zorvax"),)


@pytest.mark.parametrize(
    ("heard", "typed", "words"),
    [
        ("pertorn be", "per Tarnby", ("Tarnby",)),
        ("the lobe", "Zorvax", ()),
        ("zorbaknodule", "Zorvax nodule", ("Zorvax",)),
        ("seffer", "zephyr", ()),
        ("a seffer", "a Zephyr", ("Zephyr",)),
        ("not kurly", "not Kerley", ("Kerley",)),
        ("not kurly", "not kerley", ()),
        ("have period plural", "halved. Pleural", ()),
        ("loobe", "lobe", ()),
        ("zorbax five", "Zorvax 5", ("Zorvax",)),
        ("zorbax", "no zorbax", ()),
    ],
)
def test_new_words_are_those_that_neither_reports_nor_english_know(heard, typed, words):
    assert new_words(Correction(heard=heard, typed=typed)) == words


def test_a_word_of_reports_may_be_another_one_only_beside_the_word_that_stood_there_each_time():
    assert learnable(twice("tissue", "issue", before="known"), EMPTY_VOCABULARY) == (
        Misheard(heard="tissue", meant="issue", before="known"),
    )
    apart = [Correction(heard="tissue", typed="issue", before=one) for one in ("known", "other")]
    assert learnable(apart, EMPTY_VOCABULARY) == ()
    assert learnable(twice("tissue", "issue", before="the", after="of"), EMPTY_VOCABULARY) == (), "they stand anywhere"
    assert learnable(twice("tissue", "issue", before="left"), EMPTY_VOCABULARY) == (), "a side decides nothing"


def test_what_the_vocabulary_holds_is_not_learned_again():
    known = Vocabulary(phrases=(Phrase(written="Zorvax", spoken="zorbax"),))
    assert learnable(twice("zorbax", "Zorvax"), known) == ()


def test_two_corrections_of_one_hearing_are_not_learned():
    found = learnable([*twice("zorbax", "Zorvax"), *twice("zorbax", "Zorbex")], EMPTY_VOCABULARY)
    assert not any(one.spoken for one in found)


@pytest.mark.parametrize(
    ("heard", "typed"),
    [
        ("left", "right"),
        ("zorbax", "no zorbax"),
        ("zorbax", "non-zorbax left-sided"),
        ("five", "nine"),
        ("milimiters", "cm"),
        ("effusion", "infusion"),
        ("ilium", "ileum"),
        ("a pneumonia", "an ammonia"),
        ("seen", "visualized"),
        ("zorbax", "amiodarone"),
    ],
)
def test_critical_words_findings_and_other_words_are_never_learned(heard, typed):
    assert learnable(twice(heard, typed, before="known", after="here"), EMPTY_VOCABULARY) == ()
