"""The report as it grows while somebody dictates: provisional, and with nothing of what is seen."""

from collections.abc import Sequence
from html import escape

from dictation.exchange.fields_html import field_html, fields_of
from dictation.exchange.labels import ORIGINS
from dictation.report import SECTIONS, Report, Statement
from dictation.report.fields import Field


def growing_report_html(
    report: Report, later: str = "", *, fields: Sequence[Field] | None = None, writing: str = ""
) -> str:
    """Return the sections of a report in order, each with its statements; a section without any says so.

    `later` names the model that writes when dictation ends, "" where none does, and `writing` the one whose report this
    is so far; `fields` are the report's, filled and open (None: those that its text leaves open). All six sections are
    always there, so that nothing jumps when the first statement of one comes.
    """
    words = (
        f"{writing} is writing" if writing else f"provisional; {later} writes when the dictation ends" if later else ""
    )
    note = f'<p class="note">{escape(words)}</p>' if words else ""
    shown = fields_of(report, fields)
    sections = "".join(_section(report, name, shown) for name in SECTIONS)
    return f'<div class="growing">{note}{sections}</div>'


def _section(report: Report, name: str, fields: Sequence[Field]) -> str:
    statements: list[Statement] = [s for s in getattr(report, name) if s.origin != "suggested"]
    if not statements:
        body = '<p class="not">not dictated</p>'
    else:
        body, organ = "", None
        for statement in statements:
            if statement.organ != organ:
                body += f"<h4>{escape(statement.organ or '')}</h4>" if statement.organ else ""
                organ = statement.organ
            body += _statement(statement, fields)
    return f'<section data-section="{name}"><h3>{name.capitalize()}</h3>{body}</section>'


def _statement(statement: Statement, fields: Sequence[Field]) -> str:
    origin = ORIGINS.get(statement.origin)
    note = f' <span class="origin">{origin}</span>' if origin else ""
    apart = " apart" if origin else ""
    text = field_html(statement.text, (field for field in fields if field.statement == statement.id))
    return f'<p class="provisional{apart}" data-statement="{escape(statement.id)}">{text}{note}</p>'
