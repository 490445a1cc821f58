"""CT and MR series as a model reads them: instruction, slices with their numbers, question last. Off by default."""

import numpy as np
import pytest

from dictation.imaging import load_study
from dictation.imaging.for_reader import MAX_SLICES, ct_colours
from dictation.reading.blind import BlindReader
from dictation.reading.probes import probes_for
from tests.imaging.dicom_maker import make
from tests.reading.scenes import Watched

AXIAL, SLICES = [1, 0, 0, 0, 1, 0], 90
TOP, BOTTOM = 40, -60  # Hounsfield units of the first and the last slice


def units(place: int) -> int:
    return round(TOP + (BOTTOM - TOP) * place / (SLICES - 1))


@pytest.fixture(scope="module")
def ct(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ct")
    for place in range(SLICES):
        pixels = np.full((16, 16), units(place) + 1024, np.int16)
        make(
            folder / f"{place}.dcm", pixels, Modality="CT", BodyPartExamined="CHEST", PatientSex="M", PatientAge="035Y",
            RescaleSlope=1, RescaleIntercept=-1024, RescaleType="HU", ImageOrientationPatient=AXIAL,
            ImagePositionPatient=[0, 0, -place],
        )  # fmt: skip
    return load_study([folder])


@pytest.fixture
def brain(tmp_path):
    for place in range(3):
        pixels = np.full((16, 16), 100 * place, np.uint16)
        make(
            tmp_path / f"{place}.dcm", pixels, Modality="MR", BodyPartExamined="BRAIN", ImageOrientationPatient=AXIAL,
            ImagePositionPatient=[0, 0, -place],
        )  # fmt: skip
    return load_study([tmp_path])


def test_series_are_not_read_unless_the_setting_says_so(seeing, ct, brain):
    model = Watched(seeing)
    for study, why in ((ct, "CT is not read"), (brain, "MRI is not read")):
        reading = BlindReader(model).read(study)
        assert len(reading.opinions) > 4
        assert all(not one.assessed and why in one.reason for one in reading.opinions)
    assert model.seen == model.prompts == []


def test_a_ct_is_an_instruction_85_slices_with_their_numbers_and_the_question_last(seeing, ct):
    model = Watched(seeing)
    reading = BlindReader(model, also={"ct"}).read(ct)
    assert {one.finding for one in reading.opinions} == {probe.finding for probe in probes_for("CT", {"chest"})}
    instruction, *rest = model.seen[0]
    assert "axial slices of a CT of a male patient aged 30 to 39 years" in instruction
    pixels, numbers = rest[::2], rest[1::2]
    assert numbers == [f"SLICE {number}" for number in range(1, MAX_SLICES + 1)]
    sampled = [round(number * (SLICES - 1) / MAX_SLICES) for number in range(1, MAX_SLICES + 1)]
    expected = [ct_colours(np.full((16, 16), units(place), np.float32)) for place in sampled]
    assert all(np.array_equal(one, other) for one, other in zip(pixels, expected, strict=True))
    assert model.prompts[0].startswith("Is there a pleural effusion?")


def test_the_controls_of_a_series_change_every_slice_and_no_word(seeing, ct):
    model = Watched(seeing)
    BlindReader(model, also={"ct"}).read(ct)
    seen, blank = model.seen[0], model.seen[1]
    assert [part for part in seen if isinstance(part, str)] == [part for part in blank if isinstance(part, str)]
    assert {part.min() for part in blank if not isinstance(part, str)} == {128}
    assert {part.max() for part in blank if not isinstance(part, str)} == {128}


def test_an_mr_series_is_grey_from_its_lowest_to_its_highest_value(seeing, brain):
    model = Watched(seeing)
    reading = BlindReader(model, also={"mr"}).read(brain)
    assert "hydrocephalus" in {one.finding for one in reading.opinions}
    assert [int(part.mean()) for part in model.seen[0] if not isinstance(part, str)] == [0, 128, 255]


def test_a_series_that_is_not_axial_is_not_assessed_and_says_why(seeing, tmp_path):
    make(tmp_path / "a.dcm", np.zeros((16, 16), np.int16), Modality="CT", BodyPartExamined="CHEST")
    reading = BlindReader(seeing, also={"ct"}).read(load_study([tmp_path]))
    assert all("states that it is axial" in one.reason for one in reading.opinions)
