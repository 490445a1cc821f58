"""The order against the image header and against the texts."""

from datetime import date

import pytest

from dictation.discrepancy import identity, other_study
from dictation.exam import ExamFacts, Order, Patient
from dictation.reading import Reading

ORDER = Order(patient_id="123", name="Doe, Jane", birth_date=date(1960, 1, 2), sex="F", accession="A-1")


def header(**changed: object) -> ExamFacts:
    patient = {"patient_id": "0123", "name": "DOE^JANE^MARIE", "birth_date": date(1960, 1, 2), "sex": "F"}
    accession = str(changed.pop("accession", "A1"))
    return ExamFacts(accession=accession, patient=Patient(**{**patient, **changed}))  # type: ignore[arg-type]


def test_the_same_patient_written_otherwise_agrees() -> None:
    assert identity(ORDER, header()) == []
    assert identity(ORDER, ExamFacts()) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"patient_id": "124"}, "patient id"),
        ({"name": "ROE^JANE"}, "name"),
        ({"birth_date": date(1961, 1, 2)}, "birth date"),
        ({"sex": "M"}, "sex"),
        ({"accession": "A-2"}, "accession number"),
    ],
)
def test_each_differing_field_is_critical_and_named(changed: dict[str, object], field: str) -> None:
    (found,) = identity(ORDER, header(**changed))
    assert (found.kind, found.severity) == ("patient", "critical")
    assert field in found.explanation
    assert "Doe" not in found.explanation and "12" not in found.explanation


def test_several_fields_make_one_card() -> None:
    (found,) = identity(ORDER, header(patient_id="9", name="ROE^ANN", sex="M"))
    assert "patient id, name and sex differ" in found.explanation


def test_a_chest_ct_under_an_order_for_a_radiograph_is_critical() -> None:
    assert [d.kind for d in identity(Order(modality="CR"), ExamFacts(modality="CT"))] == ["exam"]
    assert identity(Order(modality="CR"), ExamFacts(modality="DX")) == []


def a_reading(study: str) -> Reading:
    return Reading(reader="A reader", study=study, opinions=())


@pytest.mark.parametrize("study", ["SAMPLE-0003", "sample 0003", "", "a" * 64, "1.2.840.1.7"])
def test_a_reading_of_this_exam_or_of_one_that_nobody_can_tell_is_taken(study):
    orders = Order(accession="SAMPLE-0001"), Order(accession="SAMPLE-0003")
    assert other_study([a_reading(study)], orders) == []
    assert other_study([a_reading("SAMPLE-0005")], [Order()]) == []


@pytest.mark.parametrize(("study", "studies"), [("SAMPLE-0005", ()), ("1.2.840.1.7", ("1.2.840.1.8",))])
def test_a_reading_of_another_study_is_critical(study, studies):
    [alert] = other_study([a_reading(study)], [Order(accession="SAMPLE-0003")], None, studies)
    assert (alert.kind, alert.severity) == ("exam", "critical") and "another study" in alert.explanation
    assert study not in alert.explanation
