"""Sizes, ranges and units keep value and unit, however they were heard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.wording.spell import spell, spell_number
from dictation.wording.units import units
from tests.wording.heard import figures, written
from tests.wording.spoken import LENGTHS, SPEECHES, decimals, heard_forms, hyphened, sentences, unit_forms


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("three point two by one point zero five centimeters", "[3.2 x 1.05 cm]"),
        ("3.2 by 1.05 cm", "[3.2 x 1.05 cm]"),
        ("3.2 x 1.05cm", "[3.2 x 1.05 cm]"),
        ("3.2x1.05cm", "[3.2 x 1.05 cm]"),
        ("3 x 2.1 × 4 cm", "[3 x 2.1 x 4 cm]"),
        ("three by two by one centimeters", "[3 x 2 x 1 cm]"),
        ("a 5 millimeter nodule", "a [5 mm] nodule"),
        ("a 5-mm nodule", "a [5 mm] nodule"),
        ("nine millimetre", "[9 mm]"),
        ("one and a half centimeters", "[1.5 cm]"),
        ("half a centimeter", "[0.5 cm]"),
        ("two and three quarter inches", "[2.75 inches]"),
        ("one by one and a half cm", "[1 x 1.5 cm]"),
        ("measures point eight centimeters", "measures [0.8 cm]"),
        ("a point eight centimeter nodule", "a [0.8 cm] nodule"),
        ("five to six millimeters", "[5 to 6 mm]"),
        ("5-6 mm", "[5-6 mm]"),
        ("five dash six millimeters", "[5-6 mm]"),
        ("five - 6 mm", "[5-6 mm]"),
        ("5 mm - 6 weeks", "[5 mm] - [6 weeks]"),
        ("five millimeters to one centimeter", "[5 mm to 1 cm]"),
        ("five by six to seven by eight millimeters", "[5 x 6 to 7 x 8 mm]"),
        ("three millimeters by 1.2 cm", "[3 mm x 1.2 cm]"),
        ("two hundred and fifty milliliters", "[250 mL]"),
        ("minus five hounsfield units", "[-5 HU]"),
        ("negative five hounsfield units", "[-5 HU]"),
        ("-5 HU", "[-5 HU]"),
        ("minus five to minus ten HU", "[-5 to -10 HU]"),
        ("forty five percent", "[45%]"),
        ("50 to 60 %", "[50 to 60%]"),
        ("at the two o'clock position", "at the [2 o'clock] position"),
        ("512 by 512 matrix", "[512 x 512] matrix"),
        ("five and six millimeters", "[5] and [6 mm]"),
        ("plus or minus three millimeters", "plus or minus [3 mm]"),
        ("plus minus three millimeters", "plus minus [3 mm]"),
        ("three plus or minus one millimeters", "three plus or minus [1 mm]"),
        ("ten minus three millimeters", "[10] minus [3 mm]"),
        ("ten millimeters minus three millimeters", "[10 mm] minus [3 mm]"),
        ("12 or minus 3 HU", "[12] or minus [3 HU]"),
        ("ten negative three hounsfield units", "[10] negative [3 HU]"),
        ("attenuation of minus ten hounsfield units", "attenuation of [-10 HU]"),
        ("hundred and ten millimeters", "hundred and ten millimeters"),
        ("measures hundred ten millimeters", "measures hundred ten millimeters"),
        ("minus hundred and ten hounsfield units", "minus hundred and ten hounsfield units"),
        ("thousand two hundred hounsfield units", "thousand two hundred hounsfield units"),
        ("hundred by ninety millimeters", "hundred by ninety millimeters"),
        ("a hundred and ten millimeters", "[110 mm]"),
        ("two and a half by three and a half centimeters", "[2.5 x 3.5 cm]"),
        ("two and a half by three and a half by four centimeters", "[2.5 x 3.5 x 4 cm]"),
        ("one and a half by two millimeters", "[1.5 x 2 mm]"),
        ("two and a half to three centimeters", "[2.5 to 3 cm]"),
        ("one centimeter and a half", "one centimeter and a half"),
        ("give or take minus two millimeters", "give or take minus [2 mm]"),
        ("the lower half to three centimeters", "the lower half to [3 cm]"),
        ("two 5 mm nodules", "two [5 mm] nodules"),
        ("two five millimeter nodules", "two [5 mm] nodules"),
        ("this one 5 mm nodule", "this one [5 mm] nodule"),
        ("image three five millimeter nodule", "image [3] [5 mm] nodule"),
        ("at a point two centimeters above the carina", "at a point [2 cm] above the carina"),
        ("increased to 2 cm by 1 week", "increased to [2 cm] by [1 week]"),
        ("twelve weeks three days", "[12 weeks] [3 days]"),
        ("five, six millimeters", "five , [6 mm]"),
        ("five. 6 mm", "five . [6 mm]"),
        ("8, make that 9 millimeters", "[8] , make that [9 mm]"),
        ("five correction six millimeters", "five correction [6 mm]"),
    ],
)
def test_quantities(spoken, expected):
    assert written(spoken) == expected


@pytest.mark.parametrize(
    "text",
    [
        "five six millimeters",
        "twenty five six millimeters",
        "twenty twenty mm",
        "3.2 5 cm",
        "one oh five millimeters",
        "1/2 cm",
        "1 1/2 cm",
        "three / four cm",
        "two by two",
        "twenty second delay",
        "two hundred fifty second",
        "one hundred second",
        "a few millimeters",
        "millimeters",
        "by cm",
        "at this point two centimeters",
        "5,2 cm",
        "1.2.3 cm",
    ],
)
def test_a_quantity_that_may_mean_two_things_stays_as_heard(text):
    kept = {"at this point two centimeters": "at this point [2 cm]"}
    assert written(text) == kept.get(text, text)


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


def check_quantity(quantity, before, after):
    written_form, heard = quantity
    assert figures(f"{before} {heard} {after}") == [written_form]


@settings(max_examples=300, deadline=None)
@given(quantity=quantities(), before=sentences, after=sentences)
def test_sizes_and_ranges_come_back(quantity, before, after):
    check_quantity(quantity, before, after)


@pytest.mark.soak
@settings(max_examples=20_000, deadline=None)
@given(quantity=quantities(), before=sentences, after=sentences)
def test_sizes_and_ranges_come_back_at_length(quantity, before, after):
    check_quantity(quantity, before, after)


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
