"""How everybody looks: the reader is given only what it may know, and a prior only where it can be one."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from dictation.exam import ExamFacts, Order, Patient, Prior
from dictation.imaging import Study, StudyImage
from dictation.reading import Opinion, Reading
from dictation.reading.looking import look, warnings_of
from dictation.speech import Engine

JANE = Patient(patient_id="00123", name="DOE^Jane", birth_date=date(1960, 1, 2), sex="F")
IMAGE = StudyImage(np.zeros((8, 8), np.uint8), modality="DX", body_part="CHEST", view="PA")
STUDY = Study("1", (IMAGE,), ExamFacts(patient=JANE, performed=date(2024, 8, 1)))
EARLIER = Study("2", (IMAGE,), ExamFacts(patient=JANE, performed=date(2023, 8, 1)))
ORDER = Order(
    accession="A-1", patient_id="123", name="Doe, Jane", birth_date=date(1960, 1, 2), sex="F", age=64.0, modality="DX",
    body_part="CHEST", procedure="XR chest PA", laterality="left", performed=date(2024, 8, 1),
    indication="query haemothorax", priors=(Prior(date=date(2023, 8, 1), text="Left pleural effusion."),),
)  # fmt: skip


class Noting:
    """A reader that notes what it is given."""

    engine = Engine(name="noting")

    def read(self, study, prior=None, order=None, cancel=None):
        self.prior, self.order = prior, order
        return Reading(
            reader="noting", opinions=(Opinion(finding="pneumothorax", probability=0.2),), notes=("A note of its own.",)
        )


def test_no_reader_is_given_why_who_or_what_was_found_before():
    reader = Noting()
    look(reader, STUDY, EARLIER, ORDER)
    stated = {name for name in Order.model_fields if getattr(reader.order, name) != getattr(Order(), name)}
    assert stated == {"modality", "body_part", "procedure", "age", "sex", "birth_date", "performed"}
    assert reader.order.procedure == ORDER.procedure
    look(reader, STUDY)
    assert reader.order == Order()


def test_an_earlier_study_of_the_same_patient_is_given():
    reader = Noting()
    reading, unable = look(reader, STUDY, EARLIER, ORDER)
    assert reader.prior is EARLIER and unable is None and reading.notes == ("A note of its own.",)
    nameless = replace(EARLIER, facts=ExamFacts())
    look(reader, STUDY, nameless, ORDER)
    assert reader.prior is nameless  # what nobody states contradicts nothing


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"patient_id": "456"}, "may be of another patient: another patient id."),
        ({"name": "ROE^John", "sex": "M"}, "may be of another patient: another name and another sex."),
        ({"birth_date": date(1961, 1, 2)}, "may be of another patient: another birth date."),
    ],
)
def test_the_study_of_another_patient_gives_no_change_and_the_reason(changed, why):
    reader = Noting()
    other = replace(EARLIER, facts=EARLIER.facts.model_copy(update={"patient": JANE.model_copy(update=changed)}))
    for study, order in ((STUDY, None), (replace(STUDY, facts=ExamFacts()), ORDER)):  # by the header, or by the order
        reading, _ = look(reader, study, other, order)
        assert reader.prior is None
        assert reading.notes[-1].startswith("Change is not assessed: the earlier study") and why in reading.notes[-1]
        assert not any(secret in reading.notes[-1] for secret in ("456", "ROE", "1961", "Doe", "123"))
        assert f"noting: {reading.notes[-1]}" in warnings_of([reading])


def test_a_later_study_is_no_earlier_one():
    reader = Noting()
    reading, _ = look(reader, EARLIER, STUDY)
    assert reader.prior is None
    assert reading.notes[-1] == "Change is not assessed: the study given as the earlier one is the later one."
