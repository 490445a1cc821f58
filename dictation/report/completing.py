"""Some statements of a dictation → the whole report: nothing dictated is lost, whatever was written of it."""

from collections.abc import Iterable, Mapping, Sequence

from dictation.exam import Order
from dictation.imaging import Study
from dictation.report.extractive import ExtractiveWriter, template_for
from dictation.report.report import SECTIONS, Report, Statement
from dictation.report.template import Template
from dictation.report.writer import Correction
from dictation.wording import Dictation

LEFT_OUT = "the model left it out"


def completed(
    written: Sequence[Statement],
    dictation: Dictation,
    *,
    why: Mapping[str, str],
    order: Order | None = None,
    study: Study | None = None,
    template: Template | None = None,
    corrections: Sequence[Correction] = (),
) -> Report:
    """Return the report of the statements `written` and of everything else that belongs in it.

    These are the sentences that no statement cites, as dictated and placed by rules, each with the reason in `why` by
    its id; what order and header state on sections that are silent; and what the chosen template has for headings and
    sections that are. With `corrections` only their sentences belong in it.
    """
    by_rules = ExtractiveWriter()
    extracted = by_rules.write(dictation, order=order, study=study, template=template, corrections=corrections)
    stated = Report() if corrections else by_rules.write(Dictation(sentences=()), order=order, study=study)
    used = template or template_for(dictation, order, study)
    chosen = {one.id: one.organ for one in dictation.sentences if one.organ in used.headings}
    written = [_under_chosen(statement, chosen) for statement in written]
    cited = {name for statement in written for name in statement.evidence}
    added = [
        statement.model_copy(update={"kept": why.get(statement.evidence[0], LEFT_OUT)})
        for statement in extracted.statements
        if statement.evidence and cited.isdisjoint(statement.evidence)
    ]
    spoken = [*(statement for statement in written if statement.origin != "suggested"), *added]
    sections = {statement.section for statement in spoken}
    headings = {statement.organ for statement in spoken}
    added += [statement for statement in stated.statements if statement.section not in sections]
    added += [
        statement
        for statement in extracted.statements
        if statement.origin == "template"
        and (statement.organ not in headings if statement.organ else statement.section not in sections)
    ]
    return _numbered([*written, *added], dictation, used)


def _under_chosen(statement: Statement, chosen: Mapping[str, str | None]) -> Statement:
    """The statement under the heading that a person chose for a sentence that it rests on, whatever the model made."""
    organ = next((chosen[name] for name in statement.evidence if name in chosen), None)
    return statement.model_copy(update={"organ": organ}) if organ and statement.section == "findings" else statement


def _numbered(statements: Iterable[Statement], dictation: Dictation, template: Template) -> Report:
    """Number the statements in reading order: sections, then headings as the template has them, then as dictated."""
    headings = {heading: place for place, heading in enumerate(template.headings)}
    said = {sentence.id: place for place, sentence in enumerate(dictation.sentences)}

    def place(statement: Statement) -> tuple[int, int, int]:
        first = min((said[name] for name in statement.evidence), default=len(said))
        return SECTIONS.index(statement.section), headings.get(statement.organ or "", -1), first

    sections: dict[str, list[Statement]] = {name: [] for name in SECTIONS}
    for number, statement in enumerate(sorted(statements, key=place), 1):
        sections[statement.section].append(statement.model_copy(update={"id": f"r{number}"}))
    return Report(**{name: tuple(found) for name, found in sections.items()})
