"""A field is one element in its place, whatever is marked inside it, and says what may stand there."""

from html.parser import HTMLParser

import pytest

from dictation.case import review_dictation
from dictation.exchange import CaseView, columns_html, growing_report_html
from dictation.exchange.fields_html import field_html
from dictation.report import ExtractiveWriter, load_template
from dictation.report.fields import fields_in, filled_report
from tests.report.dictated import dictated


class Elements(HTMLParser):
    """All elements with a field: their attributes and their text."""

    def __init__(self, html):
        super().__init__()
        self.found, self.inside = [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if self.inside:
            self.inside += 1
        elif "field" in (attributes.get("class") or "").split():
            self.found.append((attributes, ""))
            self.inside = 1

    def handle_endtag(self, tag):
        self.inside = max(0, self.inside - 1)

    def handle_data(self, data):
        if self.inside:
            attributes, text = self.found[-1]
            self.found[-1] = attributes, text + data


def test_a_field_says_what_may_stand_in_it():
    text = "Mass in the [side: left|*right] kidney, [size: mm]."
    (side, shown), (size, _) = Elements(field_html(text, fields_in(text, "findings/Kidneys"))).found
    assert shown == "[side: left|*right]"
    assert side["data-field"] == "findings/Kidneys/side"
    assert (side["data-choices"], side["data-offered"]) == ('["left", "right"]', "right")
    assert (side["role"], side["aria-label"]) == ("combobox", "side, not filled: left or right")
    assert (size["role"], size["data-takes"]) == ("button", "a number in mm")


def test_script_in_a_label_or_a_choice_stays_text():
    text = '[a<img src=x>": <b>|"onclick=alert(1)]'
    html = field_html(text, fields_in(text))
    ((attributes, shown),) = Elements(html).found
    assert shown == text
    assert attributes["data-choices"] == '["<b>", "\\"onclick=alert(1)"]'
    assert "<b>" not in html and "<img" not in html


def test_the_growing_report_shows_open_and_filled_fields():
    report = ExtractiveWriter().write(dictated(), template=load_template("ct_head_normal"))
    assert [a["class"] for a, _ in Elements(growing_report_html(report)).found] == ["field open"]
    filled, fields = filled_report(report, {"technique/contrast": "without"})
    ((attributes, text),) = Elements(growing_report_html(filled, fields=fields)).found
    assert (attributes["class"], attributes["data-value"], text) == ("field filled", "without", "without")
    assert Elements(growing_report_html(filled)).found == []


@pytest.mark.parametrize("keys", [None, {"edit": "<button>e</button>"}])
def test_the_written_column_marks_a_field_and_only_an_editable_one_is_reached(keys):
    text = "No effusion. Left cyst of [size: mm]."
    case = review_dictation(dictated("Right cyst of 5 mm.", text), writer=ExtractiveWriter())
    fields = filled_report(case.report, {})[1]
    ((attributes, shown),) = Elements(columns_html(CaseView(title="t", case=case, fields=fields), keys)).found
    assert shown == "[size: mm]"
    assert ("data-field" in attributes, "tabindex" in attributes) == (bool(keys), bool(keys))
