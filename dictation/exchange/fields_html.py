"""The [fields] of a report as HTML: in their place in the text, each saying what may stand in it.

A field is one element, whatever else is marked inside it. On a page that its own server serves it can be reached with
Tab: a pick list is a combobox whose list opens beside the text (review/data/fields.js), the others open a line.
"""

import json
from collections.abc import Iterable, Sequence
from html import escape

from dictation.exchange.marks import Mark, marked_html
from dictation.report import Report
from dictation.report.fields import Field, takes, unfilled


def field_mark(field: Field, offset: int = 0, *, may_fill: bool = True) -> Mark:
    """Return a field as a mark; `offset` is where the text of its statement begins in the column."""
    return Mark(field.start + offset, field.stop + offset, field=field_attributes(field, may_fill=may_fill))


def fields_of(report: Report, fields: Sequence[Field] | None) -> Sequence[Field]:
    """Return the fields to show: those given, which know what was filled, else those that the text leaves open."""
    shown = unfilled(report) if fields is None else fields
    return [field for field in shown if field.statement in report.spans]


def field_html(text: str, fields: Iterable[Field]) -> str:
    """Return the text of one statement, or any other text, as HTML with its fields marked."""
    return marked_html(text, [field_mark(field) for field in fields])


def field_attributes(field: Field, *, may_fill: bool) -> str:
    """The attributes of a field's element: its id, what may stand in it, and its name for a screen reader."""
    state = f"is {field.value}" if field.value else "not filled"
    named = f"{field.label}, {state}: {takes(field)}"
    attributes = {"class": f"field {'filled' if field.value else 'open'}", "title": named}
    if may_fill:
        attributes |= {
            "data-field": field.id,
            "data-label": field.label,
            "data-kind": field.kind,
            "data-takes": takes(field),
            "tabindex": "0",
            "aria-label": named,
        }
        if field.kind == "pick":
            attributes |= {
                "data-choices": json.dumps(field.choices, ensure_ascii=False),
                "data-offered": field.offered,
                "role": "combobox",
                "aria-haspopup": "listbox",
                "aria-expanded": "false",
            }
        else:
            attributes |= {"role": "button", "aria-haspopup": "dialog"}
        if field.value:
            attributes["data-value"] = field.value
    return " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
