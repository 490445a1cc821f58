from dataclasses import replace

import numpy as np
import pytest

from dictation.errors import UsageError
from dictation.exam import ExamFacts, Order, Patient
from dictation.findings.lexicon import cell, concepts
from dictation.imaging import Study, StudyImage
from dictation.lexicon import rows
from dictation.reading.gate import Exam, NotRead, admitted, switched_on

PIXELS = np.zeros((4, 4), np.uint8)


def image(modality: str = "", body_part: str = "", view: str = "", **stated: str) -> StudyImage:
    return StudyImage(PIXELS, modality=modality, body_part=body_part, view=view, **stated)


def study(*images: StudyImage, **facts: str) -> Study:
    return Study(id="1", images=images, facts=ExamFacts(**facts))


def test_the_image_of_another_exam_is_not_read():
    chest = study(image("DX", "CHEST", "PA"), modality="DX", body_part="CHEST")
    assert isinstance(admitted(chest, Order(procedure="XR CHEST PORTABLE", modality="CR")), Exam)
    not_read = admitted(chest, Order(procedure="XR WRIST LEFT", modality="CR"))
    assert isinstance(not_read, NotRead)
    assert not_read.reason == "the image is of another exam than the one that was ordered"


def test_every_gate_has_a_reason_and_only_the_frontal_chest_is_open():
    assert [row["id"] for row in rows("reading_gate") if row["read"] == "yes"] == ["chest_frontal"]
    assert all(row["reason"] and row["source"] for row in rows("reading_gate"))


@pytest.mark.parametrize(
    ("gate", "one"),
    [
        ("chest_lateral", image("DX", "CHEST", "LL")),
        ("radiograph", image("CR", "WRIST", "PA")),
        ("ct", image("CT", "CHEST", plane="axial")),
        ("mr", image("MR", "BRAIN", plane="axial")),
        ("ultrasound", image("US", "ABDOMEN")),
        ("mammogram", image("MG", "BREAST")),
    ],
)
def test_a_setting_opens_one_gate_and_no_other(gate, one):
    assert isinstance(admitted(study(one), also=switched_on(gate)), Exam)
    others = {row["id"] for row in rows("reading_gate")} - {gate}
    assert isinstance(admitted(study(one), also=others), NotRead)


def test_the_setting_names_gates_that_exist():
    assert switched_on("") == frozenset()
    assert switched_on("ct, mr") == {"ct", "mr"}
    with pytest.raises(UsageError, match=r"DICTATION_READ_ALSO: 'xray' is no kind of exam; name some of chest_other"):
        switched_on("ct,xray")


def test_an_image_that_may_name_the_patient_is_not_read():
    named = StudyImage(PIXELS, modality="DX", body_part="CHEST", view="PA", burned_in=True)
    found = admitted(study(named))
    assert isinstance(found, NotRead) and "may show the patient's name in its pixels" in found.reason
    frontal = image("DX", "CHEST", "PA")
    read = admitted(study(named, frontal))
    assert isinstance(read, Exam) and read.images == (frontal,)


def test_limits_of_views_name_findings_of_ours_and_their_source():
    for row in rows("view_limits"):
        assert set(cell(row["findings"])) <= set(concepts()) and row["reason"] and row["source"]


@pytest.mark.parametrize("age", [0.1, 5, 17.9])
def test_children_are_not_read_unless_the_setting_says_so(age):
    child = Study(id="1", images=(image("DX", "CHEST", "PA"),), facts=ExamFacts(patient=Patient(age_years=age)))
    refused = admitted(child)
    assert isinstance(refused, NotRead) and refused.reason.startswith("chest radiographs of children are not read")
    opened = admitted(child, also=switched_on("chest_child"))
    assert isinstance(opened, Exam) and opened.shown == "frontal chest radiograph"
    lateral = replace(child, images=(image("DX", "CHEST", "LL"),))
    assert isinstance(admitted(lateral, also=switched_on("chest_child")), NotRead)
