"""Damaged, foreign and malicious files end in one sentence that names the file and the fix."""

import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import MPEG2MPML

from dictation.errors import InputError
from dictation.imaging import load_study, raster
from tests.imaging.dicom_maker import make
from tests.imaging.measuring import message


@pytest.mark.parametrize("content", [b"", b"\x00" * 10, b"\xff\xd8\xff", b"hello" * 100, b"PK\x03\x04" + b"\x00" * 500])
def test_what_is_no_image_is_called_so(tmp_path, content):
    path = tmp_path / "x.dcm"
    path.write_bytes(content)
    message(path)


def test_a_missing_file_and_an_empty_folder(tmp_path):
    assert "No such file" in message(tmp_path / "missing.png")
    assert "holds no readable image" in message(tmp_path)


@pytest.mark.parametrize(
    "name, why",
    [
        ("reportsi.dcm", "a structured report, not an image"),
        ("rtplan.dcm", "a treatment plan, not an image"),
        ("liver_1frame.dcm", "a segmentation, not an image"),
        ("waveform_ecg.dcm", "a waveform, not an image"),
        ("emri_small_jpeg_2k_lossless_too_short.dcm", "without pixels"),
        ("no_meta_group_length.dcm", "without an image"),
        ("MR_truncated.dcm", "damaged or incomplete pixels"),
        ("JPEG-lossy.dcm", "12-bit lossy JPEG"),
        ("JPGExtended.dcm", "12-bit lossy JPEG"),
    ],
)
def test_real_dicom_files_that_cannot_be_shown(dicom_file, name, why):
    assert why in message(dicom_file(name))


def test_a_file_without_preamble_and_meta_information_is_read(dicom_file):
    (image,) = load_study([dicom_file("OT-PAL-8-face.dcm")]).images
    assert image.pixels.shape == (480, 640, 3)


def test_the_index_of_a_disc_by_name_and_in_its_folder(dicom_file):
    disc = dicom_file("CT_small.dcm").parent / "dicomdirtests"
    assert "give the folder it lies in" in message(disc / "DICOMDIR")
    slices = sorted((disc / "77654033" / "CT2").iterdir())
    assert len(load_study(slices).images) == 4


def tiff_of(pages: int, order: str = "<", last: int = 0) -> bytes:
    """Grey pages of one pixel, which all lie at one place; behind the last one comes the page at `last`."""
    tags = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 1)]
    size, found = 2 + 12 * len(tags) + 4, b""
    for page in range(pages):
        following = 10 + size * (page + 1) if page + 1 < pages else last
        entries = b"".join(
            struct.pack(f"{order}HHI", tag, kind, count)
            + (struct.pack(f"{order}HH", value, 0) if kind == 3 else struct.pack(f"{order}I", value))
            for tag, kind, count, value in tags
        )
        found += struct.pack(f"{order}H", len(tags)) + entries + struct.pack(f"{order}I", following)
    return {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", 10) + b"\x7f\0" + found


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_pages_of_a_tiff_are_counted_before_one_is_looked_at(tmp_path, monkeypatch, order):
    path = tmp_path / "a.tif"
    path.write_bytes(tiff_of(3, order))
    monkeypatch.setattr(raster, "MAX_PAGES", 3)
    assert [image.pixels.tolist() for image in load_study([path]).images] == [[[0x7F]]] * 3
    path.write_bytes(tiff_of(4, order))
    assert "has more than 3 pages; export the images of one exam as single files" in message(path)
    monkeypatch.setattr("PIL.Image.open", None)  # nobody is asked to take it apart
    assert "has more than 3 pages" in message(path)


def test_pages_that_go_round_in_a_circle_are_refused(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(tiff_of(3, last=10))
    assert "goes round in a circle" in message(path)


@pytest.mark.parametrize("syntax", [MPEG2MPML, "1.2.840.10008.1.2.4.94", "1.2.840.113619.5.2"])
def test_a_transfer_syntax_without_a_decoder_is_named(tmp_path, dicom_file, syntax):
    dataset = dcmread(dicom_file("MR_small_RLE.dcm"))
    dataset.file_meta.TransferSyntaxUID = syntax
    path = tmp_path / "a.dcm"
    dataset.save_as(path, implicit_vr=False, little_endian=True, enforce_file_format=False)
    assert f"its transfer syntax {syntax} cannot be decoded here" in message(path)


@pytest.mark.parametrize(
    "elements",
    [
        {"Rows": 65535, "Columns": 65535},
        {"Rows": 0},
        {"NumberOfFrames": 2_000_000_000},
        {"NumberOfFrames": 500},
        {"BitsAllocated": 24},
        {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3},
        {"PixelData": b""},
    ],
)
def test_headers_that_lie_about_their_pixels(tmp_path, elements):
    path = make(tmp_path / "a.dcm", np.arange(64, dtype=np.uint8).reshape(8, 8))
    dataset = dcmread(path)
    for keyword, value in elements.items():
        dataset[keyword] = dataset[keyword] if keyword in dataset else _element(keyword)
        dataset[keyword]._value = value
    dataset.save_as(path)
    message(path)


def _element(keyword):
    from pydicom.datadict import dictionary_VR
    from pydicom.dataelem import DataElement

    return DataElement(keyword, dictionary_VR(keyword), "1")


@pytest.mark.parametrize(
    "name, marker, offset",
    [
        ("JPEGLSNearLossless_08.dcm", b"\xff\xf7", 5),
        ("JPGExtended.dcm", b"\xff\xc1", 5),
        ("SC_rgb_jpeg_dcmtk.dcm", b"\xff\xc0", 5),
    ],
)
@pytest.mark.parametrize("height", [0, 65535])
def test_a_jpeg_that_states_another_height_than_its_header_never_reaches_the_decoder(
    tmp_path, dicom_file, name, marker, offset, height
):
    """With a height of 0 the decoder for JPEG-LS waits for ever."""
    content = bytearray(dicom_file(name).read_bytes())
    place = content.index(b"\xff\xd8\xff")
    place = content.index(marker, place) + offset
    content[place : place + 2] = height.to_bytes(2, "big")
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    assert "damaged or incomplete pixels" in message(path)


def test_a_jpeg2000_that_states_another_width_than_its_header_never_reaches_the_decoder(tmp_path, dicom_file):
    content = bytearray(dicom_file("MR_small_jp2klossless.dcm").read_bytes())
    place = content.index(b"\xff\x4f\xff\x51") + 8
    content[place : place + 4] = (2**31).to_bytes(4, "big")
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    assert "damaged or incomplete pixels" in message(path)


def test_the_message_of_a_damaged_file_holds_nothing_of_its_header(tmp_path):
    path = make(tmp_path / "a.dcm", np.zeros((8, 8), np.uint8), PatientName="SECRET^Name", Rows=9)
    assert "SECRET" not in message(path)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_ends_in_images_or_in_one_sentence(tmp_path, dicom_file, data):
    name = data.draw(st.sampled_from(["MR_small_RLE.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_bigendian.dcm"]))
    content = bytearray(dicom_file(name).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.dcm"
    path.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
    try:
        study = load_study([path])
    except InputError as error:
        assert str(error).startswith(str(path))
    else:
        assert all(image.pixels.dtype == np.uint8 for image in study.images)
