"""Damaged, foreign and malicious files end in one sentence that names the file and the fix."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import MPEG2MPML, DeflatedExplicitVRLittleEndian, RLELossless

from dictation.errors import InputError, MissingError
from dictation.imaging import dicom, load_study, raster
from tests.imaging.dicom_maker import make


def message(path: Path) -> str:
    with pytest.raises(InputError) as error:
        load_study([path])
    text = str(error.value)
    assert text.startswith(str(path))
    assert text.endswith(".")
    return text


def rewritten(path, source, **elements):
    dataset = dcmread(source)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path)
    return path


@pytest.mark.parametrize("content", [b"", b"\x00" * 10, b"\xff\xd8\xff", b"hello" * 100, b"PK\x03\x04" + b"\x00" * 500])
def test_what_is_no_image_is_called_so(tmp_path, content):
    path = tmp_path / "x.dcm"
    path.write_bytes(content)
    message(path)


def test_a_missing_file_and_an_empty_folder(tmp_path):
    assert "No such file" in message(tmp_path / "missing.png")
    assert "holds no readable image" in message(tmp_path)


def test_no_path_at_all():
    with pytest.raises(InputError, match="no path was given"):
        load_study([])


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


def test_a_tiff_with_pages_without_end_is_refused(tmp_path, monkeypatch):
    from PIL import Image

    path = tmp_path / "a.tif"
    page = Image.new("L", (500, 500))
    page.save(path, save_all=True, append_images=[page] * 9)
    monkeypatch.setattr(raster, "MAX_STUDY_BYTES", 2_000_000)
    assert "more pages than any exam" in message(path)


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


def test_scrambled_pixels_of_a_compressed_image(tmp_path, dicom_file):
    source = dicom_file("MR_small_RLE.dcm")
    path = rewritten(tmp_path / "a.dcm", source, PixelData=b"\xfe\xff\x00\xe0\x00\x00\x00\x00" + bytes(range(256)))
    message(path)


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


def test_an_rle_image_of_absurd_size_is_refused_before_it_is_decoded(tmp_path, dicom_file):
    path = rewritten(tmp_path / "a.dcm", dicom_file("MR_small_RLE.dcm"), Rows=60000, Columns=60000)
    assert dcmread(path).file_meta.TransferSyntaxUID == RLELossless
    assert "60000 x 60000 pixels" in message(path)


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


def test_a_deflated_file_that_inflates_without_end_is_refused(tmp_path, monkeypatch):
    path = make(tmp_path / "a.dcm", np.zeros((3000, 3000), np.uint8))
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path)
    assert path.stat().st_size < 2**20
    assert load_study([path]).images[0].pixels.shape == (3000, 3000)
    monkeypatch.setattr(dicom, "MAX_INFLATED_BYTES", 2**20)
    assert "inflates to more than 1 MB; export it as explicit VR little endian" in message(path)


def test_the_message_of_a_damaged_file_holds_nothing_of_its_header(tmp_path):
    path = make(tmp_path / "a.dcm", np.zeros((8, 8), np.uint8), PatientName="SECRET^Name", Rows=9)
    assert "SECRET" not in message(path)


@pytest.mark.parametrize("module, suffix", [("pydicom", "dcm"), ("PIL", "png")])
def test_a_missing_package_is_named_with_the_command_that_installs_it(tmp_path, monkeypatch, module, suffix):
    from PIL import Image

    path = tmp_path / f"a.{suffix}"
    if suffix == "png":
        Image.new("L", (4, 4)).save(path)
    else:
        make(path, np.zeros((8, 8), np.uint8))
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingError, match=r"pip install .*pydicom"):
        load_study([path])


def test_names_that_are_not_ascii_and_255_bytes_long(tmp_path):
    path = tmp_path / ("ä" * 125 + ".dcm")
    make(path, np.zeros((8, 8), np.uint8))
    assert len(load_study([path]).images) == 1


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
