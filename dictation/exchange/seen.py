"""The third column: what each reader says it sees, beside the row that speaks of the same thing."""

from collections.abc import Sequence
from html import escape

from dictation.case import Case
from dictation.exchange.labels import finding_words
from dictation.exchange.view import CaseView
from dictation.reading import Opinion, Reading
from dictation.report import Row, available_templates, load_template
from dictation.report.template import OTHER

PRESENT_FROM = 0.5  # the probability that a Reading is scaled to: from here on the finding is held to be there
SEEN_ONLY = "Seen only"
NO_READING = "not assessed: no reading of the image"

_Told = tuple[Opinion, str]  # and by whom, where there are several readers


def with_seen(view: CaseView, rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Return each row with the HTML of its third column.

    An opinion stands in the row of findings whose claims are about it or whose words name it, else in the row of its
    organ. What no row speaks of stands in a row of its own after the findings, so that nothing seen goes missing.
    Before the comparison nothing seen is told.
    """
    case = view.case
    findings = [index for index, row in enumerate(rows) if row.section == "findings"]
    found: list[list[_Told]] = [[] for _ in rows]
    elsewhere: list[_Told] = []
    whole = ""
    if view.stage != "compared":
        waits = "shown after the dictation" if case.readings or "eye" in case.engines else NO_READING
        whole = f'<p class="not">{waits}</p>'
    elif not case.readings:
        whole = f'<p class="not">{NO_READING}</p>'
    for reading in case.readings if view.stage == "compared" else ():
        by = f" · {escape(reading.reader)}" if len(case.readings) > 1 else ""
        if reading.opinions and not any(opinion.assessed for opinion in reading.opinions):
            whole += _nothing_assessed(reading)
            continue
        for opinion in reading.opinions:
            place = _place(case, rows, findings, opinion.finding)
            (elsewhere if place is None else found[place]).append((opinion, by))
    cells = [_cell(told) for told in found]
    cells[findings[0]] = whole + cells[findings[0]]
    placed = list(zip(rows, cells, strict=True))
    if elsewhere:
        extra = Row(section="findings", organ=SEEN_ONLY, sentence_ids=(), statement_ids=())
        placed.insert(findings[-1] + 1, (extra, _cell(elsewhere)))
    return placed


def _cell(told: Sequence[_Told]) -> str:
    """What is seen first, then what is not assessed, each reason once."""
    seen = "".join(_opinion(opinion, by) for opinion, by in told if opinion.assessed)
    silent: dict[tuple[str, str], list[str]] = {}
    for opinion, by in told:
        if not opinion.assessed:
            silent.setdefault((opinion.reason, by), []).append(finding_words(opinion.finding))
    return seen + "".join(
        f'<p class="not">{escape(", ".join(names))} not assessed: {escape(reason)}{by}</p>'
        for (reason, by), names in silent.items()
    )


def _nothing_assessed(reading: Reading) -> str:
    """One line for a reader that assessed nothing; where it had several reasons, the findings with them are folded."""
    reasons: dict[str, list[str]] = {}
    for opinion in reading.opinions:
        reasons.setdefault(opinion.reason, []).append(finding_words(opinion.finding))
    line = f"nothing assessed by {escape(reading.reader)}"
    if len(reasons) == 1:
        return f'<p class="not">{line}: {escape(next(iter(reasons)))}</p>'
    items = "".join(f"<p>{escape(', '.join(names))}: {escape(reason)}</p>" for reason, names in reasons.items())
    return f'<details class="not"><summary>{line}: {len(reasons)} reasons</summary>{items}</details>'


def _place(case: Case, rows: Sequence[Row], findings: Sequence[int], finding: str) -> int | None:
    for speaks in (_claims, _names):
        for index in findings:
            if speaks(case, rows[index], finding):
                return index
    for template in map(load_template, available_templates()):
        heading = template.organ_of(finding_words(finding))
        for index in findings if heading != OTHER else ():
            organ = rows[index].organ or ""
            if heading in (organ, template.organ_of(organ)):
                return index
    return None


def _claims(case: Case, row: Row, finding: str) -> bool:
    return any(
        side and side.claim and side.claim.finding == finding and side.claim.sentence in ids
        for difference in case.discrepancies
        for side, ids in ((difference.heard, row.sentence_ids), (difference.written, row.statement_ids))
    )


def _names(case: Case, row: Row, finding: str) -> bool:
    words = finding_words(finding).casefold()
    heard = [s.text for s in case.dictation.sentences if s.id in row.sentence_ids]
    written = [s.text for s in case.report.statements if s.id in row.statement_ids]
    return any(words in text.casefold() for text in (*heard, *written))


def _opinion(opinion: Opinion, by: str) -> str:
    name = escape(finding_words(opinion.finding))
    present = (opinion.probability or 0.0) >= PRESENT_FROM
    side = f"{opinion.laterality} " if opinion.laterality and opinion.side_assessed else ""
    change = f", {opinion.change}" if opinion.change else ""
    unsided = ", side not assessed" if present and not opinion.side_assessed and not opinion.reason else ""
    why = f", not assessed: {escape(opinion.reason)}" if opinion.reason else ""
    return (
        f"<p>{'' if present else 'no '}{side if present else ''}{name}{change} "
        f'<span class="origin">probability&nbsp;{opinion.probability:.2f}{unsided}{why}{by}</span></p>'
    )
