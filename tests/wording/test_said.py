"""Spoken commands: every one by its example, every section, every unit that "replace" may meet, and what stays tied.

What is a command, what is text and what stands there then are rows (`corpus/commands.tsv`).
"""

import pytest

from dictation.lexicon import rows
from dictation.wording.said import Context, commands
from dictation.wording.said import command as command_in
from dictation.wording.units import Unit, units
from tests.wording.dictating import transcript, written
from tests.wording.pads import empty, named, obey, places, say

FORMS = [(unit, form) for unit in units() for form in (*unit.singular, *unit.plural)]


@pytest.mark.parametrize("said", [c for c in commands() if c.name != "replace"], ids=lambda c: c.name)
def test_each_command_is_heard_in_the_words_of_its_example(said):
    pad = say(empty(), "small effusion period")
    found = command_in(transcript(said.example).words, Context(pad, len(pad.text), named(["Normal chest"])))
    assert found is not None and found.name == said.name and not found.refusal
    assert said.help and all(way == way.lower() for way in said.spoken)


def test_every_section_name_can_be_gone_to():
    for row in rows("section_names"):
        found = command_in(transcript(f"go to {row['spoken']}").words, Context(empty(), 0, named([])))
        assert found is not None and found.argument == row["section"]


def test_replace_keeps_the_ties_of_all_else():
    before = say(empty(), "a left effusion is five millimeters")
    after, _, _ = obey(before, "replace five millimeters with two point five centimeters")
    assert after.text == "A left effusion is 2.5 cm"
    assert after.dictation.sentences[0].alignment[:-1] == before.dictation.sentences[0].alignment[:-1]
    after, _, _ = obey(before, "replace left with right")
    (link,) = [link for link in after.dictation.sentences[0].alignment if link.span == (2, 7)]
    assert [after.dictation.words[word].text for word in link.words] == ["right"]


def test_a_command_is_undone_without_losing_its_words():
    pad = say(empty(), "left effusion")
    after, _, _ = obey(pad, "replace left with right")
    undone = after.back_to(pad)
    assert undone.text == pad.text
    assert places(undone) == list(range(undone.count))
    assert undone.back_to(after, "redo").text == after.text


@pytest.mark.parametrize(("unit", "form"), FORMS, ids=[f"{unit.symbol}: {form}" for unit, form in FORMS])
def test_every_unit_stays_with_its_figure_in_plain_dictation_and_in_both_slots_of_replace(unit: Unit, form: str):
    assert written(f"value of 5 {form} period") == f"Value of {unit.after('5')}."
    kilovolts = say(empty(), "value of 5 kV period")
    for old in ("5", "five kilovolts"):
        after, _, said = obey(kilovolts, f"replace {old} with 8 {form}")
        assert (after.text, said.refusal) == (f"Value of {unit.after('8')}.", "")
        assert places(after) == list(range(after.count))
    pad = say(empty(), f"value of 5 {form} period")
    assert obey(pad, f"replace 5 {form} with 8 inches")[0].text == "Value of 8 inches."
    assert obey(pad, f"replace five {form} with 8 inches")[0].text == "Value of 8 inches."
    if unit.symbol not in ("%", "°"):
        assert obey(pad, f"replace {form} with inches")[0].text == "Value of 5 inches."
