"""Critical words that a person typed over leave a trace; others, and what means the same, leave none."""

import pytest

from dictation.wording import Rules
from dictation.wording.typed_over import typed_over, typed_over_critical
from tests.wording.pads import empty, obey, say, type_in
from tests.wording.test_pad_corrections import over

SAID = ("heart normal period", "no effusion in the left base period", "nodule of five point two centimeters period")


@pytest.mark.parametrize("by_letters", [False, True])
@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ("left", "right", [("left", "right")]),
        ("5.2 cm", "52 cm", [("5.2", "52")]),
        ("5.2 cm", "5.2 mm", [("cm", "mm")]),
        ("No", "", [("no", "")]),
        ("No effusion", "An effusion", [("no", "An")]),
        ("left base", "left and right base", [("", "and right")]),
        ("in the left base", "at the right lung base", [("left", "right lung")]),
    ],
)
def test_what_was_typed_for_a_critical_word_is_known_and_where_it_stands(old, new, pairs, by_letters):
    pad = over(say(empty(), *SAID), old, new, by_letters=by_letters)
    found = typed_over(pad.dictation)
    assert [(one.heard, one.typed) for one in found] == pairs == list(typed_over_critical(pad.dictation))
    for one in found:
        (sentence,) = [s for s in pad.dictation.sentences if s.id == one.sentence]
        assert sentence.text[slice(*one.span)] == (one.typed or "effusion")


def test_a_point_that_is_lost_is_seen():
    pad = say(empty(), *SAID)
    at = pad.text.index(".2 cm")
    assert typed_over_critical(type_in(pad, at, at + 1, "").dictation) == (("5.2", "52"),)


def test_a_word_that_is_taken_out_is_shown_at_the_word_beside_it_with_the_sound_of_both():
    pad = over(say(empty(), *SAID), "No ", "")
    (one,) = typed_over(pad.dictation)
    sentence = pad.dictation.sentences[1]
    assert (one.heard, one.typed, one.sentence) == ("no", "", sentence.id)
    assert sentence.text[slice(*one.span)] == "effusion"
    assert [pad.dictation.words[word].text for word in one.words] == ["no", "effusion"]


def test_a_sentence_that_is_typed_anew_shows_the_words_that_differ():
    pad = over(say(empty(), *SAID), "No effusion in the left base.", "No effusion is seen in the right base.")
    assert typed_over_critical(pad.dictation) == (("left", "right"),)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("normal", "small"),
        ("5.2 cm", "5.2  cm"),
        ("left base", "left lower base"),
        (" No effusion in the left base.", ""),
        ("Heart normal.", "Heart is normal."),
    ],
)
def test_words_that_are_not_critical_or_mean_the_same_leave_no_trace(old, new):
    assert typed_over(over(say(empty(), *SAID), old, new).dictation) == ()


@pytest.mark.parametrize(("said", "new"), [("five nodules", "5"), ("nodule of five millimeters", "5 mm")])
def test_a_number_written_otherwise_is_the_same(said, new):
    pad = say(empty(), said)
    for old in ("Five", "5 mm"):
        if old in pad.text:
            pad = over(pad, old, new)
    assert typed_over(pad.dictation) == ()


def test_british_words_are_compared_with_british_ones():
    pad = over(say(empty(), "no left edema period", rules=Rules(spelling="british")), "left oedema", "oedema")
    assert typed_over_critical(pad.dictation) == (("left", ""),)


def test_what_was_replaced_or_taken_back_by_voice_is_not_typed_over():
    pad = say(empty(), *SAID, "small left cyst period")
    pad = obey(pad, "replace left with right")[0]
    assert typed_over(obey(pad, "scratch that")[0].dictation) == typed_over(pad.dictation) == ()


def test_each_pair_is_told_once():
    pad = say(empty(), "left nodule period left cyst period")
    pad = over(over(pad, "Left", "Right"), "Left", "Right")
    assert typed_over_critical(pad.dictation) == (("left", "Right"),)
