"""The templates on the shelf: those that come along, the department's in SHARED/templates, the user's own in
HOME/templates (on a server where users sign in HOME/users/NAME/templates); and which one an order takes.

A user's file takes the place of the department's of the same name, and this of one that comes along. A change counts
from the next time that the templates are asked for; a file that cannot be used is passed over, and `template_faults`
says why.
"""

from collections.abc import Sequence
from pathlib import Path

from dictation.exam import ExamFacts, Order
from dictation.findings.exam_match import facts_of_exam
from dictation.report.own_files import read_all, toml_files
from dictation.report.template import Exams, Template, available_templates, fits_exam, load_template, template_from

FOLDER = "templates"  # in HOME
DAYS_A_YEAR = 365.25


def templates_of(home: Path | None, shared: Path | None = None) -> tuple[Template, ...]:
    """Return the templates that can be chosen: own ones, by file name, the department's, then the packaged ones."""
    own, _ = _own(home)
    names = {template.name for template in own}
    others = [template for template in _own(shared)[0] if template.name not in names]
    names |= {template.name for template in others}
    return (*own, *others, *(load_template(name) for name in available_templates() if name not in names))


def template_faults(folder: Path | None) -> tuple[str, ...]:
    """Return a sentence for each template file of HOME or SHARED that cannot be used, with the fix."""
    return _own(folder)[1]


def _own(home: Path | None) -> tuple[tuple[Template, ...], tuple[str, ...]]:
    return read_all(toml_files(home / FOLDER), "a template", template_from) if home else ((), ())


def template_named(name: str, templates: Sequence[Template]) -> Template | None:
    """Return the template of that name, None where it is gone: its file may have been renamed since the case began."""
    return next((template for template in templates if template.name == name), None)


def fitting_template(order: Order | None, facts: ExamFacts | None, templates: Sequence[Template]) -> Template | None:
    """Return the template that an order, else an image header, chooses; None where none fits.

    One with default normals only where its user said so (`default = true`). Of several the one that asks most of the
    exam: a procedure before a body part, one for this patient's sex or age before one for all; then the first.
    """
    sources: list[tuple[str, str, str]] = []
    facts = facts_of_exam(order, facts)
    if order is not None:
        sources.append((order.modality, order.procedure, order.body_part))
    if facts is not None:
        sources.append((facts.modality, facts.procedure, facts.body_part))
    sex, age = _sex_and_age(order or Order(), facts or ExamFacts())
    for modality, procedure, body_part in sources:
        fitting = [
            template
            for template in templates
            if (template.default or not template.default_normals)
            and fits_exam(template.exams, modality.upper(), f"{body_part} {procedure}")
            and _fits_patient(template.exams, sex, age)
        ]
        if fitting:
            return max(fitting, key=lambda template: _asks(template, modality, procedure))
    return None


def _asks(template: Template, modality: str, procedure: str) -> tuple[bool, bool, bool]:
    """How much a template that fits asks of the exam: what `max` takes."""
    exams = template.exams
    by_procedure = bool(exams.procedures) and fits_exam(Exams(procedures=exams.procedures), modality, procedure)
    return template.default, by_procedure, exams.sex is not None or (exams.age_from, exams.age_below) != (0, 200)


def _fits_patient(exams: Exams, sex: str | None, age: float | None) -> bool:
    if exams.sex is not None and sex != exams.sex:
        return False
    if (exams.age_from, exams.age_below) == (0, 200):
        return True
    return age is not None and exams.age_from <= age < exams.age_below


def _sex_and_age(order: Order, facts: ExamFacts) -> tuple[str | None, float | None]:
    """Sex, and age in years at the exam: as the order states them, else the header."""
    born = order.birth_date or facts.patient.birth_date
    performed = order.performed or facts.performed
    sex = order.sex or facts.patient.sex
    if born and performed and born <= performed:
        return sex, (performed - born).days / DAYS_A_YEAR
    return sex, order.age if order.age is not None else facts.patient.age_years
