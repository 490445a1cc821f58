"""'Take heard': the dictated wording of a card, as edits of the statements that it concerns."""

import re
from collections.abc import Sequence
from datetime import datetime

from dictation.case.case import Case
from dictation.case.draft import ReportEdit
from dictation.case.editing import rewording
from dictation.discrepancy import Discrepancy
from dictation.discrepancy.discrepancy import Edit
from dictation.errors import UsageError
from dictation.findings import extract
from dictation.report import Report, Statement, Template, available_templates, load_template
from dictation.report.extractive import template_for
from dictation.report.place import places
from dictation.report.report import Section

NO_WORDING = "This difference has no wording that could be taken in; press E and edit the sentence yourself."
IN_A_HEADING = "The dictated wording would change a heading of the report, so nothing was changed; press E and edit it."


def edits_of(
    case: Case, discrepancy: Discrepancy, by: str, at: datetime, template: Template | None = None
) -> tuple[ReportEdit, ...]:
    """Return the edits that bring what was heard into `case.report`, the report as it is shown.

    A lost sentence is added with its evidence, under its organ; an added one is taken out; another wording is changed
    where it stands. What was heard is never changed. `template` is the one that was chosen for its report. Raises
    UsageError, in one sentence, where the card has no wording for it or its place is no statement.
    """
    report = case.report
    if not discrepancy.edits:
        lone = _only_says(report, discrepancy)
        if lone is None:
            raise UsageError(NO_WORDING)
        return (rewording(report, lone, "", by, at, discrepancy.id),)
    texts: dict[str, str] = {}
    added: list[ReportEdit] = []
    for change in sorted(discrepancy.edits, key=lambda edit: edit.span, reverse=True):
        touched = [one for one in _in_text(report) if _overlaps(report, one, change)]
        if not touched:
            added.append(_addition(case, discrepancy, change, by, at, template))
        else:
            _change(report, touched, change, texts)
    statements = {one.id: one for one in _in_text(report)}
    changed = [rewording(report, statements[name], text, by, at, discrepancy.id) for name, text in texts.items()]
    if not changed and not added:
        raise UsageError(NO_WORDING)
    return (*reversed(changed), *reversed(added))


def has_heard_wording(case: Case, discrepancy: Discrepancy) -> bool:
    """Whether what was heard can be brought into the report: where `edits_of` raises, it is not offered."""
    try:
        edits_of(case, discrepancy, "", datetime.min)
    except UsageError:
        return False
    return True


def _in_text(report: Report) -> list[Statement]:
    return [statement for statement in report.statements if statement.id in report.spans]


def _overlaps(report: Report, statement: Statement, change: Edit) -> bool:
    start, end = report.spans[statement.id]
    low, high = change.span
    if low == high:
        return start <= low < end
    return low < end and start < high


def _change(report: Report, touched: Sequence[Statement], change: Edit, texts: dict[str, str]) -> None:
    """Put an edit into the statements that it touches; its words go into the first of them.

    Edits come from the end of the text on, so that the characters before them are still where they were.
    """
    low, high = change.span
    first, last = report.spans[touched[0].id][0], report.spans[touched[-1].id][1]
    words = change.text
    if low < first:  # white space between two statements, or the organ with which "Clear." is read
        outside = report.text[low:first]
        heading = outside.strip(" \n")
        if heading and heading != f"{touched[0].organ}:":
            raise UsageError(IN_A_HEADING)
        words = words.removeprefix(heading).lstrip(" \n")
    if high > last and report.text[last:high].strip(" \n"):
        raise UsageError(IN_A_HEADING)
    for number, statement in enumerate(touched):
        start, end = report.spans[statement.id]
        text = texts.get(statement.id, statement.text)
        cut, stop = max(low, start) - start, min(high, end) - start
        texts[statement.id] = _tidy(text[:cut] + (words if number == 0 else "") + text[stop:])


def _tidy(text: str) -> str:
    """A statement of which nothing but marks is left, is taken out."""
    text = re.sub(r" +", " ", text).strip()
    return text if re.search(r"\w", text) else ""


def _addition(
    case: Case, discrepancy: Discrepancy, change: Edit, by: str, at: datetime, template: Template | None
) -> ReportEdit:
    """A sentence of its own, where the dictated one belongs; without that, where the card would put it."""
    words = change.text.strip(" .\n")
    if change.span[0] != change.span[1] or not words:
        raise UsageError(IN_A_HEADING)
    evidence = _evidence(case, discrepancy)
    section, organ = _place(case, evidence, change.span[0], template or _template(case))
    return ReportEdit(
        section=section, organ=organ, evidence=evidence, after=f"{words}.", by=by, at=at, taken_from=discrepancy.id
    )


def _evidence(case: Case, discrepancy: Discrepancy) -> tuple[str, ...]:
    if discrepancy.heard is None or discrepancy.heard.span is None:
        return ()
    low, high = discrepancy.heard.span
    return tuple(name for name, (start, end) in case.dictation.spans.items() if low < end and start < high)


def _place(case: Case, evidence: Sequence[str], at: int, template: Template) -> tuple[Section, str | None]:
    if evidence:
        place = places(case.dictation.sentences, template)[evidence[0]]
        is_sorted = any(one.organ for one in case.report.findings) or not case.report.findings
        return place.section, place.organ if is_sorted else None
    before = [one for one in _in_text(case.report) if case.report.spans[one.id][1] <= at]
    if not before:
        raise UsageError(IN_A_HEADING)
    return before[-1].section, before[-1].organ


def _template(case: Case) -> Template:
    """The template by which the report was sorted, where its writer tells; else the one that fits the exam."""
    writer = case.engines.get("writer")
    name = writer.settings.get("template", "") if writer else ""
    if name in available_templates():
        return load_template(name)
    return template_for(case.dictation, case.orders[0] if case.orders else None)


def _only_says(report: Report, discrepancy: Discrepancy) -> Statement | None:
    """The statement that says what was not dictated and nothing else; a number may be another finding's."""
    side = discrepancy.written
    if discrepancy.kind != "addition" or discrepancy.seen or side is None or side.span is None:
        return None
    change = Edit(span=side.span, text="")
    found = [one for one in _in_text(report) if _overlaps(report, one, change)]
    if len(found) != 1 or re.search(r"\d", found[0].text) or len(extract(found[0].text)) != 1:
        return None
    return found[0]
