"""Is this the right patient and the right exam? The order against the image header, before anything else.

Names are compared whatever their case, order of parts, "^" or comma, middle names and initials. What one side does not
state contradicts nothing. The explanation names the fields that differ, never their contents.
"""

from collections.abc import Iterator, Sequence

from dictation.discrepancy.discrepancy import Discrepancy, Kind, discrepancy_id
from dictation.exam import ExamFacts, Order, Patient
from dictation.findings.exam_match import other_modality, other_region
from dictation.persons import same_name, same_number

_AGE_TOLERANCE_YEARS = 1.5  # an age in whole years, ordered before a birthday
_DAYS_A_YEAR = 365.25


def identity(order: Order, facts: ExamFacts) -> list[Discrepancy]:
    """Return one critical `patient` card that names all differing fields; side, age and exam have their own kinds."""
    differing = differing_fields(order, facts)
    found = []
    if differing:
        verb = "differ" if len(differing) > 1 else "differs"
        text = f"The order and the image may be of different patients: {in_words(differing)} {verb}."
        found.append(_card("patient", differing, text))
    if _ages_differ(order, facts) and not differing:
        found.append(_card("age", ["age"], "The patient's age in the order differs from that in the image header."))
    if {order.laterality, facts.laterality} == {"left", "right"}:
        text = f"The order is for the {order.laterality} side; the image header says {facts.laterality}."
        found.append(_card("laterality", ["order", "header"], text))
    modality, region = other_modality(order, facts), other_region(order, facts)
    if modality or region:
        fields = [*(["modality"] if modality else []), *(["region"] if region else [])]
        ordered, shown = (_in_words(place, modality, region) for place in (0, 1))
        text = f"The order is for {ordered}; the image is of {shown}. Nothing that its header states is used."
        found.append(_card("exam", fields, text))
    return found


def differing_fields(order: Order, facts: ExamFacts) -> list[str]:
    """Names of the fields in which an order and an image header do not agree, of those that both state."""
    is_same = same_number(order.accession, facts.accession)
    return [*differing_between(order.patient, facts.patient), *([] if is_same else ["accession number"])]


def disagreeing_orders(orders: Sequence[Order], facts: ExamFacts | None) -> Iterator[tuple[int, str, list[str]]]:
    """Yield each further order that may be of another patient: its number, what it disagrees with, the fields.

    Each is held against all orders before it and the image, whose accession number is that of one order only.
    """
    before = [("the first order", one.patient) for one in orders[:1]]
    image = [("the image", facts.patient)] if facts is not None else []
    for number, order in enumerate(orders[1:], 2):
        for name, stated in (*before, *image):
            if differing := differing_between(order.patient, stated):
                yield number, name, differing
        before.append((f"order {number}", order.patient))


def differing_between(one: Patient, two: Patient) -> list[str]:
    """Names of the identity fields that both state and that do not agree."""
    checks = (
        ("patient id", not same_number(one.patient_id, two.patient_id)),
        ("name", not same_name(one.name, two.name)),
        ("birth date", bool(one.birth_date and two.birth_date and one.birth_date != two.birth_date)),
        ("sex", {one.sex, two.sex} == {"F", "M"}),
    )
    return [name for name, differs in checks if differs]


def in_words(fields: Sequence[str]) -> str:
    """The names of fields as a sentence has them: "patient id, name and birth date"."""
    return " and ".join([", ".join(fields[:-1]), fields[-1]] if len(fields) > 1 else fields)


def _ages_differ(order: Order, facts: ExamFacts) -> bool:
    if order.age is None:
        return False
    age = facts.patient.age_years
    if facts.patient.birth_date and facts.performed:
        age = (facts.performed - facts.patient.birth_date).days / _DAYS_A_YEAR
    return age is not None and abs(age - order.age) > _AGE_TOLERANCE_YEARS


def _in_words(place: int, modality: tuple[str, str] | None, region: tuple[str, str] | None) -> str:
    """What was ordered (0) or is shown (1), of what differs: "CT", "the wrist", "CT of the head"."""
    parts = [pair[place] for pair in (modality, region) if pair]
    return " of the ".join(parts) if modality else f"the {parts[0]}"


def _card(kind: Kind, fields: list[str], explanation: str) -> Discrepancy:
    return Discrepancy(
        id=discrepancy_id(kind, "order", "header", *fields),
        kind=kind,
        severity="critical",
        explanation=explanation,
    )
