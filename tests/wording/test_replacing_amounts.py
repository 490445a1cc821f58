"""Spoken "replace" beside figures and units: every unit in both slots, and no unit lost, doubled or lent in silence."""

import pytest

from dictation.wording.units import units
from tests.wording.dictating import written
from tests.wording.pads import empty, obey, places, say

FORMS = [(unit, form) for unit in units() for form in (*unit.singular, *unit.plural)]
IDS = [f"{unit.symbol}: {form}" for unit, form in FORMS]


@pytest.mark.parametrize(("unit", "form"), FORMS, ids=IDS)
def test_every_unit_stays_with_its_figure_in_plain_dictation(unit, form):
    assert written(f"value of 5 {form} period") == f"Value of {unit.after('5')}."


@pytest.mark.parametrize(("unit", "form"), FORMS, ids=IDS)
def test_every_unit_comes_with_the_new_words(unit, form):
    pad = say(empty(), "value of 5 kV period")
    for old in ("5", "five kilovolts"):
        after, _, said = obey(pad, f"replace {old} with 8 {form}")
        assert (after.text, said.refusal) == (f"Value of {unit.after('8')}.", "")
        assert places(after) == list(range(after.count))


@pytest.mark.parametrize(("unit", "form"), FORMS, ids=IDS)
def test_every_unit_is_found_among_the_old_words(unit, form):
    pad = say(empty(), f"value of 5 {form} period")
    assert obey(pad, f"replace 5 {form} with 8 inches")[0].text == "Value of 8 inches."
    assert obey(pad, f"replace five {form} with 8 inches")[0].text == "Value of 8 inches."
    if unit.symbol not in ("%", "°"):
        assert obey(pad, f"replace {form} with inches")[0].text == "Value of 5 inches."


@pytest.mark.parametrize(
    ("text", "utterance", "after"),
    [
        ("nodule 5 cm", "replace 5 with 8 mm", "Nodule 8 mm"),
        ("nodule 5 cm period", "replace 5 cm with 8 mm", "Nodule 8 mm."),
        ("nodule 5 mm", "replace 5 mm with 5 cm", "Nodule 5 cm"),
        ("nodule 3 by 5 cm period", "replace 5 with 8", "Nodule 3 x 8 cm."),
        ("nodule 5 by 3 cm period", "replace 5 with 8 mm", "Nodule 8 mm x 3 cm."),
        ("nodule 3 by 5 cm period", "replace 5 with 8 cm", "Nodule 3 x 8 cm."),
        ("nodule 3 by 5 cm period", "replace cm with mm", "Nodule 3 x 5 mm."),
        ("nodule five millimeters period", "replace five with fifteen", "Nodule 15 mm."),
        ("nodule fifteen millimeters period", "replace fifteen with five", "Nodule 5 mm."),
        ("nodule five millimeters period", "replace millimeters with centimeters", "Nodule 5 cm."),
        ("nodule 2.5 cm", "replace two point five with three point five", "Nodule 3.5 cm"),
        ("five nodules period", "replace five with two", "Two nodules."),
    ],
)
def test_a_size_is_replaced_whole_or_in_its_own_unit(text, utterance, after):
    pad, _, said = obey(say(empty(), text), utterance)
    assert (pad.text, said.refusal) == (after, "")
    assert places(pad) == list(range(pad.count))


@pytest.mark.parametrize(
    ("text", "utterance"),
    [
        ("nodule 5 cm", "replace 5 cm with 8"),
        ("nodule 5 cm", "replace 5 with small"),
        ("nodule 5 cm", "replace cm with small"),
        ("nodule 5 cm", "replace cm with 8 mm"),
        ("nodule 5 cm", "replace nodule with nodule 8"),
        ("nodule 3 by 5 cm period", "replace 5 with 8 mm"),
        ("nodule 3 by 5 cm period", "replace 5 cm with 8 mm"),
        ("nodule 3 to 5 cm period", "replace 5 cm with small"),
        ("nodules of 3 and 5 cm period", "replace 5 cm with 8 mm"),
    ],
)
def test_what_would_change_a_unit_unsaid_is_refused_and_stands_as_text(text, utterance):
    """Where it stands it has a card: with a passing notice alone the old figure could be signed."""
    pad = say(empty(), text)
    after, _, said = obey(pad, utterance)
    assert said.is_text and "with its units" in said.refusal
    assert after.text.lower().startswith(pad.text.lower()) and utterance in after.text.lower()
    assert places(after) == list(range(after.count))


@pytest.mark.parametrize("utterance", ["replace five with six", "replace 5 with 6"])
def test_a_figure_that_stands_twice_is_not_replaced(utterance):
    pad = say(empty(), "nodules of 5 mm and 5 cm period")
    after, _, said = obey(pad, utterance)
    assert after.text.startswith(pad.text) and said.refusal
