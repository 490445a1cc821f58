"""What a vision model is shown of a radiograph: exact pixels, exact sides, boxes that come back to where they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from dictation.errors import InputError
from dictation.imaging import load_study
from dictation.imaging.for_reader import (
    flipped,
    may_be_shown,
    patient_side,
    radiograph,
    square,
)
from dictation.lexicon import rows
from tests.imaging.dicom_maker import make

AXIAL = [1, 0, 0, 0, 1, 0]
MARK = 255


def marked(rows, columns, channels=()):
    """A mid-grey image with a white mark in its upper left corner, which is the patient's right shoulder."""
    pixels = np.full((rows, columns, *channels), 90, dtype=np.uint8)
    pixels[: rows // 4, : columns // 4] = MARK
    return pixels


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("rows, columns, top, left", [(4, 8, 2, 0), (8, 5, 0, 1), (5, 8, 1, 0), (6, 6, 0, 0)])
def test_padding_is_black_and_the_image_in_the_middle_is_untouched(rows, columns, top, left, channels):
    pixels = marked(rows, columns, channels)
    squared = square(pixels)
    expected = np.zeros((max(rows, columns),) * 2 + channels, dtype=np.uint8)
    expected[top : top + rows, left : left + columns] = pixels
    assert squared.pixels.dtype == np.uint8
    assert np.array_equal(squared.pixels, expected)


def test_the_pixels_that_are_given_stay_as_they_are():
    pixels = marked(4, 8)
    before = pixels.copy()
    square(pixels).pixels[:] = 7
    flipped(pixels)[:] = 7
    assert np.array_equal(pixels, before)


def test_a_large_image_is_resampled_to_896_and_keeps_its_proportions_and_corner():
    squared = square(marked(2000, 3000))
    assert squared.pixels.shape == (896, 896)
    assert (squared.top, squared.left, squared.rows, squared.columns) == (149, 0, 597, 896)
    assert squared.pixels[:149].max() == squared.pixels[746:].max() == 0
    assert squared.pixels[149, 0] == squared.pixels[149 + 140, 220] == MARK
    assert squared.pixels[149, 230] == squared.pixels[149 + 160, 0] == 90


@pytest.mark.parametrize("rows, columns", [(1, 10_000), (10_000, 1)])
def test_a_strip_needs_no_square_of_its_length(rows, columns):
    squared = square(np.full((rows, columns), 200, dtype=np.uint8))
    assert squared.pixels.shape == (896, 896)
    assert (squared.pixels == 200).sum() == 896
    assert squared.box_in_image((0, 0, 1000, 1000)) == (0, 0, rows, columns)


def test_one_pixel_is_a_square():
    assert square(np.array([[7]], dtype=np.uint8)).pixels.tolist() == [[7]]


def test_a_box_comes_back_to_the_displayed_image_without_the_padding():
    squared = square(marked(400, 800))  # 200 rows of padding above and below
    assert squared.box_in_image((250, 0, 375, 250)) == (0, 0, 100, 200)  # just the mark
    assert squared.box_in_image((0, 500, 1000, 1000)) == (0, 400, 400, 800)  # what is in the padding is cut off
    assert squared.box_in_image((0, 0, 250, 1000)) is None  # wholly in the padding
    assert squared.box_in_image((760, 0, 1000, 1000)) is None


@pytest.mark.parametrize(
    "box", [(), (1, 2, 3), (500, 0, 500, 9), (600, 0, 500, 9), (float("nan"), 0, 1000, 1000), (0, 0, float("inf"), 1)]
)
def test_what_is_no_box_is_none(box):
    assert square(marked(8, 8)).box_in_image(box) is None


def test_a_box_beyond_the_square_is_cut_at_the_image():
    assert square(marked(40, 80)).box_in_image((-50, -50, 2000, 2000)) == (0, 0, 40, 80)


@given(rows=st.integers(1, 3000), columns=st.integers(1, 3000), data=st.data())
def test_any_box_of_the_image_survives_the_way_to_the_model_and_back(rows, columns, data):
    y0, x0 = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    y1, x1 = data.draw(st.integers(y0 + 1, rows)), data.draw(st.integers(x0 + 1, columns))
    squared = square(np.zeros((rows, columns), dtype=np.uint8))
    side = len(squared.pixels)
    rows_scale, columns_scale = squared.rows / rows, squared.columns / columns
    told = [
        1000 * (squared.top + y0 * rows_scale) / side,
        1000 * (squared.left + x0 * columns_scale) / side,
        1000 * (squared.top + y1 * rows_scale) / side,
        1000 * (squared.left + x1 * columns_scale) / side,
    ]
    assert squared.box_in_image(told) == pytest.approx((y0, x0, y1, x1), abs=1e-6 * max(rows, columns))


def test_the_flipped_image_has_its_mark_in_the_other_corner_and_nothing_else_changed():
    pixels = marked(8, 8)
    mirror = flipped(pixels)
    assert mirror[0, -1] == MARK
    assert mirror[0, 0] == mirror[-1, -1] == 90
    assert np.array_equal(flipped(mirror), pixels)
    colour = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert flipped(colour)[0, 0].tolist() == colour[0, 2].tolist()  # columns change places, not colours


def test_flipping_then_squaring_moves_the_mark_as_squaring_then_flipping_does():
    for pixels in (marked(8, 4), marked(2000, 3000), marked(1001, 2000)):
        assert np.array_equal(square(flipped(pixels)).pixels, flipped(square(pixels).pixels))


@pytest.mark.parametrize(
    "box, side",
    [
        ((0, 0, 10, 40), "right"),
        ((0, 60, 10, 100), "left"),
        ((0, 30, 10, 70), None),
        ((0, 10, 10, 60), "right"),  # four fifths of it on image left
        ((0, 40, 10, 90), "left"),
        ((0, 0, 10, 100), None),
    ],
)
def test_the_patients_left_is_on_image_right(box, side):
    assert patient_side(box, 100) == side


def test_the_marked_shoulder_is_the_patients_right_and_its_mirror_the_left():
    squared = square(marked(400, 800))
    box = squared.box_in_image((250, 0, 375, 250))
    assert patient_side(box, 800) == "right"
    mirrored = square(flipped(marked(400, 800))).box_in_image((250, 750, 375, 1000))
    assert patient_side(mirrored, 800) == "left"


@pytest.mark.parametrize(
    "elements, across",
    [
        ({"PatientOrientation": ["L", "F"]}, "L"),
        ({"PatientOrientation": ["R", "F"]}, "R"),
        ({"PatientOrientation": ["AL", "F"]}, "A"),
        ({"PatientOrientation": ""}, ""),
        ({}, ""),
        ({"ImageOrientationPatient": AXIAL, "ImagePositionPatient": [0, 0, 0]}, "L"),
        ({"ImageOrientationPatient": [-1, 0, 0, 0, 1, 0], "ImagePositionPatient": [0, 0, 0]}, "R"),
        ({"ImageOrientationPatient": [0, 1, 0, 0, 0, -1], "ImagePositionPatient": [0, 0, 0]}, "P"),
    ],
)
def test_where_the_rows_of_an_image_run_to(tmp_path, elements, across):
    (image,) = load_study([make(tmp_path / "a.dcm", marked(4, 4), **elements)]).images
    assert image.across == across


def test_each_image_states_its_own_view(tmp_path):
    for name, view in (("a", "PA"), ("b", "LL"), ("c", None)):
        make(
            tmp_path / f"{name}.dcm", marked(4, 4), Modality="DX", ViewPosition=view, BodyPartExamined="CHEST",
            InstanceNumber=ord(name),
        )  # fmt: skip
    images = load_study([tmp_path]).images
    assert [(image.modality, image.view, image.body_part) for image in images] == [
        ("DX", "PA", "CHEST"),
        ("DX", "LL", "CHEST"),
        ("DX", "", "CHEST"),
    ]


@pytest.mark.parametrize(
    "position, scheme, code, view",
    [
        ("", "SCT", "399173006", "LL"),
        ("", "SRT", "R-10236", "LL"),
        ("", "SCT", "272479007", "PA"),
        ("", "SNM3", "R-10214", "PA"),
        ("AP", "SCT", "272479007", "AP"),  # the letters are what a person set at the machine
        ("", "99LOCAL", "17", ""),
    ],
)
def test_a_digital_radiograph_that_states_its_view_by_a_code_only(tmp_path, position, scheme, code, view):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, scheme, "some words"
    path = make(tmp_path / "a.dcm", marked(4, 4), Modality="DX", ViewPosition=position, ViewCodeSequence=[item])
    study = load_study([path])
    assert (study.images[0].view, study.facts.view) == (view, view)


def test_a_digital_radiograph_that_states_its_body_part_by_a_code_only(tmp_path):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "51185008", "SCT", "Thorax"
    path = make(tmp_path / "a.dcm", marked(4, 4), Modality="DX", AnatomicRegionSequence=[item])
    assert load_study([path]).facts.body_part == "Thorax"


def test_the_codes_of_views_are_those_of_the_standard():
    from pydicom.sr.codedict import codes

    listed = (getattr(codes.cid4010, name) for name in dir(codes.cid4010))
    meanings = {code.value: code.meaning for code in listed if hasattr(code, "value")}
    for row in rows("dicom_views"):
        assert meanings[row["codes"].split(" | ")[0]] == row["meaning"]


@pytest.mark.parametrize(
    "elements, burned_in",
    [
        ({}, False),
        ({"BurnedInAnnotation": "NO"}, False),
        ({"BurnedInAnnotation": "YES"}, True),
        ({"BurnedInAnnotation": "YES", "Modality": "DX"}, True),
        ({"Modality": "SC"}, True),
        ({"Modality": "OT"}, True),
        ({"Modality": "OT", "BurnedInAnnotation": "NO"}, False),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, True),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, True),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7.4"}, True),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "BurnedInAnnotation": "NO"}, False),
    ],
)
def test_no_model_is_shown_pixels_that_may_name_the_patient(tmp_path, elements, burned_in):
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4)
    (image,) = load_study([make(tmp_path / "a.dcm", pixels, **elements)]).images
    assert (image.burned_in, may_be_shown(image)) == (burned_in, not burned_in)
    if burned_in:
        with pytest.raises(InputError, match=f"{image.caption}: .*burned in"):
            radiograph(image)
    else:
        assert np.array_equal(radiograph(image), image.pixels)
