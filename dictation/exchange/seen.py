"""The third column: what each reader says it sees, beside the row that speaks of the same thing."""

from collections.abc import Sequence
from html import escape

from dictation.case import Case
from dictation.exchange.labels import finding_words
from dictation.reading import Opinion
from dictation.report import Row, available_templates, load_template
from dictation.report.template import OTHER

PRESENT_FROM = 0.5  # the probability that a Reading is scaled to: from here on the finding is held to be there
SEEN_ONLY = "Seen only"


def with_seen(case: Case, rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Return each row with the HTML of its third column.

    An opinion stands in the row of findings whose claims are about it or whose words name it, else in the row of its
    organ. What no row speaks of stands in a row of its own after the findings, so that nothing seen goes missing.
    """
    cells: list[list[str]] = [[] for _ in rows]
    findings = [index for index, row in enumerate(rows) if row.section == "findings"]
    elsewhere: list[str] = []
    for reading in case.readings:
        by = f" · {escape(reading.reader)}" if len(case.readings) > 1 else ""
        for opinion in reading.opinions:
            place = _place(case, rows, findings, opinion.finding)
            (elsewhere if place is None else cells[place]).append(_opinion(opinion, by))
    if not case.readings:
        cells[findings[0]].append('<p class="not">not assessed: no reading of the image</p>')
    placed = [(row, "".join(cell)) for row, cell in zip(rows, cells, strict=True)]
    if elsewhere:
        extra = Row(section="findings", organ=SEEN_ONLY, sentence_ids=(), statement_ids=())
        placed.insert(findings[-1] + 1, (extra, "".join(elsewhere)))
    return placed


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
    if not opinion.assessed or opinion.probability is None:
        return f'<p class="not">{name} not assessed: {escape(opinion.reason)}{by}</p>'
    present = opinion.probability >= PRESENT_FROM
    side = f"{opinion.laterality} " if opinion.laterality and opinion.side_assessed else ""
    change = f", {opinion.change}" if opinion.change else ""
    unsided = ", side not assessed" if present and not opinion.side_assessed else ""
    return (
        f"<p>{'' if present else 'no '}{side if present else ''}{name}{change} "
        f'<span class="origin">probability&nbsp;{opinion.probability:.2f}{unsided}{by}</span></p>'
    )
