"""Who was examined, as far as a reader needs it: sex and age; and whether an earlier study is of the same person."""

from datetime import date

from dictation.exam import Order
from dictation.imaging import Study
from dictation.persons import same_name, same_number

_DAYS_A_YEAR = 365.25
# All that a reader may know of an order: what was examined, and sex and age, which the dates give. Never why.
_OF_ORDER = ("modality", "body_part", "procedure", "age", "sex", "birth_date", "performed")


def blinded(order: Order | None) -> Order:
    """Return what a blind reader may know of an order: no indication, no earlier report, no name, no number."""
    return Order(**{name: getattr(order, name) for name in _OF_ORDER}) if order else Order()


def sex_and_age(study: Study, order: Order | None) -> tuple[str | None, float | None]:
    """Return the sex and the age in years at the exam: by the header, then by the order."""
    patient, order = study.facts.patient, order or Order()
    born: date | None = patient.birth_date or order.birth_date
    performed = study.facts.performed or order.performed
    if born and performed and born <= performed:
        age: float | None = (performed - born).days / _DAYS_A_YEAR
    else:
        age = patient.age_years if patient.age_years is not None else order.age
    return patient.sex or order.sex, age


def why_not_earlier(study: Study, prior: Study, order: Order | None) -> str:
    """Say why `prior` cannot be an earlier study of the same patient, "" where nothing speaks against it.

    What the header of `study` does not state, the order does. The reason names what differs, never its contents.
    """
    order = order or Order()
    stated, ordered, before = study.facts.patient, order.patient, prior.facts.patient
    born = stated.birth_date or ordered.birth_date
    checks = (
        ("patient id", same_number(stated.patient_id or ordered.patient_id, before.patient_id)),
        ("name", same_name(stated.name or ordered.name, before.name)),
        ("birth date", not (born and before.birth_date) or born == before.birth_date),
        ("sex", {stated.sex or ordered.sex, before.sex} != {"F", "M"}),
    )
    if differing := [name for name, agrees in checks if not agrees]:
        return f"the earlier study may be of another patient: another {' and another '.join(differing)}"
    performed = study.facts.performed or order.performed
    if performed and prior.facts.performed and prior.facts.performed > performed:
        return "the study given as the earlier one is the later one"
    return ""
