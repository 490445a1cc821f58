"""Is this the right patient and the right exam? The order against the image header, before anything else.

Names are compared whatever their case, order of parts, "^" or comma, middle names and initials. What one side does not
state contradicts nothing. The explanation names the fields that differ, never their contents.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from dictation.discrepancy.discrepancy import Discrepancy, Kind, discrepancy_id
from dictation.exam import ExamFacts, Order, Patient
from dictation.findings.exam_match import other_modality, other_region, other_side
from dictation.persons import same_name, same_number
from dictation.reading import Reading

_AGE_TOLERANCE_YEARS = 1.5  # an age in whole years, ordered before a birthday
_DAYS_A_YEAR = 365.25
_DIGEST = re.compile(r"[0-9a-f]{64}")  # of an image without a header: it names no exam


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
    if sides := other_side(order, facts):
        text = f"The order is for the {sides[0]} side; the image header says {sides[1]}."
        found.append(_card("laterality", ["order", "header"], text))
    modality, region = other_modality(order, facts), other_region(order, facts)
    if modality or region:
        fields = [*(["modality"] if modality else []), *(["region"] if region else [])]
        ordered, shown = (_in_words(place, modality, region) for place in (0, 1))
        order_says, image_says = ("says", "says") if modality else ("is for", "is of")
        text = f"The order {order_says} {ordered}; the image {image_says} {shown}."
        text += " Nothing that its header states is used."
        found.append(_card("exam", fields, text))
    return found


def other_study(
    readings: Iterable[Reading], orders: Sequence[Order], facts: ExamFacts | None = None, studies: Iterable[str] = ()
) -> list[Discrepancy]:
    """Return a critical `exam` alert for each reading that says to be of another study than order and images.

    A reading names its study by StudyInstanceUID or accession number; it is held against those of its kind alone.
    """
    stated = [order.accession for order in orders] + ([facts.accession] if facts else [])
    numbers = [one for one in stated if one.strip()]
    uids = [one for one in studies if _is_uid(one)]
    found = []
    for reading in readings:
        known = uids if _is_uid(reading.study) else [] if _DIGEST.fullmatch(reading.study) else numbers
        if known and not any(same_number(reading.study, one) for one in known):
            text = f"The reading of {reading.reader} names another study than this exam: is it of this patient?"
            found.append(_card("exam", ["reading", reading.reader, reading.study], text))
    return found


def _is_uid(text: str) -> bool:
    """Whether it is written as an UID of DICOM (PS3.5 9.1): figures in more than three parts."""
    parts = text.split(".")
    return len(parts) > 3 and all(map(str.isdecimal, parts))


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
