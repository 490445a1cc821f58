"""Whether an order that came again is of the patient to whom the case belongs."""

from datetime import date

import pytest

from dictation.case.ordered import NOTHING_RESENT, Resent, questions, with_patient
from dictation.exam import Order
from tests.case.signed_case import draft

BORN = date(1960, 1, 2)
ORDER = Order(accession="A1", patient_id="P-17", name="EXAMPLE, Ada", birth_date=BORN)


def asked(**changes) -> list[str]:
    again = ORDER.model_copy(update=changes)
    begun = with_patient(draft(orders=(ORDER,), images=("i.dcm",)))
    beneath = list(questions(begun.model_copy(update={"orders": (again,)}), NOTHING_RESENT))
    assert beneath == list(questions(begun, Resent(status="changed", orders=(again,))))
    return [id for id, _ in beneath]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "EXAMPEL, Ada"},
        {"name": "EXAMPLE-OTHER, Ada", "patient_id": "p17"},
        {"birth_date": None},
        {"patient_id": ""},
    ],
)
def test_one_whose_number_and_birth_date_agree_is_the_same_however_spelled(changes):
    assert asked(**changes) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"patient_id": "P-18"},
        {"birth_date": date(1961, 1, 2)},
        {"name": "OTHER, Ada", "birth_date": None},
        {"name": "OTHER, Ada", "patient_id": " "},
    ],
)
def test_another_number_birth_date_or_name_is_asked_about(changes):
    assert asked(**changes) == ["order-patient"]
