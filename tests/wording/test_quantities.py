"""Sizes, ranges and units keep value and unit, however they were heard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.wording.units import units
from tests.wording.spell import spell, spell_number
from tests.wording.spoken import (
    LENGTHS,
    SPEECHES,
    at_length,
    decimals,
    figures,
    heard_forms,
    hyphened,
    sentences,
    unit_forms,
)


@pytest.mark.parametrize("unit", units(), ids=lambda unit: unit.symbol)
def test_every_form_of_every_unit_is_read_and_never_converted(unit):
    for form in unit_forms(unit):
        for number in ("1", "5", "12", "0.75", "213"):
            assert figures(f"about {spell_number(number)} {form} of it") == [unit.after(number)], form
            assert figures(f"about {number} {form.upper() if form.isascii() else form} of it") == [
                unit.after(number)
            ], form


def test_no_form_belongs_to_two_units():
    forms = [form.lower() for unit in units() for form in {*unit.singular, *unit.plural}]
    assert len(forms) == len(set(forms))


@st.composite
def quantities(draw):
    """A written quantity and one way to hear it."""
    unit = draw(st.sampled_from(LENGTHS))
    joint, heard_joints = draw(
        st.sampled_from([(" x ", ["by", "x", "X"]), (" to ", ["to"]), (" through ", ["through"]), ("", [])])
    )
    most = {" x ": 3, " to ": 2, " through ": 2, "": 1}[joint]
    count = draw(st.integers(2, most)) if most > 1 else 1
    values = [draw(st.one_of(st.integers(0, 999).map(str), decimals())) for _ in range(count)]
    heard = draw(heard_forms(values[0]))
    for value in values[1:]:
        heard += f" {draw(st.sampled_from(heard_joints))} {draw(heard_forms(value))}"
    return unit.after(joint.join(values)), f"{heard} {draw(st.sampled_from(unit_forms(unit)))}"


@settings(max_examples=300, deadline=None)
@given(quantity=quantities(), before=sentences, after=sentences)
def test_sizes_and_ranges_come_back(quantity, before, after):
    written_form, heard = quantity
    assert figures(f"{before} {heard} {after}") == [written_form]


test_sizes_and_ranges_come_back_at_length = at_length(test_sizes_and_ranges_come_back)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(SPEECHES))
def test_a_text_of_figures_can_be_spoken_and_written_again(data, speech):
    figure = st.one_of(
        quantities().map(lambda quantity: quantity[0].replace(" through ", " to ")),
        st.sampled_from(["L4-L5", "T12", "T8 to T10", "C7-T1", "BI-RADS 4A", "54-year-old", "November 5, 2026", "45%"]),
        decimals(),
    )
    meant = data.draw(st.lists(figure, min_size=1, max_size=4))
    text = ", ".join(f"there is {one} here" for one in meant)
    spoken = spell(text, speech=speech)
    assert not any(character.isdigit() for character in spoken)
    assert figures(spoken) == meant


def test_the_hyphen_of_a_compound_number_changes_nothing():
    for value in range(1_000):
        assert figures(f"{hyphened(str(value))} millimeters") == [f"{value} mm"]
