"""The third column: what each reader says it sees, beside the row that speaks of the same thing."""

from collections.abc import Sequence
from html import escape

from dictation.case import Case
from dictation.exchange.labels import COLUMNS, NO_READER, capital, finding_words
from dictation.exchange.view import CaseView
from dictation.reading import Opinion, Reading
from dictation.report import Row, available_templates, load_template
from dictation.report.template import OTHER

PRESENT_FROM = 0.5  # the probability that a Reading is scaled to: from here on the finding is held to be there
SEEN_ONLY = f"{capital(COLUMNS['seen'])} only"
LATER = "shown after the dictation"

_Told = tuple[str, Opinion]  # after the name of its reader, "" where there is only one


def with_seen(view: CaseView, rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Return each row with the HTML of its third column.

    An opinion stands in the row of findings whose claims are about it or whose words name it, else in the row of its
    organ. What no row speaks of stands in a row of its own after the findings, so that nothing seen goes missing.
    """
    case = view.case
    findings = [index for index, row in enumerate(rows) if row.section == "findings"]
    found: list[list[_Told]] = [[] for _ in rows]
    elsewhere: list[_Told] = []
    comes = view.stage != "compared" and (case.readings or ("eye" in case.engines and view.images))
    whole = f'<p class="not">{LATER if comes else NO_READER}</p>' if comes or not case.readings else ""
    seeing = [reading for reading in case.readings if any(opinion.assessed for opinion in reading.opinions)]
    whole += "".join(_nothing_assessed(one) for one in case.readings if one.opinions and one not in seeing)
    for reading in seeing:
        by = reading.reader if len(seeing) > 1 else ""
        for opinion in reading.opinions:
            place = _place(case, rows, findings, opinion.finding)
            (elsewhere if place is None else found[place]).append((by, opinion))
    cells = [_cell(told) for told in found]
    cells[findings[0]] = whole + cells[findings[0]]
    placed = list(zip(rows, cells, strict=True))
    if elsewhere:
        extra = Row(section="findings", organ=SEEN_ONLY, sentence_ids=(), statement_ids=())
        placed.insert(findings[-1] + 1, (extra, _cell(elsewhere)))
    return placed


def _cell(told: Sequence[_Told]) -> str:
    by_reader: dict[str, list[Opinion]] = {}
    for reader, opinion in told:
        by_reader.setdefault(reader, []).append(opinion)
    return "".join(
        (f'<p class="origin">{escape(reader)}</p>' if reader else "") + _opinions(opinions)
        for reader, opinions in by_reader.items()
    )


def _opinions(opinions: Sequence[Opinion]) -> str:
    """What is seen, a line each; then what is not, in one paragraph; then what is not assessed, each reason once."""
    html, absent, unsided = "", [], []
    silent: dict[str, list[str]] = {}
    for opinion in opinions:
        name = finding_words(opinion.name)
        if not opinion.assessed or opinion.probability is None:
            silent.setdefault(f"not assessed: {opinion.reason}", []).append(name)
        elif opinion.probability < PRESENT_FROM:
            absent.append(f"no {escape(name)}")
        else:
            html += f"<p>{_seen(opinion)}</p>"
            if not opinion.reason and not opinion.side_assessed:
                unsided.append(name)
            for reason in filter(None, opinion.reason.split("; ")):
                what, _, why = reason.partition(": ")
                silent.setdefault(f"{what} not assessed: {why}" if why else f"({reason})", []).append(name)
    html += f'<p class="quiet">{", ".join(absent)}</p>' if absent else ""
    lines = [f"{', '.join(names)} {why}" for why, names in silent.items()]
    if unsided:
        lines.append(f"{'side' if len(unsided) == 1 else 'sides'} not assessed")
    return html + "".join(f'<p class="note">{escape(line)}</p>' for line in lines)


def _seen(opinion: Opinion) -> str:
    side = f"{opinion.laterality} " if opinion.laterality and opinion.side_assessed else ""
    change = f", {opinion.change}" if opinion.change else ""
    return escape(f"{side}{finding_words(opinion.name)}{change}")


def _nothing_assessed(reading: Reading) -> str:
    """One line for a reader that assessed nothing, which unfolds to the reasons."""
    reasons: dict[str, list[str]] = {}
    for opinion in reading.opinions:
        reasons.setdefault(opinion.reason, []).append(finding_words(opinion.finding))
    if len(reasons) == 1:
        items = f"<p>{escape(next(iter(reasons)))}</p>"
    else:
        items = "".join(f"<p>{escape(', '.join(names))}: {escape(reason)}</p>" for reason, names in reasons.items())
    return f'<details class="none"><summary>not assessed by {escape(reading.reader)}</summary>{items}</details>'


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
