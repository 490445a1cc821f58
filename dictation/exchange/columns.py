"""The three columns: dictated, report and image AI, one row for each section or organ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import get_args

from dictation.case import Case
from dictation.case.doubtful import matters
from dictation.exchange.fields_html import field_mark, fields_of
from dictation.exchange.labels import COLUMNS, NO_READER, ORIGINS, capital
from dictation.exchange.marks import (
    UNSURE,
    Mark,
    difference_marks,
    hearing_marks,
    marked_html,
    said_marks,
    typed_over_marks,
    word_marks,
)
from dictation.exchange.seen import with_seen
from dictation.exchange.sound import takes_of
from dictation.exchange.view import CaseView
from dictation.report import SECTIONS, Row, Statement, align_rows
from dictation.report.report import Section
from dictation.wording import Sentence
from dictation.wording.typed_over import TypedOver, typed_over


@dataclass(frozen=True)
class _Page:
    """What the rows of one page share, worked out once.

    `asked` are characters of the dictation about which a card asks; `takes` as `takes_of`; `may_edit`: the page takes
    a person's wording and fills fields.
    """

    view: CaseView
    heard: list[Mark]
    written: list[Mark]
    asked: list[tuple[int, int]]
    takes: list[int]
    over: tuple[TypedOver, ...]
    may_edit: bool

    @classmethod
    def of(cls, view: CaseView, *, may_edit: bool) -> "_Page":
        """The page of a view."""
        case, spans = view.case, view.case.report.spans
        sides = [one.heard for one in case.discrepancies if (one.kind, one.severity) == ("critical_word", "major")]
        fields = [
            field_mark(field, spans[field.statement][0], may_fill=may_edit)
            for field in fields_of(case.report, view.fields)
        ]
        return cls(
            view=view,
            heard=difference_marks(case.discrepancies, "heard"),
            written=[*difference_marks(case.discrepancies, "written"), *fields],
            asked=[side.span for side in sides if side and side.span],
            takes=takes_of(case.dictation),
            over=typed_over(case.dictation),
            may_edit=may_edit,
        )


def columns_html(view: CaseView, keys: Mapping[str, str] | None = None) -> str:
    """Return the table of three columns, and below it, apart, what a model suggests; `keys` as for `cards_html`.

    Each dictated word knows its recording (`data-take`, a number in the table's `data-recordings`) and its seconds
    there, and so does each written word that rests on dictated ones; each statement knows its id.

    Sections that nobody dictated share a line below the others; where there is no image AI, its column is hidden.
    While a report is written, its column is left open: each cell names the sentences (`data-evidence`) beside which a
    statement may be put.
    """
    view, keys = view.held_back(), keys or {}
    case = view.case
    complete = _complete(align_rows(case.dictation, case.report))
    page = _Page.of(view, may_edit="edit" in keys)
    placed = with_seen(view, complete)
    bodies = "".join(_row(page, row, seen) for row, seen in placed if not _is_silent(row, seen))
    bodies += _silent([row for row, seen in placed if _is_silent(row, seen)])
    is_unread = "eye" not in case.engines and any(NO_READER in seen for _, seen in placed)
    reader = " no-reader" if is_unread else ""
    recordings = " ".join(transcript.recording for transcript in case.dictation.transcripts)
    return (
        f'{_warnings(case)}<table class="columns{reader}" data-recordings="{escape(recordings)}">'
        f"{_head(view)}{bodies}</table>"
        f"{_suggested(case, keys)}{_taken_back(case)}"
    )


def _warnings(case: Case) -> str:
    if not case.warnings:
        return ""
    items = "".join(f"<li>{escape(warning)}</li>" for warning in dict.fromkeys(case.warnings))
    return f'<ul class="warnings" aria-label="warnings">{items}</ul>'


def _heads(view: CaseView) -> dict[str, str]:
    """What heads each column: above it, and where rows are stacked beside each of its cells."""
    heads = {name: capital(label) for name, label in COLUMNS.items()}
    return heads | {"written": _how_written(view)}


def _head(view: CaseView) -> str:
    named = {name: escape(head) for name, head in _heads(view).items()}
    columns = "".join(f'<col class="{name}">' for name in named)
    heads = "".join(f'<th scope="col">{head}</th>' for head in named.values())
    return f"<colgroup>{columns}</colgroup><thead><tr>{heads}</tr></thead>"


def _how_written(view: CaseView) -> str:
    """What heads the report; it must not be taken for one that its writer has written."""
    writer = view.case.engines.get("writer")
    if writer and view.stage == "writing":
        return f"Being written by {writer.name}"
    report = capital(COLUMNS["written"])
    return f"{report}: {writer.name} draft" if writer and "instead_of" in writer.settings else report


def row_name(row: Row) -> str:
    """What heads a row: the organ of a finding, else the section."""
    return row.organ or row.section.capitalize()


def _complete(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, and an empty one for each section that has none."""
    present = {row.section for row in rows}
    silent = [name for name in get_args(Section) if name not in present]
    empty = [Row(section=name, organ=None, sentence_ids=(), statement_ids=()) for name in silent]
    return sorted([*rows, *empty], key=lambda row: SECTIONS.index(row.section))


def _is_silent(row: Row, seen: str) -> bool:
    return not (row.sentence_ids or row.statement_ids or seen)


def _silent(rows: Sequence[Row]) -> str:
    names = escape(", ".join(row_name(row).lower() for row in rows))
    return f'<tbody class="silent">{_organ(f"Not dictated: {names}")}</tbody>' if rows else ""


def _row(page: _Page, row: Row, seen: str) -> str:
    view, name = page.view, escape(row_name(row))
    heads = {name: f'data-head="{escape(head)}"' for name, head in _heads(view).items()}
    if view.stage == "stopped":
        written = f'<td class="written" {heads["written"]}><p class="not">not written</p></td>'
    elif view.stage == "writing":
        evidence = escape(" ".join(row.sentence_ids))
        written = f'<td class="written open" {heads["written"]} data-evidence="{evidence}"><p></p></td>'
    else:
        written = f'<td class="written" {heads["written"]}>{_written(page, row)}</td>'
    heard = f'<td class="heard" {heads["heard"]}>{_heard(page, row)}</td>'
    return f'<tbody>{_organ(name)}<tr>{heard}{written}<td class="seen" {heads["seen"]}>{seen}</td></tr></tbody>'


def _organ(heading: str) -> str:
    return f'<tr class="organ"><th colspan="3" scope="rowgroup">{heading}</th></tr>'


def _heard(page: _Page, row: Row) -> str:
    if not row.sentence_ids:
        return '<p class="not">not dictated</p>'
    dictation = page.view.case.dictation
    texts, unsure, notes = [], list[str](), list[str]()
    for sentence in dictation.sentences:
        if sentence.id not in row.sentence_ids:
            continue
        offset = dictation.spans[sentence.id][0]
        hearing = [  # what a card asks needs no note beside it
            mark
            for mark in hearing_marks(dictation.words, sentence, offset)
            if mark.corrected or not any(start < mark.end and mark.start < end for start, end in page.asked)
        ]
        typed = typed_over_marks(dictation, [one for one in page.over if one.sentence == sentence.id], page.takes)
        said = [*typed, *word_marks(dictation, sentence, page.takes)]
        html = _by(sentence, marked_html(sentence.text, [*page.heard, *hearing, *said], offset))
        texts.append(f'<span class="sentence">{html}</span>')
        for mark in hearing:
            word = sentence.text[mark.start - offset : mark.end - offset].strip(".,;:")
            if mark.corrected:
                notes.append(f"“{word}”: {mark.note}")
            elif any(map(matters, word.split())):
                unsure.append(f"“{word}”")
        notes += [mark.note for mark in typed if mark.note]
    if unsure:  # one line, which keeps the findings below in sight; what else a word could be, it says itself
        notes.append(f"{UNSURE}{'s' if len(unsure) > 1 else ''}: {', '.join(dict.fromkeys(unsure))}")
    notes_html = "".join(f'<p class="note">{escape(note)}</p>' for note in dict.fromkeys(notes))
    return f"<p>{' '.join(texts)}</p>{notes_html}"


def _by(statement: Sentence | Statement, html: str) -> str:
    """Text with its origin in words where it rests on no dictation, and set apart."""
    origin = ORIGINS.get(statement.origin)
    return f'<span class="apart">{html} <span class="origin">{origin}</span></span>' if origin else html


def _written(page: _Page, row: Row) -> str:
    report = page.view.case.report
    statements = [s for s in report.statements if s.id in row.statement_ids]
    if not statements:
        return f'<p class="not">{"not in the report" if row.sentence_ids else "not dictated"}</p>'
    spans = report.spans
    return "<p>" + " ".join(_statement(page, s, spans[s.id][0]) for s in statements) + "</p>"


def _statement(page: _Page, statement: Statement, start: int) -> str:
    said = said_marks(page.view.case.dictation, statement, start, page.takes)
    html = f'<span class="wording">{marked_html(statement.text, [*page.written, *said], start)}</span>'
    if statement.kept:
        html += f' <span class="origin kept">kept as dictated: {escape(statement.kept)}</span>'
    if statement.accepted_by:
        html = f'<span class="apart">{html} <span class="origin accepted">{_accepted(statement)}</span></span>'
    else:
        html = _by(statement, html)
    reachable = ' tabindex="0"' if page.may_edit else ""
    return f'<span class="statement" {_named(statement)}{reachable}>{html}</span>'


def _suggested(case: Case, keys: Mapping[str, str]) -> str:
    """What a model says without evidence in the dictation: apart, because it is not in the report until accepted."""
    suggested = [s for s in case.report.statements if s.origin == "suggested" or s.accepted_by]
    if not suggested:
        return ""
    writer = case.engines.get("writer")
    by = f" by {escape(writer.name)}" if writer else ""
    outside = "" if any(statement.accepted_by for statement in suggested) else " and not in the report"
    items = "".join(_suggestion(statement, keys) for statement in suggested)
    return (
        f'<aside class="suggested" aria-label="suggestions"><h3>Suggested{by}, not dictated{outside}</h3>'
        f"<ul>{items}</ul></aside>"
    )


def _suggestion(statement: Statement, keys: Mapping[str, str]) -> str:
    place = escape(statement.organ or statement.section.capitalize())
    state = f' <span class="origin">{_accepted(statement)}</span>' if statement.accepted_by else ""
    key = keys.get("take_back" if statement.accepted_by else "accept", "")
    return (
        f'<li {_named(statement)}><span class="origin">{place}:</span> {escape(statement.text)}'
        f'{state}<span class="keys">{key}</span></li>'
    )


def _named(statement: Statement) -> str:
    """Which statement the page changes, and what it read there: another may have its id by then."""
    return f'data-statement="{escape(statement.id)}" data-says="{escape(statement.text)}"'


def _accepted(statement: Statement) -> str:
    return f"suggested, accepted by {escape(statement.accepted_by)}"


def _taken_back(case: Case) -> str:
    if not case.dictation.retracted:
        return ""
    words = "; ".join(
        f"“{escape(r.text)}”" + (f" ({escape(r.command)})" if r.command else "") for r in case.dictation.retracted
    )
    return f'<p class="note taken-back">Corrected while dictating: {words}</p>'
