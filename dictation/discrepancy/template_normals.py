"""Normals of a chosen template beside what the report says: none may stand against a finding without somebody's answer.

A sentence whose finding names no organ that is known may speak against any of them: it is asked to which it belongs.
And where a report came to say something of an organ whose normal still stands, by an edit or by typing, the two stand
on one card.
"""

from collections.abc import Iterator

from dictation.discrepancy.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.exam import ExamFacts, Order
from dictation.findings import extract
from dictation.findings.exam_match import other_modality, other_region
from dictation.report import Report, Statement, Template
from dictation.report.concern import concerned, is_news
from dictation.report.normals import of_sentence, unplaced
from dictation.report.place import BODY, PREFACES
from dictation.report.statements import is_definite
from dictation.report.template import OTHER
from dictation.wording import Dictation, Sentence


def template_normals(
    dictation: Dictation, report: Report, template: Template | None, order: Order | None = None
) -> list[Discrepancy]:
    """Return the critical cards of the normals that stand in a report; `template` is the one that was chosen for it.

    `choices` of a question are the headings to which its sentence may belong. One card tells that the template is of
    another exam than the `order`: its normals speak of what nobody looked at.
    """
    standing = {one.organ: one for one in report.findings if one.origin == "template" and one.organ}
    if template is None or not standing:
        return []
    sentences = {sentence.id: sentence for sentence in dictation.sentences}
    said = [one for one in report.statements if one.section in BODY and one.origin not in ("template", "suggested")]
    asked = {sentence.id for sentence in unplaced(_as_written(said, sentences), template)}
    found = _of_another_exam(list(standing.values()), report, template, order)
    for statement in said:
        if statement.id in asked:
            found.append(_question(statement, report, len(standing), template))
        else:
            found += _beside(statement, standing, report, template, sentences)
    if not any(sentence.section == "findings" for sentence in dictation.sentences):  # else each stands where it was put
        found += _only_before(said, report, template)
    return found


def _of_another_exam(
    normals: list[Statement], report: Report, template: Template, order: Order | None
) -> list[Discrepancy]:
    """The card that the template is of another exam than the one that was ordered, where both say which."""
    exams = template.exams
    if order is None or not exams.body_parts:
        return []
    kinds = exams.modality_words[:1] or ("",)
    made = [
        ExamFacts(modality=code, procedure=f"{kinds[0]} {part}", body_part=part)
        for code in exams.modalities
        for part in exams.body_parts
    ]
    if not made or not all(other_modality(order, one) or other_region(order, one) for one in made):
        return []
    first = normals[0]
    ordered = order.procedure or f"{order.modality} {order.body_part}".strip()
    return [
        Discrepancy(
            id=discrepancy_id("exam", "template", template.name, ordered),
            kind="exam",
            severity="critical",
            written=Side(text=first.text, span=report.spans[first.id]),
            explanation=f"The template \u201c{template.title}\u201d is of another exam than the order "
            f"(\u201c{ordered}\u201d): its normals speak of what was not examined. Choose another template.",
        )
    ]


def _only_before(said: list[Statement], report: Report, template: Template) -> Iterator[Discrepancy]:
    """Findings that stand under the reason for the exam, of organs of which the findings say nothing."""
    before = [one for one in report.statements if one.section in PREFACES and one.origin not in ("template", "order")]
    before = [one for one in before if is_definite(one.text)]
    if not before:
        return
    told = {one.organ for one in report.findings} | {h for one in said for h in concerned(one.text, template).headings}
    for statement in before:
        if headings := sorted(set(concerned(statement.text, template).headings) - told):
            yield Discrepancy(
                id=discrepancy_id("site", "before findings", statement.text),
                kind="site",
                severity="major",
                written=Side(text=statement.text, span=report.spans[statement.id]),
                explanation=f"This stands under {statement.section.capitalize()} only, and the findings say nothing of "
                f"{' and '.join(headings)}: is it a finding of this exam?",
            )


def _as_written(said: list[Statement], sentences: dict[str, Sentence]) -> list[Sentence]:
    """The statements as sentences, each with its own id, in the organ that a person chose for what it rests on."""
    return [
        Sentence(
            id=one.id,
            text=one.text,
            section=one.section,
            organ=next((sentences[id].organ for id in one.evidence if id in sentences), None),
        )
        for one in said
    ]


def _question(statement: Statement, report: Report, standing: int, template: Template) -> Discrepancy:
    number = "1 normal" if standing == 1 else f"{standing} normals"
    return Discrepancy(
        id=discrepancy_id("site", "organ", statement.text),
        kind="site",
        severity="critical",
        written=Side(text=statement.text, span=report.spans[statement.id]),
        explanation="To which organ does this belong? It names none that is known, and it may speak against "
        f"{number} of the template.",
        choices=(*(one.heading for one in template.organs), OTHER),
    )


def _beside(
    statement: Statement,
    standing: dict[str, Statement],
    report: Report,
    template: Template,
    sentences: dict[str, Sentence],
) -> Iterator[Discrepancy]:
    """The normals that stand beside a statement which says a finding of their organ."""
    if not any(is_news(claim) for claim in extract(statement.text)):
        return
    chosen = next((sentences[id] for id in statement.evidence if id in sentences and sentences[id].organ), None)
    for heading in (of_sentence(chosen, template) if chosen else concerned(statement.text, template)).headings:
        if normal := standing.get(heading):
            yield Discrepancy(
                id=discrepancy_id("contradiction", "normal", normal.text, statement.text),
                kind="contradiction",
                severity="critical",
                written=Side(text=statement.text, span=report.spans[statement.id]),
                against=Side(text=normal.text, span=report.spans[normal.id]),
                explanation=f"The normal of {heading} from the template stands beside a finding of it: change one.",
            )
