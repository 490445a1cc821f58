"""A text that names another patient or exam than the order, by the labels of its header."""

from datetime import date

import pytest

from dictation.discrepancy import compare
from dictation.discrepancy.named_patient import other_patient
from dictation.discrepancy.within import within
from dictation.exam import ExamFacts, Order, Patient

ORDER = Order(accession="A-77", patient_id="P-M1", name="MIKE, Michael", birth_date=date(1950, 4, 3))
OTHERS = {
    "Patient: BRAVO, Bert ID P-B1 born 1961-05-06": "name and birth date",
    "Patient Name: Ms. Jane Doe": "name",
    "PATIENT NAME: DOE^JANE": "name",
    "Surname: Bravo, Bert": "name",
    "Patient ID: P-B1": "patient id",
    "MRN: 0012345": "patient id",
    "MRN 7 # 0012345 Patient name: Mike, M. Patient no: 12345": "patient id",
    "Accession number: A-78": "accession number",
    "DOB: 1 May 1950": "birth date",
    "Born 06.05.1961": "birth date",
}
SAME = [
    "Patient: MIKE, Michael  ID: P-M1 DOB: 03/04/1950", "Name: Michael J. Mike", "Patient: Mike^Michael",
    "Accession: A77", "Patient ID: pm1", "DOB: 3 April 1950", "Patient: 66-year-old man with cough.",
    "Patient: Male, 66", "Patient: Cough and fever.", "Patient: The patient was scanned prone.", "Name: withheld",
    "History: patient: known cancer", "Referring physician: Dr. Smith", "Patient: [redacted]", "Born at 26 weeks.",
    "NHS number: 943 476 5919",  # a number of another system
    "Comparison: CT chest, accession number: A-12", "Prior: MRI of 2019, accession: 4711",
]  # fmt: skip


@pytest.mark.parametrize(("header", "fields"), OTHERS.items())
def test_a_header_of_somebody_else_is_critical_and_quotes_nothing(header: str, fields: str):
    text = f"{header}\nFINDINGS: The lungs are clear.\nIMPRESSION: Normal."
    (card,) = other_patient(text, "report", ORDER, None)
    assert (card.kind, card.severity) == ("patient", "critical")
    assert card.explanation == f"The report names another patient or exam than the order: {fields}."
    image = ExamFacts(accession="A-77", patient=Patient(**ORDER.patient.model_dump()))
    (card,) = other_patient(text, "report", None, image)
    assert "than the image" in card.explanation


@pytest.mark.parametrize("header", SAME)
def test_the_patient_who_was_ordered_and_what_names_nobody_ask_nothing(header: str):
    assert other_patient(f"{header}\nFINDINGS: The lungs are clear.", "report", ORDER, None) == []


def test_both_columns_and_signed_reports_are_looked_at():
    foreign, own = "Patient: BRAVO, Bert\nThe lungs are clear.", "The lungs are clear."
    assert [one.kind for one in compare(foreign, own, order=ORDER) if one.severity == "critical"] == ["patient"]
    assert "patient" in [one.kind for one in compare(own, foreign, order=ORDER)]
    assert "patient" in [one.kind for one in within(foreign, order=ORDER)]
    assert "patient" not in [one.kind for one in within(foreign)]
