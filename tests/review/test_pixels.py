"""What the viewer draws: the pixels of the file, air dark, in a size that a page can hold."""

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from dictation.errors import InputError
from dictation.imaging import StudyImage, load_study
from dictation.review.pixels import image_bytes, windows
from tests.imaging.dicom_maker import make

CT = {"Modality": "CT", "RescaleSlope": 1, "RescaleIntercept": -1024, "RescaleType": "HU"}


def unpacked(answer: bytes) -> tuple[dict, np.ndarray]:
    """Header and values as the viewer reads them."""
    content = gzip.decompress(answer)
    length = struct.unpack_from("<I", content)[0]
    header = json.loads(content[4 : 4 + length])
    assert length % 4 == 0
    kind = np.dtype("<u2") if header["bits"] == 16 else np.dtype("u1")
    shape = (header["rows"], header["columns"], header["channels"])[: 3 if header["channels"] == 3 else 2]
    pixels = np.frombuffer(content[4 + length :], kind).reshape(shape)
    return header, header["lowest"] + header["step"] * pixels


def shown(header: dict, values: np.ndarray) -> np.ndarray:
    """The window of the header applied as the viewer applies it: 0 to 255."""
    return ((values - header["centre"]) / header["width"] + 0.5).clip(0, 1) * 255


def test_a_ct_comes_in_hounsfield_units_to_the_unit(tmp_path):
    stored = np.arange(0, 4096, dtype=np.uint16).reshape(64, 64)
    image = load_study([make(tmp_path / "a.dcm", stored, **CT, WindowCenter=40, WindowWidth=400)]).images[0]
    header, values = unpacked(image_bytes(image))
    assert np.array_equal(values, stored.astype(float) - 1024)
    assert (header["unit"], header["centre"], header["width"], header["step"]) == ("HU", 40, 400, 1)
    assert header["presets"] == windows()


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "examples_overlay.dcm"])
def test_a_real_image_looks_as_it_is_displayed(name):
    image = load_study([Path(str(get_testdata_file(name, download=False)))]).images[0]
    header, values = unpacked(image_bytes(image))
    assert values.shape == image.pixels.shape
    assert np.abs(shown(header, values) - image.pixels.astype(float)).max() <= 2


def test_air_is_dark_in_an_inverted_radiograph(tmp_path):
    stored = np.full((40, 40), 4000, np.uint16)  # MONOCHROME1: the highest value is black, so this is air
    stored[10:30, 10:30] = 100
    made = make(
        tmp_path / "a.dcm", stored, PhotometricInterpretation="MONOCHROME1", WindowCenter=2000, WindowWidth=4000
    )
    image = load_study([made]).images[0]
    header, values = unpacked(image_bytes(image))
    drawn = shown(header, values)
    assert drawn[0, 0] < 10 and drawn[20, 20] > 240
    assert np.abs(drawn - image.pixels.astype(float)).max() <= 2


def test_values_with_fractions_keep_sixteen_bits(tmp_path):
    stored = np.arange(0, 10000, dtype=np.uint16).reshape(100, 100)
    made = make(tmp_path / "a.dcm", stored, Modality="PT", RescaleSlope=0.001, RescaleIntercept=0)
    header, values = unpacked(image_bytes(load_study([made]).images[0]))
    assert header["bits"] == 16 and header["unit"] == ""
    assert np.abs(values - stored * 0.001).max() < 0.0002


def test_a_large_image_is_reduced_and_boxes_still_count_in_its_own_pixels(tmp_path):
    stored = np.zeros((1000, 4096), np.uint16)
    stored[:, 2048:] = 1000
    made = make(tmp_path / "a.dcm", stored, PixelSpacing=[0.1, 0.1])
    header, values = unpacked(image_bytes(load_study([made]).images[0]))
    assert (header["rows"], header["columns"], header["of"]) == (500, 2048, [1000, 4096])
    assert header["spacing_mm"] == [0.2, 0.2]
    assert values[0, 0] == 0 and abs(values[0, -1] - 1000) < 0.1


def test_colour_stays_colour_and_a_picture_without_header_has_its_eight_bits():
    colour = np.zeros((3, 5, 3), np.uint8)
    colour[..., 0] = 200
    header, values = unpacked(image_bytes(StudyImage(pixels=colour)))
    assert header["channels"] == 3 and values[0, 0].tolist() == [200, 0, 0]
    grey = np.arange(15, dtype=np.uint8).reshape(3, 5)
    header, values = unpacked(image_bytes(StudyImage(pixels=grey)))
    assert header["bits"] == 8 and np.array_equal(values, grey)
    assert np.allclose(shown(header, values), grey)


def test_padding_is_black(tmp_path):
    stored = np.full((20, 20), 1100, np.int16)
    stored[0, :] = -2000
    made = make(tmp_path / "a.dcm", stored, **CT, PixelPaddingValue=-2000)
    header, values = unpacked(image_bytes(load_study([made]).images[0]))
    assert values[0, 0] == values.min() == 76 and np.isfinite(header["lowest"])


def test_a_file_that_is_gone_is_said_to_be_gone_without_its_path(tmp_path):
    made = make(tmp_path / "EXAMPLE_Ada.dcm", np.zeros((4, 4), np.uint16))
    image = load_study([made]).images[0]
    made.unlink()
    with pytest.raises(InputError) as error:
        image_bytes(image)
    assert "Ada" not in str(error.value)
