import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.evaluation import NORMALISERS
from dictation.wording.spell import spell
from tests.evaluation.planted import SCRIPTS
from tests.wording.spoken import decimals, heard_forms

clinical = NORMALISERS["clinical"]


def test_a_normaliser_that_deletes_marks_hides_a_lost_point():
    said, heard = "a 1.5 cm nodule, attenuation -5 HU", "a 15 cm nodule, attenuation 5 HU"
    assert NORMALISERS["medasr_fine_tune"](said) == NORMALISERS["medasr_fine_tune"](heard)
    assert clinical(said) != clinical(heard)


def test_whisper_s_normaliser_takes_millimetres_for_a_hesitation():
    whisper = NORMALISERS["whisper_english"]
    assert whisper("a nodule of five mm") == whisper("a nodule of five")
    assert clinical("a nodule of five mm") != clinical("a nodule of five")


def test_the_published_normalisers_are_as_published():
    text = "The patient's 1.5 cm  nodule,\nL4-L5.</s>"
    assert NORMALISERS["medasr_quick_start"](text) == "the patient's 1 5 cm nodule l4 l5"
    assert NORMALISERS["medasr_fine_tune"](text) == "the patients 15 cm nodule l4l5"


def test_what_the_parser_leaves_as_heard_is_read_word_by_word():
    assert clinical("twenty fifteen millimeter nodules") == "20 15 mm nodules"
    assert clinical("a 3D view of her2+") == "a 3d view of her2 plus"


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("speech", ["american", "british"])
def test_a_script_in_figures_is_that_script_in_words(script, speech):
    assert clinical(spell(script, speech=speech)) == clinical(script)


@given(st.data(), decimals(largest=99), st.sampled_from([("mm", "millimeters"), ("cm", "centimeters")]))
def test_any_way_to_say_a_size_is_the_size(data, number, unit):
    spoken = data.draw(heard_forms(number))
    assert clinical(f"nodule of {spoken} {unit[1]} today") == f"nodule of {number} {unit[0]} today"


@given(decimals(largest=99), decimals(largest=99))
def test_two_sizes_are_never_one(one, other):
    assert (clinical(f"{one} cm") == clinical(f"{other} cm")) == (one == other)


@given(st.text())
@pytest.mark.parametrize("name", NORMALISERS)
def test_any_text_becomes_words_with_single_spaces(name, text):
    found = NORMALISERS[name](text)
    assert found == " ".join(found.split())


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_clinical_form_is_its_own(script):
    assert clinical(clinical(script)) == clinical(script)
