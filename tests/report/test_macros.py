"""Macros are the speaker's own words, put in by name; a name that is none puts nothing in."""

import pytest

from dictation.errors import MissingError
from dictation.report.fields import fields_in
from dictation.report.macros import Macro, macro_faults, macro_named, macros_of
from dictation.wording import typed

OWN = '[[macros]]\nname = "Renal cyst"\ntext = "Cyst of mine."\n\n[[macros]]\nname = "wrist"\ntext = "Wrist."\n'


def test_the_macros_that_come_along(tmp_path):
    macros = macros_of(tmp_path)
    assert 8 <= len(macros) <= 12
    assert all(macro.source for macro in macros)
    for macro in macros:
        assert all(sentence.text for sentence in typed(macro.text).sentences)
        labels = [field.label.casefold() for field in fields_in(macro.text)]
        assert len(labels) == len(set(labels))
    assert {sentence.section for sentence in typed(macro_named("normal chest", tmp_path).text).sentences} == {
        "findings",
        "impression",
    }


@pytest.mark.parametrize(
    "spoken", ["renal cyst", "Renal cyst.", "the renal cyst macro", "simple renal cyst", "kidney cysts"]
)
def test_a_macro_has_several_names(tmp_path, spoken):
    assert macro_named(spoken, tmp_path).name == "renal cyst"


def test_a_near_miss_puts_nothing_in_and_offers_three_names(tmp_path):
    with pytest.raises(MissingError) as refused:
        macro_named("renal fist", tmp_path)
    message = str(refused.value)
    assert message.startswith("There is no macro of that name; the nearest are renal cyst, ")
    assert message.count(",") == 2 and "fist" not in message
    with pytest.raises(MissingError):
        macro_named("", tmp_path)


def test_own_macros_take_the_place_of_their_namesakes(tmp_path):
    count = len(macros_of(tmp_path))
    (tmp_path / "macros.toml").write_text(OWN, encoding="utf-8")
    assert macro_named("renal cyst", tmp_path).text == "Cyst of mine."
    assert len(macros_of(tmp_path)) == count + 1
    (tmp_path / "macros").mkdir()
    (tmp_path / "macros" / "more.toml").write_text(OWN.replace("of mine", "of more"), encoding="utf-8")
    assert macro_named("renal cyst", tmp_path).text == "Cyst of more."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[macros]]\n", "the key 'macros.0.name' is missing"),
        ("[[macros", "is not valid TOML"),
        (OWN.replace("wrist", "renal cysts"), "two macros have the same spoken name"),
        (OWN.replace("Wrist.", ""), "needs a text"),
        (OWN.replace("Wrist.", "[side]"), "'[side]' is no field"),
    ],
)
def test_a_broken_file_is_named_and_the_others_work(tmp_path, text, why):
    (tmp_path / "macros").mkdir()
    (tmp_path / "macros" / "a.toml").write_text(text, encoding="utf-8")
    (tmp_path / "macros" / "b.toml").write_text(OWN.replace("wrist", "ankle"), encoding="utf-8")
    (fault,) = macro_faults(tmp_path)
    assert "a.toml" in fault and why in fault
    assert macro_named("ankle", tmp_path).text == "Wrist."


def test_each_field_of_a_macro_has_a_label_of_its_own_in_the_pad():
    macro = Macro(name="x", text="[side: left|right] cyst of [size: mm], [side: left|right].")
    first = macro.text_beside("")
    assert first == "[side: left|right] cyst of [size: mm], [side 2: left|right]."
    both = f"{first} {macro.text_beside(first)}"
    assert [field.id for field in fields_in(both, "pad")] == [
        "pad/side", "pad/size", "pad/side 2", "pad/side 3", "pad/size 2", "pad/side 4",
    ]  # fmt: skip
