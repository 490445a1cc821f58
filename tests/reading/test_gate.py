from dataclasses import replace

import numpy as np
import pytest

from dictation.errors import UsageError
from dictation.exam import ExamFacts, Order, Patient
from dictation.findings.lexicon import cell, concepts
from dictation.imaging import Study, StudyImage
from dictation.lexicon import rows
from dictation.reading.gate import VIEW_NOT_STATED, Exam, NotRead, admitted, switched_on

PIXELS = np.zeros((4, 4), np.uint8)
CXR = Order(procedure="XR CHEST PORTABLE", modality="CR")


def image(modality: str = "", body_part: str = "", view: str = "", **stated: str) -> StudyImage:
    return StudyImage(PIXELS, modality=modality, body_part=body_part, view=view, **stated)


def study(*images: StudyImage, **facts: str) -> Study:
    return Study(id="1", images=images, facts=ExamFacts(**facts))


PICTURE = study(image())


def test_the_image_of_another_exam_is_not_read():
    chest = study(image("DX", "CHEST", "PA"), modality="DX", body_part="CHEST")
    assert isinstance(admitted(chest, CXR), Exam)
    not_read = admitted(chest, Order(procedure="XR WRIST LEFT", modality="CR"))
    assert isinstance(not_read, NotRead)
    assert not_read.reason == "the image is of another exam than the one that was ordered"


@pytest.mark.parametrize("view", ["PA", "AP", "ap", "AP supine"])
@pytest.mark.parametrize("modality", ["DX", "CR"])
@pytest.mark.parametrize("part", ["CHEST", "Thorax"])
def test_a_frontal_chest_radiograph_is_read(view, modality, part):
    exam = admitted(study(image(modality, part, view)))
    assert isinstance(exam, Exam)
    assert (exam.shown, exam.modality, exam.regions) == ("frontal chest radiograph", "radiograph", {"chest"})
    assert (exam.no_side, exam.notes) == ("", ())


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (image("DX", "CHEST", "LL"), "lateral, oblique or of several views are not read"),
        (image("DX", "CHEST", "LATERAL"), "lateral, oblique or of several views are not read"),
        (image("DX", "CHEST", "RAO"), "lateral, oblique or of several views are not read"),
        (image("DX", "CHEST", "RLO"), "lateral, oblique or of several views are not read"),
        (image("DX", "CHEST", "XA17"), "lateral, oblique or of several views are not read"),
        (image("DX", "CHEST", "PA", across="P"), "lateral, oblique or of several views are not read"),
        (image("DX", "CHEST", across="P"), "lateral, oblique or of several views are not read"),
        (image("DX", "KNEE", "AP"), "radiographs other than of the chest"),
        (image("DX", "RIBS", "AP"), "radiographs other than of the chest"),
        (image("DX", "CHEST, ABDOMEN", "AP"), "radiographs other than of the chest"),
        (image("DX", "", "AP"), "which part of the body the radiograph shows"),
        (image("RF", "CHEST", "PA"), "fluoroscopy and images of the chest wall are not read"),
        (image("DX", "CHEST WALL", "AP"), "fluoroscopy and images of the chest wall are not read"),
        (image("CT", "CHEST"), "CT is not read: macro-F1 27.0"),
        (image("MR", "HEAD"), "MRI is not read"),
        (image("US", "CHEST"), "ultrasound is not read"),
        (image("MG", "BREAST"), "mammograms are not read"),
        (image("PT", "CHEST"), "no questions for this kind of exam (PET)"),
        (image(), "neither an image header nor the order states what kind of exam"),
    ],
)
def test_what_is_not_read_says_why(one, why):
    refused = admitted(study(one))
    assert isinstance(refused, NotRead) and why in refused.reason


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


def test_a_picture_is_what_its_order_says():
    exam = admitted(PICTURE, CXR)
    assert isinstance(exam, Exam)
    assert exam.notes == (VIEW_NOT_STATED,)
    unspecified = admitted(PICTURE, Order(procedure="CXR"))
    assert isinstance(unspecified, Exam) and (unspecified.notes, unspecified.unjudged) == (exam.notes, {})
    assert admitted(PICTURE, Order(procedure="Chest X-ray AP")).notes == ()
    assert isinstance(admitted(PICTURE, Order(procedure="CT chest")), NotRead)
    assert isinstance(admitted(PICTURE, Order(body_part="CHEST")), NotRead)
    assert isinstance(admitted(PICTURE), NotRead)


@pytest.mark.parametrize(
    "procedure",
    [
        "XR CHEST LATERAL",
        "XR CHEST PA AND LATERAL",
        "XR CHEST 2 VIEWS",
        "XR CHEST 2 VW",
        "Chest x-ray, left lateral decubitus",
    ],
)
def test_one_picture_that_may_be_the_lateral_view_is_not_read(procedure):
    refused = admitted(PICTURE, Order(procedure=procedure))
    assert isinstance(refused, NotRead) and "lateral" in refused.reason


