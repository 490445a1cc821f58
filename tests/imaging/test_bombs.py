"""Small files that ask for much: each is refused in a sentence or shown right, in memory that is known beforehand."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless

from dictation.errors import InputError
from dictation.imaging import dicom, load_study
from dictation.imaging.for_reader import radiograph
from tests.imaging.dicom_maker import make
from tests.imaging.measuring import message, peak_mb

PIXEL_DATA = b"\xe0\x7f\x10\x00"
SEQUENCE = b"\x00\x54\x00\x01SQ\x00\x00"
ITEM, SEQUENCE_END = b"\xfe\xff\x00\xe0\x00\x00\x00\x00", b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
OPEN_ITEM, ITEM_END = b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xfe\xff\x0d\xe0\x00\x00\x00\x00"
ENDLESS = b"\xff\xff\xff\xff"
HUGE = 20_000  # pixels a side: 400 megapixels


def png_that_states(path, columns, rows, depth=8):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", columns, rows, depth, 0, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    return path


def jpeg_that_states(path, columns, rows):
    written = io.BytesIO()
    Image.new("L", (64, 64)).save(written, "JPEG")
    content = bytearray(written.getvalue())
    place = content.index(b"\xff\xc0") + 5
    content[place : place + 4] = struct.pack(">HH", rows, columns)
    path.write_bytes(content)
    return path


def dicom_that_states(path, columns, rows):
    return make(path, np.zeros((8, 8), np.uint8), Rows=rows, Columns=columns)


@pytest.mark.parametrize("made", [png_that_states, jpeg_that_states, dicom_that_states])
def test_four_hundred_megapixels_are_refused_before_anything_is_decoded(tmp_path, made):
    path = made(tmp_path / "a.dcm", HUGE, HUGE)
    why = message(path)
    assert "more pixels than any radiograph; export it again" in why or "20000 x 20000 pixels, more than any" in why
    assert peak_mb(path) < 50


@pytest.mark.parametrize("columns, rows", [(100_000, 1), (1, 100_000)])
def test_no_side_is_longer_than_a_header_can_state(tmp_path, columns, rows):
    assert "more than any exam has" in message(png_that_states(tmp_path / "a.png", columns, rows))


@pytest.mark.parametrize("rows, columns", [(1, 10_000), (10_000, 1), (1, 65_535)])
def test_a_strip_is_shown_to_a_reader_within_a_few_megabytes(tmp_path, rows, columns):
    Image.fromarray(np.full((rows, columns), 200, np.uint8)).save(tmp_path / "a.png")
    (image,) = load_study([tmp_path / "a.png"]).images
    assert image.pixels.shape == (rows, columns)
    assert radiograph(image).shape == (896, 896)
    assert peak_mb(tmp_path / "a.png") < 50


def test_an_animated_png_is_not_cut_down_to_one_of_its_pictures(tmp_path):
    frames = [Image.new("L", (8, 8), grey) for grey in (0, 100, 255)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    assert message(tmp_path / "a.png") == "is an animation of 3 pictures; export the one to be read."


def test_a_tiff_of_several_pages_under_the_name_of_a_png_is_all_its_pages(tmp_path):
    frames = [Image.new("L", (8, 8), grey) for grey in (0, 100, 255)]
    frames[0].save(tmp_path / "a.png", "TIFF", save_all=True, append_images=frames[1:])
    assert [int(image.pixels[0, 0]) for image in load_study([tmp_path / "a.png"]).images] == [0, 100, 255]


def test_a_cmyk_jpeg_is_not_shown_as_its_negative(tmp_path):
    grey = Image.fromarray(np.tile(np.arange(0, 256, 4, dtype=np.uint8), (64, 1)))
    grey.convert("RGB").convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    (image,) = load_study([tmp_path / "a.jpg"]).images
    shown = image.pixels if image.pixels.ndim == 2 else image.pixels.mean(axis=2)
    assert np.abs(shown - np.asarray(grey)).max() < 10


def test_a_palette_with_a_transparent_colour_lies_on_black(tmp_path):
    picture = Image.new("P", (4, 4), 1)
    picture.putpalette([250, 250, 250, 10, 200, 30])
    picture.putpixel((0, 0), 0)
    picture.save(tmp_path / "a.png", transparency=0)
    (image,) = load_study([tmp_path / "a.png"]).images
    assert image.pixels[0, 0].tolist() == [0, 0, 0]
    assert image.pixels[1, 1].tolist() == [10, 200, 30]


def test_a_picture_of_many_strips_is_what_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("dictation.imaging.raster.STRIP_PIXELS", 100)
    noise = np.random.default_rng(1).integers(0, 255, (97, 31, 3), dtype=np.uint8)
    deep = np.random.default_rng(1).integers(0, 2**16, (97, 31), dtype=np.uint16)
    deep[0, 0], deep[96, 30] = 0, 65_535
    noise_path, deep_path = tmp_path / "noise.png", tmp_path / "deep.png"
    Image.fromarray(noise).save(noise_path)
    Image.fromarray(deep).save(deep_path)
    assert np.array_equal(load_study([noise_path]).images[0].pixels, noise)
    assert np.array_equal(load_study([deep_path]).images[0].pixels, np.rint(deep / 65_535 * 255).astype(np.uint8))


def test_a_png_with_text_that_inflates_without_end(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "0" * 50_000_000, zip=True)
    Image.new("L", (8, 8)).save(tmp_path / "a.png", pnginfo=info)
    assert (tmp_path / "a.png").stat().st_size < 2**17
    assert "is damaged or incomplete" in message(tmp_path / "a.png")
    assert peak_mb(tmp_path / "a.png") < 50


@pytest.mark.parametrize(
    "mode, suffix", [("RGBA", "png"), ("P", "png"), ("I;16", "png"), ("CMYK", "jpg"), ("F", "tif")]
)
def test_a_large_picture_is_held_once_not_in_every_shape_on_its_way(tmp_path, mode, suffix):
    side = 3000
    path = tmp_path / f"a.{suffix}"
    Image.new(mode, (side, side)).save(path, **({"transparency": 0} if mode == "P" else {}))
    assert peak_mb(path) < 14 * side * side / 2**20 + 100  # bytes a pixel: four of the decoder, values, what is shown


def test_a_large_radiograph_is_held_at_its_depth_once_or_twice(tmp_path):
    side = 3000
    stored = np.arange(side * side, dtype=np.uint32).astype(np.uint16).reshape(side, side)
    path = make(tmp_path / "a.dcm", stored, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=7)
    assert peak_mb(path) < 12 * side * side / 2**20 + 100


def in_header(path, content):
    """A valid image with more elements before its pixels."""
    whole = make(path, np.zeros((8, 8), np.uint8)).read_bytes()
    place = whole.rindex(PIXEL_DATA)
    path.write_bytes(whole[:place] + content + whole[place:])
    return path


@pytest.mark.parametrize("length", [ENDLESS, struct.pack("<I", 8_000_000)])
def test_a_sequence_of_a_million_items_is_refused_before_it_is_parsed(tmp_path, length):
    end = SEQUENCE_END if length == ENDLESS else b""
    path = in_header(tmp_path / "a.dcm", SEQUENCE + length + ITEM * 1_000_000 + end)
    assert message(path) == "holds more than 500000 sequence items; export it as single images."
    assert peak_mb(path) < 100


def test_a_sequence_of_a_million_items_before_the_transfer_syntax_is_refused_before_it_is_parsed(tmp_path):
    whole = make(tmp_path / "a.dcm", np.zeros((8, 8), np.uint8)).read_bytes()
    sequence = b"\x02\x00\x02\x01SQ\x00\x00" + ENDLESS + ITEM * 1_000_000 + SEQUENCE_END
    (tmp_path / "a.dcm").write_bytes(whole[:132] + sequence + whole[132:])
    assert message(tmp_path / "a.dcm") == "holds more than 500000 sequence items; export it as single images."
    assert peak_mb(tmp_path / "a.dcm") < 100


def test_sequences_nested_five_thousand_deep(tmp_path):
    nested = (SEQUENCE + ENDLESS + OPEN_ITEM) * 5000 + (ITEM_END + SEQUENCE_END) * 5000
    path = in_header(tmp_path / "a.dcm", nested)
    assert message(path) == "is damaged or no DICOM file; send it from the archive again."
    assert peak_mb(path) < 100


def test_items_are_counted_inside_a_deflated_file_too(tmp_path, monkeypatch):
    path = in_header(tmp_path / "a.dcm", SEQUENCE + ENDLESS + ITEM * 5000 + SEQUENCE_END)
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path)
    assert len(load_study([path]).images) == 1
    monkeypatch.setattr(dicom, "MAX_ITEMS", 4999)
    assert "holds more than 4999 sequence items" in message(path)


def deflated(path):
    """A valid deflated image: all before its deflated part, and what that part holds."""
    dataset = dcmread(make(path, np.zeros((8, 8), np.uint8)))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path)
    whole = path.read_bytes()
    start = 132 + 12 + int(dcmread(path).file_meta.FileMetaInformationGroupLength)
    return whole[:start], zlib.decompress(whole[start:], wbits=-zlib.MAX_WBITS)


def bomb(content):
    """A deflated part that begins as any other and goes on to 256 MB of zeros."""
    deflating = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    header = deflating.compress(content) + deflating.flush(zlib.Z_FULL_FLUSH)
    zeros = deflating.compress(bytes(2**24)) + deflating.flush(zlib.Z_FULL_FLUSH)  # knows nothing of what came before
    return header + zeros * 16 + deflating.flush()


def harmless(content):
    deflating = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflating.compress(content) + deflating.flush()


def in_plain_sight(head, content):
    return head + bomb(content)


def without_a_preamble(head, content):
    return head[132:] + bomb(content)


def behind_a_length_that_points_at_a_harmless_part(head, content):
    whole = head + bomb(content)
    return whole[:140] + struct.pack("<I", len(whole) - 144) + whole[144:] + harmless(content)


def behind_a_command_that_is_a_harmless_part_too(head, content):
    """An element of group 0000, which pydicom steps over, and three deflated blocks without content (RFC 1951, 3.2)."""
    command = b"\x00\x00\x00\xff" + struct.pack("<I", 255) + (b"\xff\xff" + b"\x03\x00").ljust(255, b"\x00")
    assert zlib.decompress(command, wbits=-zlib.MAX_WBITS) == b""
    return head + command + bomb(content)


BOMBS = [
    in_plain_sight,
    without_a_preamble,
    behind_a_length_that_points_at_a_harmless_part,
    behind_a_command_that_is_a_harmless_part_too,
]


@pytest.mark.parametrize("made", BOMBS)
def test_a_deflated_bomb_is_never_inflated_whole(tmp_path, made):
    path = tmp_path / "a.dcm"
    path.write_bytes(made(*deflated(path)))
    assert path.stat().st_size < 2**21
    assert message(path) == "inflates to more than 64 MB; export it as explicit VR little endian."
    assert peak_mb(path) < 100


def test_a_few_kilobytes_that_state_a_hundred_gigabytes_of_frames(tmp_path, dicom_file):
    """Each frame is a valid JPEG 2000 stream, so only the sum tells that no memory holds them."""
    source = dcmread(dicom_file("MR_small_jp2klossless.dcm"))
    assert source.file_meta.TransferSyntaxUID == JPEG2000Lossless
    source.NumberOfFrames, source.Rows, source.Columns = 1000, 10_000, 10_000
    source.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(100)] * 1000)
    path = tmp_path / "a.dcm"
    source.save_as(path)
    assert path.stat().st_size < 200_000
    assert message(path) == "states more than 4 GB of frames; export a part of it."
    assert peak_mb(path) < 50


def test_a_series_that_together_states_too_much_is_refused_before_it_is_decoded(tmp_path):
    for number in range(40):
        make(tmp_path / f"{number}.dcm", np.zeros((8, 8), np.uint8), Rows=11_000, Columns=11_000)
    with pytest.raises(InputError, match=r"needs more than 4 GB; give one series of it\.$"):
        load_study([tmp_path])


@pytest.mark.parametrize("length", [0xFFFFFFF0, 0x7FFFFFF0])
def test_a_length_of_pixels_that_the_file_does_not_have(tmp_path, length):
    path = make(tmp_path / "a.dcm", np.full((8, 8), 3, np.uint8), WindowCenter=128, WindowWidth=256)
    whole = path.read_bytes()
    place = whole.rindex(PIXEL_DATA) + 8
    path.write_bytes(whole[:place] + struct.pack("<I", length) + whole[place + 4 :])
    (image,) = load_study([path]).images  # all 64 of them are there
    assert image.pixels.tolist() == [[3] * 8] * 8
    assert peak_mb(path) < 50
    path.write_bytes(path.read_bytes()[:-1])
    assert "damaged or incomplete pixels" in message(path)
