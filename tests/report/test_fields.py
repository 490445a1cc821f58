"""A field stays open, and in sight, until a person fills it; until then its sentence claims nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.discrepancy import compare
from dictation.errors import InputError
from dictation.lexicon import Phrase, Vocabulary
from dictation.report import ExtractiveWriter, Report, Statement, available_templates, load_template
from dictation.report.fields import (
    Field,
    fields_in,
    fill,
    filled_report,
    masked,
    unfilled,
    without_fields,
)
from dictation.report.fields_voice import fill_by_voice
from dictation.report.template import template_from
from dictation.wording import Rules, typed
from tests.report.dictated import dictated

TEXT = (
    "[Amount: Small|*Large] mass of [size: mm] in the [side: left|right] kidney, [comment: text]; [side: left|right]."
)

KNEE = """
title = "Knee"
source = "test"
default_normals = true
technique = "[views: Two|Three] views of the [side: left|right] knee."
impression = "No acute bony abnormality."

[[organs]]
heading = "Bone"
covers = ["bones"]
normal = "No fracture of the [side: left|right] knee. Joint space of [width: mm]."
"""


def field(text, place="") -> Field:
    (only,) = fields_in(text, place)
    return only


def filled(text, values) -> str:
    report = Report(findings=(Statement(id="f1", section="findings", organ="k", text=text, origin="template"),))
    return filled_report(report, values)[0].findings[0].text


def test_a_text_names_its_fields_in_order():
    fields = fields_in(TEXT, "findings/Kidneys")
    assert [(one.id, one.kind, one.unit) for one in fields] == [
        ("findings/Kidneys/Amount", "pick", ""),
        ("findings/Kidneys/size", "number", "mm"),
        ("findings/Kidneys/side", "pick", ""),
        ("findings/Kidneys/comment", "text", ""),
        ("findings/Kidneys/side#2", "pick", ""),
    ]
    assert [TEXT[one.start : one.stop] for one in fields][1] == "[size: mm]"
    assert (fields[0].choices, fields[0].offered) == (("Small", "Large"), "Large")


def test_what_is_offered_first_is_not_chosen():
    assert filled("[side: left|*right] kidney", {}) == "[side: left|*right] kidney"


def test_values_go_into_their_own_fields_and_what_does_not_fit_stays_open():
    place = "findings/k"
    values = {f"{place}/size": "3 x 2 cm", f"{place}/side": "up", f"{place}/side#2": "left", f"{place}/Amount": "Small"}
    text = "Small mass of 3 x 2 cm in the [side: left|right] kidney, [comment: text]; left."
    assert filled(TEXT, values) == text


def test_what_is_typed_is_put_in_form_or_refused_in_a_sentence():
    assert fill(field("[x: mm]"), " 5 ") == "5 mm"
    assert fill(field("[x: mm]"), "5  cm") == "5 cm"
    assert fill(field("[x: %]"), "40") == "40%"
    assert fill(field("[x: Left|Right]"), "left") == "Left"
    with pytest.raises(InputError, match=r"The field 'x' takes left, right or bilateral\."):
        fill(field("[x: left|right|bilateral]"), "up")
    with pytest.raises(InputError, match=r"takes a number in mm\."):
        fill(field("[x: mm]"), "five kg")


def test_what_is_said_into_a_field_is_written_as_the_user_writes():
    rules = Rules(vocabulary=Vocabulary(phrases=(Phrase(written="Zorvax", spoken="zorbax"),)), spelling="british")
    assert fill_by_voice("edema after zorbax", field("[x: text]"), rules) == "Oedema after Zorvax"


def written(*sentences, values=()):
    template = template_from(KNEE, "knee", "knee.toml")
    return filled_report(ExtractiveWriter().write(dictated(*sentences), template=template), dict(values))


def test_a_reports_fields_keep_their_names_when_it_is_written_again():
    names = {"technique/views", "technique/side", "findings/Bone/side", "findings/Bone/width"}
    report, fields = written()
    assert {one.id for one in fields} == names
    assert {one.id for one in written("The menisci are torn.", "Clip in the thigh.")[1]} == {
        "technique/views",
        "technique/side",
    }
    assert {one.id for one in written(("indication", "Pain."))[1]} == names
    assert {one.id for one in unfilled(report)} == names


def test_a_report_holds_its_values_and_where_they_stand():
    values = {"technique/side": "left", "findings/Bone/side": "right", "findings/Bone/width": "4 mm"}
    report, fields = written(values=values)
    assert "No fracture of the right knee. Joint space of 4 mm." in report.text
    texts = {statement.id: statement.text for statement in report.statements}
    assert {one.id: texts[one.statement][one.start : one.stop] for one in fields} == {
        **values,
        "technique/views": "[views: Two|Three]",
    }
    assert [one.id for one in unfilled(report)] == ["technique/views"]
    assert {one.id: one.value for one in fields if one.value} == values


def test_a_field_of_the_dictation_is_filled_there_and_not_in_the_report():
    report = ExtractiveWriter().write(dictated("Cyst in the [side: left|right] kidney."))
    same, fields = filled_report(report, {"pad/side": "left"})
    assert same == report
    assert [(one.id, one.value) for one in fields] == [("pad/side", "")]


def test_a_suggestion_blocks_nothing():
    text = "Cyst of [size: mm]."
    report = Report(findings=(Statement(id="r1", text=text, section="findings", origin="suggested"),))
    assert unfilled(report) == ()


def test_a_side_once_filled_is_compared():
    heard = dictated("Small left pleural effusion.")
    open_ = ExtractiveWriter().write(dictated("Small [side: left|right] pleural effusion."))
    wrong = ExtractiveWriter().write(dictated("Small right pleural effusion."))
    assert "laterality" not in {one.kind for one in compare(heard, open_)}
    assert "laterality" in {one.kind for one in compare(heard, wrong)}


def test_spans_stay_where_they_are():
    dictation = typed("Findings: Cyst of [size: mm]. Left pleural effusion.")
    blank = without_fields(dictation)
    assert blank.spans == dictation.spans
    assert without_fields(typed("Left pleural effusion.")) == typed("Left pleural effusion.")
    found = [one for one in compare(dictation, "Right pleural effusion.") if one.kind == "laterality"]
    assert [dictation.text[slice(*one.heard.span)] for one in found] == ["Left pleural effusion"]


@pytest.mark.parametrize("name", [name for name in available_templates() if name.endswith("_normal")])
def test_a_template_that_comes_along_draws_no_card_while_its_fields_are_open(name):
    report = ExtractiveWriter().write(typed(""), template=load_template(name))
    assert compare(typed(""), report) == []


@given(st.text(alphabet="[]:|* abAB.\n5", max_size=60))
def test_any_text_is_read_and_keeps_its_length(text):
    assert len(masked(text)) == len(text)
    for one in fields_in(text):
        assert text[one.start] + text[one.stop - 1] == "[]"
    assert filled(text, {}) == text
