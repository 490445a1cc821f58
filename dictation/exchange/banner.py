"""Whose case this is and which engines made it: always in sight, so that a wrong patient is seen at once."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any

from dictation.case import Case
from dictation.case.ordered import NO_EXAM, NO_PATIENT
from dictation.discrepancy.identity import differing_fields, disagreeing_orders
from dictation.exam import ExamFacts, Order, Patient, of_exams
from dictation.exchange.labels import COLUMNS, NO_READER, clock
from dictation.exchange.view import CaseView
from dictation.findings.exam_match import facts_of_exam, other_side
from dictation.speech import Engine

NO_PATIENT_DATA = "image has no patient data"
AGREE = '<span class="agree"><i aria-hidden="true">✓</i> patient of order and image agree</span>'


def banner_html(view: CaseView, *, locked_by: str = "", sent: bool = False, asked: Sequence[str] = ()) -> str:
    """Return the banner of one case: patient and exam from the order, else from the image header; engines; state.

    `locked_by` names who works on the case elsewhere, where this page may only read it; `sent` says that the signed
    report was brought to where it belongs; `asked` are sentences on its order that must not be overlooked.
    """
    case = view.case
    order = case.orders[0] if case.orders else Order()
    facts = facts_of_exam(of_exams(case.orders), case.facts) or ExamFacts()
    patient = _patient(order, facts)
    exam = " · ".join(filter(None, (order.procedure or facts.procedure, order.laterality or facts.laterality or "")))
    accession = order.accession or facts.accession
    person = (
        f"<b>{escape(_named(patient))}</b>",
        escape(_sex_and_age(patient, facts.performed)),
        _agreement(case, has_images=bool(view.images)),
    )
    examined = (
        escape(exam or NO_EXAM),
        f'<span class="accession">Acc {escape(accession)}</span>' if accession else "",
        f'<span class="quiet">{facts.performed.isoformat()}</span>' if facts.performed else "",
    )
    identity, of_exam = ("".join(f"<span>{item}</span>" for item in items if item) for items in (person, examined))
    typed = "typed" if case.dictation.sentences else "no dictation yet"
    spoken = f"<span>dictation {clock(view.duration_s)}</span>" if view.duration_s else f"<span>{typed}</span>"
    if view.served and view.stage == "given":
        spoken = ""  # the page's own clock and text say it while they grow
    of_order = f'<div class="asked">{"".join(_grave(escape(sentence)) for sentence in asked)}</div>' if asked else ""
    state = case.state.capitalize() + (", sent" if sent else "")
    lock = f'<span class="lock">read only: {escape(locked_by)} works on this case</span>' if locked_by else ""
    return (
        f'<header class="banner"><div class="identity">{identity}{lock}<b class="state">{state}</b></div>'
        f'<div class="exam">{of_exam}<div class="engines"><h2>{escape(view.title)}</h2>{engines_html(case)}{spoken}'
        f"</div></div>{of_order}</header>"
    )


def patient_name(orders: tuple[Order, ...], facts: ExamFacts | None) -> str:
    """Return whose case it is, as the banner says: by its first order, else by the image header."""
    order = orders[0] if orders else Order()
    return _named(_patient(order, facts_of_exam(of_exams(orders), facts) or ExamFacts()))


def _patient(order: Order, facts: ExamFacts) -> dict[str, Any]:
    stated = [order.patient, facts.patient]
    return {name: next((v for p in stated if (v := getattr(p, name))), None) for name in Patient.model_fields}


def _named(patient: dict[str, Any]) -> str:
    return str(patient["name"] or NO_PATIENT)


def _agreement(case: Case, *, has_images: bool) -> str:
    """Whether all orders and the image header name one patient: looked at before anything is dictated."""
    if not case.orders:
        return '<span class="quiet">no order to check the patient against</span>'
    if case.facts is not None and (differing := differing_fields(case.orders[0], case.facts)):
        return _different("order and image", differing)
    if facts_of_exam(of_exams(case.orders), case.facts) is None and case.facts is not None:
        return _grave("the image is of another exam than the order")
    if case.facts is not None and other_side(of_exams(case.orders) or Order(), case.facts):
        return _grave("the image is of the other side than the order")
    for number, other, differing in disagreeing_orders(case.orders, case.facts):
        return _different(f"order {number} and {other}", differing)
    if case.facts is None:
        return f'<span class="quiet">{NO_PATIENT_DATA if has_images else "no image"}</span>'
    if all(_is_comparable(order, case.facts.patient) for order in case.orders):
        return AGREE
    return '<span class="quiet">too little to compare patient and image</span>'


def _different(sides: str, fields: list[str]) -> str:
    return _grave(f"{sides} may name different patients: {', '.join(fields)}")


def _grave(html: str) -> str:
    return f'<span class="severity critical"><i aria-hidden="true">▲</i> {html}</span>'


def _is_comparable(order: Order, header: Patient) -> bool:
    """Whether both state enough for their agreement to mean something."""
    has_number = order.patient_id and header.patient_id
    return bool(has_number or all((order.name, header.name, order.birth_date, header.birth_date)))


def engines_html(case: Case) -> str:
    """Return what made each column; "no image AI" where an engine of one is missing."""
    names = {role: engine_name(engine) for role, engine in case.engines.items()}
    eye = case.engines.get("eye")
    read = [engine_name(reading.engine) if reading.engine else reading.reader for reading in case.readings]
    if eye and eye.name not in (reading.reader for reading in case.readings):
        read.append(engine_name(eye))
    eyes = ", ".join(read)
    writer = names.get("writer") or ("as given" if case.report.statements else "")
    is_polished = "writer" in names and case.engines["writer"].settings.get("style") == "polish"
    by = "report polished by" if is_polished else "report by" if "writer" in names else COLUMNS["written"]
    named = (
        ("recognizer", names.get("ear"), "no recognizer"),
        (by, writer, "no report"),
        (COLUMNS["seen"], eyes, NO_READER),
    )
    return "".join(
        f'<span>{words} <b title="{escape(name)}">{escape(name)}</b></span>' if name else f"<span>{none}</span>"
        for words, name, none in named
    )


def engine_name(engine: Engine) -> str:
    """An engine in a few words: name, model where it says more, precision, and what it stands in for."""
    instead = engine.settings.get("instead_of")
    model = engine.model.rsplit("/", 1)[-1] if engine.model != engine.name else ""
    name = "" if model.startswith(engine.name) else engine.name
    words = " ".join(filter(None, (name, model, engine.precision)))
    return words + (f" instead of {instead}" if instead else "")


def _sex_and_age(patient: dict[str, object], performed: date | None) -> str:
    sex = {"F": "F", "M": "M", "O": "other sex"}.get(str(patient["sex"]), "")
    born, years = patient["birth_date"], patient["age_years"]
    if isinstance(born, date):
        age = f"born {born.isoformat()}"
        if performed:
            age += f", {performed.year - born.year - ((performed.month, performed.day) < (born.month, born.day))} y"
    else:
        age = f"{years:g} y" if isinstance(years, int | float) else ""
    return " · ".join(filter(None, (sex, age, f"ID {patient['patient_id']}" if patient["patient_id"] else "")))
