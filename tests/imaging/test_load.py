"""Files and folders become one study, in an order that geometry decides, with what the headers state."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest

from dictation.errors import InputError
from dictation.exam import ExamFacts, Patient
from dictation.imaging import load_facts, load_study
from tests.imaging.dicom_maker import STUDY, make

AXIAL = [1, 0, 0, 0, 1, 0]
SAGITTAL = [0, 1, 0, 0, 0, -1]


def slice_at(path, z_mm, value, **elements):
    """A slice whose constant window shows `value` as its grey."""
    pixels = np.full((4, 4), value, dtype=np.uint16)
    header = {"Modality": "CT", "ImageOrientationPatient": AXIAL, "ImagePositionPatient": [0, 0, z_mm]}
    return make(path, pixels, WindowCenter=128, WindowWidth=256, **{**header, **elements})


def greys(study):
    return [int(image.pixels[0, 0]) for image in study.images]


def test_axial_slices_run_from_head_to_foot_whatever_their_names_and_numbers(tmp_path):
    slice_at(tmp_path / "a.dcm", -30.0, 10, InstanceNumber=1)
    slice_at(tmp_path / "b.dcm", 20.0, 200, InstanceNumber=2)
    slice_at(tmp_path / "c.dcm", -5.0, 90, InstanceNumber=3)
    study = load_study([tmp_path])
    assert greys(study) == [200, 90, 10]
    assert [image.caption for image in study.images] == ["CT image 1 of 3", "CT image 2 of 3", "CT image 3 of 3"]
    assert [image.number for image in study.images] == [1, 2, 3]


def test_sagittal_slices_run_from_the_patients_right_to_left(tmp_path):
    for name, x_mm, grey in (("a", 40.0, 10), ("b", -40.0, 200), ("c", 0.0, 90)):
        slice_at(tmp_path / f"{name}.dcm", 0, grey, ImageOrientationPatient=SAGITTAL, ImagePositionPatient=[x_mm, 0, 0])
    assert greys(load_study([tmp_path])) == [200, 90, 10]


def test_without_positions_the_instance_number_decides(tmp_path):
    for name, number in (("a", 10), ("b", 9), ("c", 2)):
        slice_at(
            tmp_path / f"{name}.dcm", 0, number, InstanceNumber=number,
            ImageOrientationPatient=None, ImagePositionPatient=None,
        )  # fmt: skip
    assert greys(load_study([tmp_path])) == [2, 9, 10]


def test_a_localizer_in_the_series_is_not_mixed_into_its_slices(tmp_path):
    slice_at(tmp_path / "a.dcm", 5, 10, InstanceNumber=2)
    slice_at(
        tmp_path / "b.dcm", 0, 50, InstanceNumber=1, ImageOrientationPatient=SAGITTAL, ImagePositionPatient=[0, 0, 0]
    )
    slice_at(tmp_path / "c.dcm", -5, 20, InstanceNumber=3)
    assert greys(load_study([tmp_path])) == [50, 10, 20]


def test_series_follow_their_numbers_and_count_for_themselves(tmp_path):
    slice_at(tmp_path / "a.dcm", 0, 30, SeriesNumber=3, SeriesInstanceUID="1.2.3")
    slice_at(tmp_path / "b.dcm", 9, 20, SeriesNumber=2, SeriesInstanceUID="1.2.2")
    slice_at(tmp_path / "c.dcm", 5, 21, SeriesNumber=2, SeriesInstanceUID="1.2.2")
    study = load_study([tmp_path])
    assert greys(study) == [20, 21, 30]
    assert [(image.series, image.number) for image in study.images] == [("1.2.2", 1), ("1.2.2", 2), ("1.2.3", 1)]
    assert study.images[0].caption == "CT series 2 image 1 of 2"


def test_a_real_series_in_a_folder_is_one_study(dicom_file):
    folder = dicom_file("CT_small.dcm").parent / "dicomdirtests" / "77654033" / "CT2"
    study = load_study([folder])
    assert len(study.images) == 4
    assert study.facts.procedure == "CT, HEAD/BRAIN WO CONTRAST"
    assert study.facts.patient.age_years == 42


@pytest.mark.parametrize("name, frames", [("emri_small.dcm", 10), ("color3d_jpeg_baseline.dcm", 120)])
def test_a_multi_frame_file_is_one_study_of_many_images(dicom_file, name, frames):
    study = load_study([dicom_file(name)])
    assert len(study.images) == frames
    assert study.images[0].pixels.dtype == np.uint8


def test_several_studies_are_an_error_that_names_them_and_not_the_patient(tmp_path):
    slice_at(tmp_path / "a.dcm", 0, 1, StudyInstanceUID="1.2.3.4")
    slice_at(tmp_path / "b.dcm", 0, 2, StudyInstanceUID="1.2.3.5")
    with pytest.raises(InputError, match=r"holds 2 studies \(a\.dcm; b\.dcm\)") as error:
        load_study([tmp_path])
    assert "EXAMPLE" not in str(error.value)


def test_one_study_of_two_patients_is_an_error(tmp_path):
    slice_at(tmp_path / "a.dcm", 0, 1, PatientID="P-1")
    slice_at(tmp_path / "b.dcm", 1, 2, PatientID="P-2")
    with pytest.raises(InputError, match=r"a\.dcm and b\.dcm name different patients") as error:
        load_study([tmp_path])
    assert "P-2" not in str(error.value)


def test_the_same_image_exported_twice_is_shown_once(tmp_path):
    slice_at(tmp_path / "a.dcm", 0, 1, SOPInstanceUID="1.2.9")
    slice_at(tmp_path / "b.dcm", 0, 1, SOPInstanceUID="1.2.9")
    assert len(load_study([tmp_path]).images) == 1


def test_a_folder_leaves_out_what_is_no_image_and_says_so(tmp_path):
    slice_at(tmp_path / "a.dcm", 0, 1)
    (tmp_path / "notes.txt").write_text("not an image", encoding="utf-8")
    (tmp_path / ".hidden").write_text("not an image", encoding="utf-8")
    (tmp_path / "DICOMDIR").write_text("the index of a disc", encoding="utf-8")
    study = load_study([tmp_path])
    assert len(study.images) == 1
    assert len(study.warnings) == 1
    assert "notes.txt: is no DICOM, PNG, JPEG or TIFF image" in study.warnings[0]


def test_a_damaged_slice_of_a_folder_is_named_and_the_rest_is_shown(tmp_path):
    slice_at(tmp_path / "a.dcm", 0, 1)
    broken = slice_at(tmp_path / "b.dcm", 1, 2)
    broken.write_bytes(broken.read_bytes()[:-8])
    study = load_study([tmp_path])
    assert len(study.images) == 1
    assert "b.dcm: has damaged or incomplete pixels" in study.warnings[0]


def test_the_header_facts(tmp_path):
    path = make(
        tmp_path / "a.dcm",
        np.zeros((2, 2), dtype=np.uint8),
        PatientName="EXAMPLE^Ada^^Dr=漢字",
        SpecificCharacterSet="ISO_IR 192",
        PatientSex="F",
        PatientAge="061Y",
        AccessionNumber="0042-17",
        StudyDescription="Chest, PA and lateral",
        BodyPartExamined="CHEST",
        ViewPosition="PA",
        ImageLaterality="L",
        StudyDate="20261124",
        ContrastBolusAgent="",
    )
    assert load_study([path]).facts == ExamFacts(
        accession="0042-17",
        procedure="Chest, PA and lateral",
        modality="CR",
        body_part="CHEST",
        laterality="left",
        view="PA",
        performed=date(2026, 11, 24),
        patient=Patient(patient_id="P-1", name="EXAMPLE^Ada^^Dr", sex="F", age_years=61),
    )


@pytest.mark.parametrize("age, years", [("061Y", 61), ("018M", 1.5), ("003W", 0.06), ("010D", 0.03), ("61", None)])
def test_ages_in_their_four_units(tmp_path, age, years):
    path = make(tmp_path / "a.dcm", np.zeros((2, 2), dtype=np.uint8), PatientAge=age)
    assert load_study([path]).facts.patient.age_years == years


def test_a_birth_date_makes_the_stated_age_needless(tmp_path):
    path = make(tmp_path / "a.dcm", np.zeros((2, 2), dtype=np.uint8), PatientAge="061Y", PatientBirthDate="19650101")
    patient = load_study([path]).facts.patient
    assert (patient.birth_date, patient.age_years) == (date(1965, 1, 1), None)


def test_views_are_listed_and_both_sides_make_a_bilateral_study(tmp_path):
    for name, view, side in (("a", "MLO", "R"), ("b", "MLO", "L"), ("c", "CC", "L")):
        make(tmp_path / f"{name}.dcm", np.zeros((2, 2), np.uint8), ViewPosition=view, ImageLaterality=side)
    facts = load_study([tmp_path]).facts
    assert (facts.view, facts.laterality) == ("MLO, CC", "bilateral")


def test_malformed_header_values_are_taken_as_not_stated(tmp_path):
    path = make(
        tmp_path / "a.dcm", np.zeros((2, 2), np.uint8), PatientSex="X", StudyDate="", ImageLaterality="U",
        PatientAge="old!",
    )  # fmt: skip
    facts = load_study([path]).facts
    assert (facts.patient.sex, facts.performed, facts.laterality, facts.patient.age_years) == (None, None, None, None)


def test_ids_and_captions_never_identify_the_patient(tmp_path):
    for uid in (STUDY, "EXAMPLE-Ada"):
        path = make(tmp_path / "EXAMPLE_Ada.dcm", np.zeros((2, 2), np.uint8), StudyInstanceUID=uid)
        study = load_study([path])
        assert "EXAMPLE" not in study.id + study.images[0].caption
    assert len(study.id) == 64


def test_nothing_of_the_header_is_logged(tmp_path, caplog, recwarn):
    path = make(tmp_path / "a.dcm", np.zeros((2, 2), np.uint8), StudyInstanceUID="EXAMPLE-Ada", PatientID="P" * 99)
    caplog.clear(), recwarn.clear()
    load_study([path])
    assert not caplog.records
    assert not list(recwarn)


def test_two_patients_under_one_instance_uid_are_refused(tmp_path):
    import pydicom
    from pydicom.data import get_testdata_file

    for name, patient in (("a.dcm", "A1"), ("b.dcm", "B2")):
        dataset = pydicom.dcmread(get_testdata_file("CT_small.dcm", download=False))
        dataset.PatientID = patient
        dataset.save_as(tmp_path / name)
    with pytest.raises(InputError, match="different patients"):
        load_study([tmp_path])


def test_a_header_that_is_read_beside_another_is_not_logged_either(tmp_path, caplog, recwarn, monkeypatch):
    from pydicom import filereader

    read, both = filereader.dcmread, threading.Barrier(2)

    def slowly(*given, **named):
        both.wait(30)  # the first is done before the second has begun to read
        if threading.current_thread().name.endswith("_1"):
            time.sleep(0.3)
        return read(*given, **named)

    monkeypatch.setattr("pydicom.dcmread", slowly)
    path = make(tmp_path / "a.dcm", np.zeros((2, 2), np.uint8), StudyInstanceUID="EXAMPLE-Ada", PatientID="P" * 99)
    caplog.clear(), recwarn.clear()
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(load_facts, [[path]] * 2))
    assert not caplog.records
    assert not list(recwarn)
