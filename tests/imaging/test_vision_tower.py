"""What arrives at the vision tower: the real Gemma 3 image processor at MedGemma's 896 pixels, and the real engine."""

import numpy as np
import pytest
from PIL import Image

from dictation.imaging import load_study
from dictation.imaging.for_reader import SIDE, ct_colours, flipped, radiograph, square
from dictation.models.gemma import GemmaModel
from dictation.settings import Settings
from tests.imaging.dicom_maker import make
from tests.models.tiny_gemma import save_tiny_gemma

WHITE, GREY, BLACK = 1.0, 90 / 255 * 2 - 1, -1.0  # of 255, 90 and 0 after a mean and a deviation of one half


@pytest.fixture(scope="module")
def processor():
    """As MedGemma's preprocessor_config.json sets it up."""
    from transformers import Gemma3ImageProcessor

    size = {"height": SIDE, "width": SIDE}
    return Gemma3ImageProcessor(size=size, image_mean=[0.5] * 3, image_std=[0.5] * 3)


def given(processor, pixels):
    """What the processor makes of an image that is handed over as the engine does: (3, rows, columns)."""
    return processor([[Image.fromarray(pixels).convert("RGB")]], return_tensors="pt")["pixel_values"][0].numpy()


def marked(rows, columns):
    """Grey, with a white mark at the patient's right shoulder and a black one at the left hip."""
    pixels = np.full((rows, columns), 90, dtype=np.uint8)
    pixels[: rows // 4, : columns // 4] = 255
    pixels[-(rows // 4) :, -(columns // 4) :] = 0
    return pixels


@pytest.mark.parametrize("rows, columns", [(100, 200), (896, 448), (1000, 2000), (2800, 2300)])
def test_the_mark_is_in_its_corner_and_the_padding_black(processor, rows, columns):
    seen = given(processor, square(marked(rows, columns)).pixels)
    assert seen.shape == (3, SIDE, SIDE)
    assert np.array_equal(seen[0], seen[1]) and np.array_equal(seen[0], seen[2])
    longest = max(rows, columns)
    top, left = (SIDE - rows / longest * SIDE) / 2, (SIDE - columns / longest * SIDE) / 2

    def at(down, right):
        """The value at a share of the image's own height and width."""
        return seen[0, int(top + down * (SIDE - 2 * top)), int(left + right * (SIDE - 2 * left))]

    assert at(0.1, 0.1) == pytest.approx(WHITE)
    assert at(0.9, 0.9) == pytest.approx(BLACK)
    for down, right in ((0.1, 0.9), (0.9, 0.1), (0.5, 0.5), (0.1, 0.3), (0.3, 0.1)):
        assert at(down, right) == pytest.approx(GREY, abs=1e-6)
    assert seen[:, : max(0, int(top) - 3)].sum() == BLACK * 3 * max(0, int(top) - 3) * SIDE
    assert seen[:, :, : max(0, int(left) - 3)].sum() == BLACK * 3 * max(0, int(left) - 3) * SIDE


def test_the_flipped_control_arrives_as_the_mirror_image_of_the_first(processor):
    pixels = square(marked(1000, 2000)).pixels
    assert np.array_equal(given(processor, flipped(pixels)), given(processor, pixels)[:, :, ::-1])


@pytest.mark.parametrize("rows, columns", [(1792, 1344), (2500, 3056)])
def test_resampling_first_shows_the_model_what_its_own_processor_would_have_made(processor, rows, columns):
    """Of the whole square at full size, as the notebooks hand it over, to half a pixel and within borders."""
    steepest = 120 * 40 / SIDE  # grey steps between neighbouring pixels
    down, right = np.mgrid[0:rows, 0:columns] / columns
    pixels = (127 + 120 * np.sin(40 * down) * np.cos(30 * right)).astype(np.uint8)
    squared = square(pixels)
    ours, theirs = (given(processor, one.pixels) for one in (squared, square(pixels, max(rows, columns))))
    off = np.abs(ours - theirs)[:, squared.top + 3 : squared.top + squared.rows - 3]
    off = off[:, :, squared.left + 3 : squared.left + squared.columns - 3] * 255 / 2
    assert off.size > 3 * 600 * 600
    assert off.max() <= steepest / 2 + 1.01


def test_red_green_and_blue_of_a_ct_slice_stay_what_they_are(processor):
    hounsfield = np.full((64, 64), -500.0)
    hounsfield[:32, :32] = 60
    seen = given(processor, ct_colours(hounsfield))
    assert seen[:, 200, 200] == pytest.approx([135 / 127.5 - 1, 142 / 127.5 - 1, 191 / 127.5 - 1], abs=1e-6)
    assert seen[:, 800, 800] == pytest.approx([65 / 127.5 - 1, -1, -1], abs=1e-6)


@pytest.mark.parametrize("photometric, mark", [("MONOCHROME1", 0), ("MONOCHROME2", 4095)])
def test_a_dicom_file_reaches_the_tower_of_a_real_network_unflipped_and_not_inverted(tmp_path, photometric, mark):
    stored = np.full((16, 32), 2048, dtype=np.uint16)
    stored[:4, :8] = mark
    stored[-4:, -8:] = 4095 - mark
    path = make(tmp_path / "a.dcm", stored, PhotometricInterpretation=photometric, WindowCenter=2048, WindowWidth=4096)
    (image,) = load_study([path]).images
    model = GemmaModel.load(save_tiny_gemma(tmp_path / "tiny"), Settings(threads=1))
    seen = []
    hook = model._model.network.model.vision_tower.register_forward_pre_hook(
        lambda _, args, given: seen.append(given["pixel_values"].float().cpu().numpy()), with_kwargs=True
    )
    model.prepare([radiograph(image)])
    hook.remove()
    ((tower,),) = seen
    assert tower.shape == (3, 32, 32)
    expected = np.full((32, 32), BLACK, dtype=np.float32)
    expected[8:24] = 2 * 128 / 255 - 1
    expected[8:12, :8], expected[20:24, -8:] = WHITE, BLACK
    assert np.abs(tower - expected).max() <= 1.01 * 2 / 255  # half of 4095 is 127 one way and 128 the other
