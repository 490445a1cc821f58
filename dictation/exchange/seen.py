"""The third column: what each reader says it sees, beside the row that speaks of the same thing."""

from collections.abc import Sequence
from html import escape

from dictation.case import Case
from dictation.exchange.labels import finding_words
from dictation.reading import Opinion
from dictation.report import Row

PRESENT_FROM = 0.5  # the probability that a Reading is scaled to: from here on the finding is held to be there


def seen_cells(case: Case, rows: Sequence[Row]) -> list[str]:
    """Return the HTML of the third column, one cell for each row.

    An opinion stands in the first row of findings whose words name its finding or whose claims are about it; one that
    no row speaks of stands in the last row of findings.
    """
    cells: list[list[str]] = [[] for _ in rows]
    findings = [index for index, row in enumerate(rows) if row.section == "findings"]
    for reading in case.readings:
        by = f" · {escape(reading.reader)}" if len(case.readings) > 1 else ""
        for opinion in reading.opinions:
            place = next((index for index in findings if _speaks_of(case, rows[index], opinion.finding)), findings[-1])
            cells[place].append(_opinion(opinion, by))
        if reading.description:
            cells[findings[-1]].append(f"<p>{escape(reading.description)}{by}</p>")
    if not case.readings:
        cells[findings[0]].append('<p class="not">not assessed: no reading of the image</p>')
    return ["".join(cell) for cell in cells]


def _speaks_of(case: Case, row: Row, finding: str) -> bool:
    for difference in case.discrepancies:
        for side, ids in ((difference.heard, row.sentence_ids), (difference.written, row.statement_ids)):
            if side and side.claim and side.claim.finding == finding and side.claim.sentence in ids:
                return True
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
    calibrated = "" if opinion.calibrated else ", not calibrated"
    return (
        f"<p>{'' if present else 'no '}{side if present else ''}{name}{change} "
        f'<span class="origin">probability {opinion.probability:.2f}{unsided}{calibrated}{by}</span></p>'
    )
