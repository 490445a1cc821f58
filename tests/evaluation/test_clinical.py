import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.evaluation import NORMALISERS
from tests.evaluation.planted import SCRIPTS
from tests.wording.spell import spell
from tests.wording.spoken import decimals, heard_forms

clinical = NORMALISERS["clinical"]


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
