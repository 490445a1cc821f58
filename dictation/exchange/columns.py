"""The three columns: heard, written and seen, one row for each section or organ."""

from collections.abc import Sequence
from html import escape
from typing import get_args

from dictation.case import Case
from dictation.exchange.labels import ORIGINS
from dictation.exchange.marks import Mark, difference_marks, hearing_marks, marked_html
from dictation.exchange.seen import with_seen
from dictation.report import SECTIONS, Report, Row, Statement
from dictation.report.report import Section

HEAD = (
    '<colgroup><col class="heard"><col class="written"><col class="seen"></colgroup>'
    '<thead><tr><th scope="col">Heard</th><th scope="col">Written</th><th scope="col">Seen</th></tr></thead>'
)


def columns_html(case: Case, rows: Sequence[Row]) -> str:
    """Return the table of three columns. A section that nobody dictated keeps a row that says so."""
    bodies = "".join(_row(case, row, seen) for row, seen in with_seen(case, complete_rows(case.report, rows)))
    return f'<table class="columns">{HEAD}{bodies}</table>{_taken_back(case)}'


def row_name(row: Row) -> str:
    """What heads a row: the organ of a finding, else the section."""
    return row.organ or row.section.capitalize()


def complete_rows(report: Report, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the text with its suggestions, and an empty row for each section that has none."""
    complete = list(rows)
    for suggested in (s for s in report.statements if s.origin == "suggested"):
        place = (suggested.section, suggested.organ)
        index = next((i for i, row in enumerate(complete) if (row.section, row.organ) == place), None)
        if index is None:
            complete.append(_empty(*place))
            index = len(complete) - 1
        row = complete[index]
        complete[index] = row.model_copy(update={"statement_ids": (*row.statement_ids, suggested.id)})
    present = {row.section for row in complete}
    complete += [_empty(name, None) for name in get_args(Section) if name not in present]
    return sorted(complete, key=lambda row: SECTIONS.index(row.section))


def _empty(section: Section, organ: str | None) -> Row:
    return Row(section=section, organ=organ, sentence_ids=(), statement_ids=())


def _row(case: Case, row: Row, seen: str) -> str:
    name = escape(row_name(row))
    if not (row.sentence_ids or row.statement_ids or seen):
        silent = '<span class="not">not dictated</span>'
        return f'<tbody class="silent">{_organ(f"{name} {silent}")}</tbody>'
    return (
        f"<tbody>{_organ(name)}"
        f"<tr><td>{_heard(case, row)}</td><td>{_written(case, row)}</td><td>{seen}</td></tr></tbody>"
    )


def _organ(heading: str) -> str:
    return f'<tr class="organ"><th colspan="3" scope="rowgroup">{heading}</th></tr>'


def _heard(case: Case, row: Row) -> str:
    if not row.sentence_ids:
        return '<p class="not">not dictated</p>'
    spans = case.dictation.spans
    words = case.dictation.words
    differences = difference_marks(case.discrepancies, "heard")
    doubts = [
        d.heard.span for d in case.discrepancies if (d.kind, d.severity) == ("critical_word", "major") and d.heard
    ]
    asked = [span for span in doubts if span is not None]  # what a card asks needs no note beside it
    texts, notes = [], []
    for sentence in case.dictation.sentences:
        if sentence.id not in row.sentence_ids:
            continue
        offset = spans[sentence.id][0]
        hearing = [
            mark
            for mark in hearing_marks(words, sentence, offset)
            if mark.corrected or not any(start < mark.end and mark.start < end for start, end in asked)
        ]
        texts.append(marked_html(sentence.text, [*differences, *hearing], offset))
        notes += [f"“{sentence.text[m.start - offset : m.end - offset].strip('.,;:')}”: {m.note}" for m in hearing]
    notes_html = "".join(f'<p class="note">{escape(note)}</p>' for note in dict.fromkeys(notes))
    return f"<p>{' '.join(texts)}</p>{notes_html}"


def _written(case: Case, row: Row) -> str:
    statements = [s for s in case.report.statements if s.id in row.statement_ids]
    if not statements:
        return f'<p class="not">{"not in the report" if row.sentence_ids else "not dictated"}</p>'
    spans = case.report.spans
    marks = difference_marks(case.discrepancies, "written")
    return "<p>" + " ".join(_statement(s, spans.get(s.id), marks) for s in statements) + "</p>"


def _statement(statement: Statement, span: tuple[int, int] | None, marks: list[Mark]) -> str:
    if span is None:
        return f'<span class="suggested">{escape(statement.text)}</span> <span class="origin">suggested only</span>'
    text = marked_html(statement.text, marks, span[0])
    if statement.kept:
        text += f' <span class="origin kept">as dictated: {escape(statement.kept)}</span>'
    origin = ORIGINS.get(statement.origin)
    return f'{text} <span class="origin">{origin}</span>' if origin else text


def _taken_back(case: Case) -> str:
    if not case.dictation.retracted:
        return ""
    words = "; ".join(
        f"“{escape(r.text)}”" + (f" ({escape(r.command)})" if r.command else "") for r in case.dictation.retracted
    )
    return f'<p class="note taken-back">Taken back by the speaker: {words}</p>'
