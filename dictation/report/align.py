"""Heard and written side by side: one row for each section or organ, in the order of the report."""

from functools import cache

from dictation.frozen import Frozen
from dictation.report.organs import Index, index_of, mentioned, organ_keywords, organs_named
from dictation.report.place import Place, places
from dictation.report.report import SECTIONS, Report, Section
from dictation.report.template import OTHER, Template, available_templates, choose_template, load_template
from dictation.wording import Dictation


class Row(Frozen):
    """What was heard and what is written under one heading. `organ` is None outside the findings."""

    section: Section
    organ: str | None
    sentence_ids: tuple[str, ...]
    statement_ids: tuple[str, ...]


def align_rows(dictation: Dictation, report: Report, template: Template | None = None) -> list[Row]:
    """Return rows in which every dictated sentence and every statement of the report's text stands.

    A sentence stands beside the statements that name it as evidence; one that none names (the report was written by
    somebody else, or leaves it out) stands where the rules of the extractive writer put it. `template` gives the names
    of organs, by default the one that fits the report's own.
    """
    template = template or _fitting(report)
    statements: dict[Place, list[str]] = {}
    sentences: dict[Place, list[str]] = {}
    cited: set[str] = set()
    for statement in report.statements:
        if statement.origin == "suggested":
            continue
        place = Place(statement.section, statement.organ)
        statements.setdefault(place, []).append(statement.id)
        sentences.setdefault(place, []).extend(statement.evidence)
        cited.update(statement.evidence)
    ordered = list(statements)
    texts = {sentence.id: sentence.text for sentence in dictation.sentences}
    for id, place in places(dictation.sentences, template).items():
        if id in cited:
            continue
        place = _as_written(place, texts[id], list(statements), template)
        sentences.setdefault(place, []).append(id)
        if place not in ordered:
            ordered.insert(_insertion(ordered, place, template), place)
    spoken = {sentence.id: number for number, sentence in enumerate(dictation.sentences)}
    return [
        Row(
            section=place.section,
            organ=place.organ,
            sentence_ids=tuple(sorted({i for i in sentences.get(place, ()) if i in spoken}, key=spoken.__getitem__)),
            statement_ids=tuple(statements.get(place, ())),
        )
        for place in ordered
    ]


def _as_written(place: Place, text: str, written: list[Place], template: Template) -> Place:
    """Return the place by the name that the report gives the organ: "Heart" for "Heart and mediastinum".

    Of several such names the one that the sentence speaks of counts: "Mediastinum" for a widened mediastinum.
    """
    if place.organ is None or place in written:
        return place
    alike = [one for one in written if one.organ and place.organ in template.headings_named(one.organ)]
    spoken = mentioned(text, _names())
    for organ in spoken:
        for one in alike:
            if organ in organs_named(one.organ or ""):
                return one
    return alike[0] if alike else place


@cache
def _names() -> Index[str]:
    return index_of(organ_keywords())


def _insertion(ordered: list[Place], place: Place, template: Template) -> int:
    """Return where a place that the report lacks goes: before the first that comes later in section or template."""
    headings = {heading: rank for rank, heading in enumerate(template.headings)}

    def rank(one: Place) -> tuple[int, int]:
        named = template.headings_named(one.organ) if one.organ else ()
        return SECTIONS.index(one.section), headings[named[0]] if named else len(headings)

    return next((index for index, other in enumerate(ordered) if rank(other) > rank(place)), len(ordered))


def _fitting(report: Report) -> Template:
    """Return the template whose headings the report uses most; for an even score the one that fits its exam."""
    used = {statement.organ for statement in report.findings if statement.organ != OTHER}
    exam = choose_template(exam_text=" ".join(s.text for s in (*report.exam, *report.technique)))
    others = [load_template(name) for name in available_templates()]
    return max([exam, *others], key=lambda one: len(used.intersection(one.headings)))