def test_of_two_pictures_nobody_knows_which_is_frontal():
    refused = admitted(study(image(), image()), CXR)
    assert isinstance(refused, NotRead) and refused.reason.startswith("which of the chest radiographs is frontal")


def test_the_header_is_believed_before_the_order():
    assert isinstance(admitted(study(image("CT", "CHEST")), CXR), NotRead)
    assert isinstance(admitted(study(image("DX", "CHEST", "PA")), Order(procedure="CT abdomen")), Exam)


def test_only_the_frontal_image_of_a_study_is_let_through():
    lateral, frontal, unknown = (image("DX", "CHEST", view) for view in ("LL", "PA", ""))
    for images in ((lateral, frontal), (frontal, lateral), (unknown, frontal), (lateral, frontal, unknown)):
        exam = admitted(study(*images))
        assert isinstance(exam, Exam) and exam.images == (frontal,)


def test_of_several_frontal_images_the_first_is_read_and_the_reading_says_so():
    exam = admitted(study(image("DX", "CHEST", "AP"), image("DX", "CHEST", "PA")))
    assert isinstance(exam, Exam)
    assert [one.view for one in exam.images] == ["AP"]
    assert exam.notes == ("Of 2 images of this kind the first is read.",)


def test_no_side_is_asked_for_where_left_is_not_where_it_usually_is():
    exam = admitted(study(image("DX", "CHEST", "PA", across="R")))
    assert isinstance(exam, Exam) and "left is on image right" in exam.no_side
    lateral = admitted(study(image("DX", "CHEST", "LL")), also={"chest_lateral"})
    assert isinstance(lateral, Exam) and "no side" in lateral.no_side


def test_an_image_that_may_name_the_patient_is_not_read():
    named = StudyImage(PIXELS, modality="DX", body_part="CHEST", view="PA", burned_in=True)
    found = admitted(study(named))
    assert isinstance(found, NotRead) and "may show the patient's name in its pixels" in found.reason
    frontal = image("DX", "CHEST", "PA")
    read = admitted(study(named, frontal))
    assert isinstance(read, Exam) and read.images == (frontal,)


@pytest.mark.parametrize("procedure", ["Chest fluoroscopy", "XR chest wall", "RF CHEST"])
def test_an_order_for_another_image_of_the_chest_is_not_read(procedure):
    refused = admitted(PICTURE, Order(procedure=procedure, modality="CR"))
    assert isinstance(refused, NotRead) and refused.reason.startswith("fluoroscopy and images of the chest wall")


SIDES_UNKNOWN = "nothing states which side is which"


@pytest.mark.parametrize(
    ("one", "order", "why"),
    [
        (image("DX", "CHEST"), None, SIDES_UNKNOWN),
        (image(), CXR, SIDES_UNKNOWN),
        (image(), Order(procedure="Chest X-ray"), SIDES_UNKNOWN),
        (image("DX", "CHEST", across="L"), None, ""),  # DICOM states the orientation
        (image("DX", "CHEST", "PA"), None, ""),  # the header states a frontal view
        (image(), Order(procedure="XR CHEST PA"), ""),  # so does the order
    ],
)
def test_a_side_is_asked_for_only_where_something_states_which_side_is_which(one, order, why):
    exam = admitted(study(one), order)
    assert isinstance(exam, Exam) and exam.no_side == why


@pytest.mark.parametrize(
    ("one", "order", "is_ap"),
    [
        (image("DX", "CHEST", "AP"), None, True),
        (image("DX", "CHEST", "PA"), Order(procedure="Chest portable"), False),  # the image's own word counts
        (image("DX", "CHEST"), CXR, True),
        (image(), Order(procedure="Chest X-ray AP supine"), True),
        (image(), Order(procedure="Chest X-ray PA"), False),
        (image(), Order(procedure="Chest X-ray"), False),
    ],
)
def test_on_an_ap_view_heart_and_mediastinum_cannot_be_judged(one, order, is_ap):
    exam = admitted(study(one), order)
    assert isinstance(exam, Exam)
    assert set(exam.unjudged) == ({"cardiomegaly", "mediastinal_widening"} if is_ap else set())


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


def test_the_age_of_the_order_counts_and_adults_are_read():
    frontal = study(image("DX", "CHEST", "PA"))
    assert isinstance(admitted(frontal, Order(age=3)), NotRead)
    assert isinstance(admitted(frontal, Order(age=18)), Exam)
    assert isinstance(admitted(frontal), Exam)
