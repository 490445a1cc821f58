"""PNG, JPEG and TIFF: upright, grey where they are grey, sixteen bits not cut."""

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dictation.errors import InputError
from dictation.exam import ExamFacts
from dictation.imaging import load_study
from dictation.imaging.for_reader import square

ORIENTATION = 0x0112
GRADIENT = np.tile(np.arange(64, dtype=np.uint8) * 4, (32, 1))


def shown(path):
    (image,) = load_study([path]).images
    return image.pixels


def saved(path, pixels, **options):
    Image.fromarray(pixels).save(path, **options)
    return path


def test_a_grey_png_is_shown_as_it_is_and_states_nothing(tmp_path):
    path = saved(tmp_path / "EXAMPLE_Ada.png", GRADIENT)
    study = load_study([path])
    assert np.array_equal(study.images[0].pixels, GRADIENT)
    assert study.facts == ExamFacts()
    assert len(study.id) == 64
    assert "EXAMPLE" not in study.images[0].caption


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_sixteen_bit_grey_keeps_its_order_and_fills_the_range(tmp_path, suffix):
    wide = np.tile(np.arange(0, 4096, 64, dtype=np.uint16), (8, 1))  # twelve bits in sixteen: dark when cut
    pixels = shown(saved(tmp_path / f"a.{suffix}", wide))
    assert pixels.dtype == np.uint8
    assert (pixels[0, 0], pixels[0, -1]) == (0, 255)
    assert np.all(np.diff(pixels[0].astype(int)) > 0)


def test_a_phone_photo_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the camera was turned: rotate by 90 degrees clockwise to see it upright
    pixels = shown(saved(tmp_path / "a.png", GRADIENT, exif=exif))
    assert np.array_equal(pixels, np.rot90(GRADIENT, -1))


def test_a_turned_sixteen_bit_image_too(tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    wide = np.tile(np.arange(64, dtype=np.uint16) * 1000, (8, 1))
    assert shown(saved(tmp_path / "a.png", wide, exif=exif))[0, 0] == 255


def test_a_jpeg_of_a_grey_image_stored_in_colour_is_grey(tmp_path):
    pixels = shown(saved(tmp_path / "a.jpg", np.stack([GRADIENT] * 3, axis=-1), quality=95))
    assert pixels.shape == GRADIENT.shape
    assert np.abs(pixels.astype(int) - GRADIENT).max() < 8


def test_colour_stays_colour_and_transparency_lies_on_black(tmp_path):
    colour = np.zeros((4, 4, 4), dtype=np.uint8)
    colour[..., 0], colour[..., 3] = 200, 255
    colour[0, 0, 3] = 0
    pixels = shown(saved(tmp_path / "a.png", colour))
    assert pixels.shape == (4, 4, 3)
    assert pixels[1, 1].tolist() == [200, 0, 0]
    assert pixels[0, 0].tolist() == [0, 0, 0]


def test_two_views_are_one_study_whose_id_is_of_their_bytes(tmp_path):
    a, b = saved(tmp_path / "a.png", GRADIENT), saved(tmp_path / "b.png", 255 - GRADIENT)
    both = load_study([a, b])
    assert len(both.images) == 2
    assert both.id == load_study([a, b]).id != load_study([a]).id


@pytest.mark.parametrize("kept", [20, 60, 0.5])
@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_truncated_picture_is_one_sentence(tmp_path, kept, suffix):
    noise = np.random.default_rng(1).integers(0, 255, (64, 64), dtype=np.uint8)
    whole = saved(tmp_path / f"a.{suffix}", noise).read_bytes()
    path = tmp_path / f"cut.{suffix}"
    path.write_bytes(whole[: kept if kept > 1 else int(len(whole) * kept)])
    with pytest.raises(InputError, match=rf"cut\.{suffix}: is damaged or incomplete"):
        load_study([path])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_to_a_picture_ends_in_images_or_in_one_sentence(tmp_path, data):
    written = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    mode = data.draw(st.sampled_from(["L", "RGB", "CMYK"]))
    format_ = data.draw(st.sampled_from(["JPEG", "TIFF"] + ["PNG"] * (mode != "CMYK")))
    Image.fromarray(noise).convert(mode).save(written, format_)
    content = bytearray(written.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
    try:
        study = load_study([path])
    except InputError as error:
        assert str(error).startswith(str(path)) and str(error).endswith(".")
    else:
        assert all(square(image.pixels).pixels.dtype == np.uint8 for image in study.images)
