"""What a vision model is shown of CT and MR: Hounsfield units read again from the file, three windows, 85 slices."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dictation.errors import InputError
from dictation.imaging import StudyImage, load_study
from dictation.imaging.for_reader import (
    MAX_SLICES,
    ct_colours,
    hounsfield,
    mr_grey,
    slices,
)
from tests.imaging.dicom_maker import make

AXIAL = [1, 0, 0, 0, 1, 0]
CORONAL = [1, 0, 0, 0, 0, -1]


@pytest.mark.parametrize(
    "hu, colours",
    [
        (-3000, [0, 0, 0]),
        (-1024, [0, 0, 0]),
        (-135, [111, 0, 0]),  # 889 / 2048 * 255 = 110.69
        (0, [128, 98, 0]),  # 127.5 is half: to the even number; 135 / 350 * 255 = 98.36
        (40, [132, 128, 128]),  # 132.48; 127.5 twice
        (80, [137, 157, 255]),  # 137.46; 156.64
        (135, [144, 197, 255]),  # 144.31; 196.71: with the serving code's green window it would be 0
        (215, [154, 255, 255]),
        (1024, [255, 255, 255]),
        (3071, [255, 255, 255]),
    ],
)
def test_the_three_windows_of_ct(hu, colours):
    shown = ct_colours(np.full((2, 3), hu, dtype=np.float32))
    assert (shown.shape, shown.dtype) == ((2, 3, 3), np.uint8)
    assert shown[1, 2].tolist() == colours


def test_mr_goes_from_the_lowest_to_the_highest_of_the_volume():
    assert mr_grey(np.array([[100.0, 300.0, 500.0]]), 100, 500).tolist() == [[0, 128, 255]]
    assert mr_grey(np.array([[7.0, 7.0]]), 7, 7).tolist() == [[0, 0]]


def test_the_hounsfield_units_of_a_real_slice(dicom_file):
    path = dicom_file("CT_small.dcm")
    study = load_study([path])
    dataset = dcmread(path)
    (values,) = hounsfield(study.images)
    expected = dataset.pixel_array.astype(np.int32) - 1024  # its slope is 1, its intercept -1024
    assert values.dtype == np.float32
    assert np.array_equal(values, expected)
    assert (int(values.min()), int(values.max())) == (-896, 1167)
    ((shown, number),) = slices(study)
    assert number == 1
    assert np.array_equal(shown, ct_colours(expected))


def ct(path, stored, z_mm=0.0, **elements):
    header = {
        "Modality": "CT", "RescaleSlope": 2, "RescaleIntercept": -1000, "WindowCenter": 40, "WindowWidth": 400,
        "ImageOrientationPatient": AXIAL, "ImagePositionPatient": [0, 0, z_mm],
    }  # fmt: skip
    return make(path, np.array(stored, dtype=np.int16), **{**header, **elements})


def test_slope_intercept_and_padding(tmp_path):
    study = load_study([ct(tmp_path / "a.dcm", [[0, 500, 540, -32768]], PixelPaddingValue=-32768)])
    (values,) = hounsfield(study.images)
    assert values.tolist() == [[-1000, 0, 80, -1024]]
    ((shown, _),) = slices(study)
    assert shown[:, 3].max() == 0
    assert shown[1].tolist() == [[3, 0, 0], [128, 98, 0], [137, 157, 255], [0, 0, 0]]
    assert shown[0].max() == shown[2:].max() == 0  # the black of the square


def test_hounsfield_units_of_an_inverted_ct_are_what_they_are(tmp_path):
    study = load_study([ct(tmp_path / "a.dcm", [[0, 500]], PhotometricInterpretation="MONOCHROME1")])
    (values,) = hounsfield(study.images)
    assert values.tolist() == [[-1000, 0]]


@pytest.mark.parametrize(
    "elements", [{"RescaleIntercept": None}, {"RescaleSlope": None}, {"RescaleType": "US"}, {"RescaleType": "Z_EFF"}]
)
def test_a_ct_that_states_no_hounsfield_units_is_refused_by_its_caption(tmp_path, elements):
    study = load_study([ct(tmp_path / "EXAMPLE_Ada.dcm", [[0, 500]], **elements)])
    with pytest.raises(InputError, match=r"^CT: states no rescale to Hounsfield units; send") as error:
        slices(study)
    assert "EXAMPLE" not in str(error.value)


def test_a_picture_without_a_header_has_no_hounsfield_units():
    with pytest.raises(InputError, match="Image 1: is a picture without a DICOM header"):
        list(hounsfield([StudyImage(np.zeros((4, 4), np.uint8), "Image 1")]))


def test_a_file_that_is_gone_replaced_or_damaged_since_is_named_by_its_caption(tmp_path):
    path = ct(tmp_path / "EXAMPLE_Ada.dcm", np.zeros((4, 4)))
    study = load_study([path])
    whole = path.read_bytes()
    path.write_bytes(whole[:-8])
    assert refusal(study) == "CT: has damaged or incomplete pixels; send it from the archive again."
    ct(path, np.ones((4, 4)))
    assert refusal(study) == "CT: its file has been replaced since; give the images of the exam again."
    path.unlink()
    assert refusal(study).startswith("CT: cannot be read (No such file")


def refusal(study):
    with pytest.raises(InputError) as error:
        slices(study)
    return str(error.value)


def test_where_the_values_lie_is_never_shown(tmp_path):
    study = load_study([ct(tmp_path / "EXAMPLE_Ada.dcm", [[0]])])
    assert study.images[0].stored.path.name == "EXAMPLE_Ada.dcm"
    assert "EXAMPLE" not in f"{study.images!r} {study.images[0].stored!r} {study.images[0].stored!s}"


@pytest.mark.parametrize("count", [1, 3, 85, 86, 200])
def test_slices_are_sampled_evenly_in_reading_order(tmp_path, count):
    for place in range(count):
        ct(tmp_path / f"{place}.dcm", np.full((2, 2), 540 - place), z_mm=-place)
    shown = slices(load_study([tmp_path]))
    assert [number for _, number in shown] == list(range(1, min(count, MAX_SLICES) + 1))
    blues = [int(ct_colours(np.full((1, 1), 80 - 2 * place))[0, 0, 0]) for place in range(count)]
    every = range(count)
    if count > MAX_SLICES:
        every = [round(k / 85 * (count - 1)) for k in range(1, 86)]
    assert [int(pixels[0, 0, 0]) for pixels, _ in shown] == [blues[place] for place in every]


def test_the_series_with_the_most_axial_slices_is_shown_without_its_localizer(tmp_path):
    ct(tmp_path / "scout.dcm", np.full((2, 2), 500), ImageOrientationPatient=CORONAL, SeriesInstanceUID="1.2.2")
    for place in range(2):
        ct(tmp_path / f"{place}.dcm", np.full((2, 2), 540), z_mm=place, SeriesInstanceUID="1.2.2")
    for place in range(3):
        ct(tmp_path / f"c{place}.dcm", np.full((2, 2), 0), ImageOrientationPatient=CORONAL, SeriesInstanceUID="1.2.3")
    study = load_study([tmp_path])
    assert sorted(image.plane for image in study.images) == ["axial"] * 2 + ["coronal"] * 4
    assert [pixels[0, 0].tolist() for pixels, _ in slices(study)] == [[137, 157, 255]] * 2


@pytest.mark.parametrize("elements", [{"ImageOrientationPatient": CORONAL}, {"ImageOrientationPatient": None}])
def test_no_axial_slice_is_said(tmp_path, elements):
    study = load_study([ct(tmp_path / "a.dcm", [[0]], **elements)])
    assert "holds no CT or MR slice that states that it is axial" in refusal(study)


def test_a_slice_that_may_name_the_patient_is_not_shown(tmp_path):
    ct(tmp_path / "a.dcm", [[0]], BurnedInAnnotation="YES")
    assert "may show the patient's name in its pixels" in refusal(load_study([tmp_path]))


def test_an_mr_series_is_scaled_as_one_volume(tmp_path):
    for place, value in enumerate((100, 300, 500)):
        mr = {"Modality": "MR", "ImageOrientationPatient": AXIAL, "ImagePositionPatient": [0, 0, -place]}
        make(tmp_path / f"{place}.dcm", np.full((2, 2), value, dtype=np.uint16), **mr)
    assert [int(pixels[0, 0]) for pixels, _ in slices(load_study([tmp_path]))] == [0, 128, 255]


def test_an_inverted_mr_series_and_its_padding(tmp_path):
    mr = {"Modality": "MR", "ImageOrientationPatient": AXIAL, "ImagePositionPatient": [0, 0, 0]}
    stored = np.array([[100, 300, 500, 9000]], dtype=np.uint16)
    path = make(tmp_path / "a.dcm", stored, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=9000, **mr)
    ((shown, _),) = slices(load_study([path]))
    assert shown[1].tolist() == [255, 128, 0, 0]


def test_each_frame_of_an_enhanced_ct_has_its_own_transform(tmp_path):
    def group(intercept, z_mm):
        rescale, place, lies = Dataset(), Dataset(), Dataset()
        rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, intercept, "HU"
        place.ImagePositionPatient, lies.ImageOrientationPatient = [0, 0, z_mm], AXIAL
        item = Dataset()
        item.PixelValueTransformationSequence = Sequence([rescale])
        item.PlanePositionSequence, item.PlaneOrientationSequence = Sequence([place]), Sequence([lies])
        return item

    groups = Sequence([group(-1000, 0), group(0, 10)])
    path = make(
        tmp_path / "a.dcm", np.full((2, 2, 2), 80, np.int16), Modality="CT", PerFrameFunctionalGroupsSequence=groups
    )
    study = load_study([path])
    assert [image.stored.index for image in study.images] == [1, 0]  # the second frame lies nearer the head
    assert [float(values[0, 0]) for values in hounsfield(study.images)] == [80, -920]
    assert [pixels[0, 0].tolist() for pixels, _ in slices(study)] == [[137, 157, 255], [13, 0, 0]]


def test_a_real_map_of_blood_flow_is_not_taken_for_hounsfield_units(dicom_file):
    """Modality CT, slope 1, intercept -1024, and unit "US": a perfusion map, whose rows run to the patient's right."""
    study = load_study([dicom_file("eCT_Supplemental.dcm")])
    assert refusal(study).startswith("CT image 1 of 2: states no rescale to Hounsfield units")
    assert {(image.plane, image.across) for image in study.images} == {("axial", "R")}
