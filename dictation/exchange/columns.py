"""The three columns: heard, written and seen, one row for each section or organ."""

from collections.abc import Sequence
from html import escape

from dictation.case import Case
from dictation.exchange.labels import ORIGINS
from dictation.exchange.marks import Mark, difference_marks, hearing_marks, marked_html
from dictation.exchange.seen import seen_cells
from dictation.report import SECTIONS, Row, Statement

HEAD = (
    '<colgroup><col class="heard"><col class="written"><col class="seen"></colgroup>'
    '<thead><tr><th scope="col">Heard</th><th scope="col">Written</th><th scope="col">Seen</th></tr></thead>'
)


def columns_html(case: Case, rows: Sequence[Row]) -> str:
    """Return the table of three columns. A section that nobody dictated keeps a row that says so."""
    rows = with_silent_sections(rows)
    seen = seen_cells(case, rows)
    bodies = "".join(_row(case, row, cell) for row, cell in zip(rows, seen, strict=True))
    return f'<table class="columns">{HEAD}{bodies}</table>{_taken_back(case)}'


def row_name(row: Row) -> str:
    """What heads a row: the organ of a finding, else the section."""
    return row.organ or row.section.capitalize()


def with_silent_sections(rows: Sequence[Row]) -> list[Row]:
    """Rows in the order of the report, with an empty one for each section that has none."""
    present = {row.section for row in rows}
    silent = [
        Row(section=name, organ=None, sentence_ids=(), statement_ids=()) for name in SECTIONS if name not in present
    ]
    return sorted([*rows, *silent], key=lambda row: SECTIONS.index(row.section))


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
    differences = difference_marks(case.discrepancies, "heard")
    texts, notes = [], []
    for sentence in case.dictation.sentences:
        if sentence.id not in row.sentence_ids:
            continue
        offset = spans[sentence.id][0]
        hearing = hearing_marks(case.dictation, sentence, offset)
        texts.append(marked_html(sentence.text, [*differences, *hearing], offset))
        notes += [
            f"“{sentence.text[m.start - offset : m.end - offset].strip('.,;:')}”: {m.corrected or m.doubt}"
            for m in hearing
            if m.corrected or m.doubt
        ]
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
    origin = ORIGINS.get(statement.origin)
    return f'{text} <span class="origin">{origin}</span>' if origin else text


def _taken_back(case: Case) -> str:
    if not case.dictation.retracted:
        return ""
    words = "; ".join(
        f"“{escape(r.text)}”" + (f" ({escape(r.command)})" if r.command else "") for r in case.dictation.retracted
    )
    return f'<p class="note taken-back">Taken back by the speaker: {words}</p>'
