"""Air is dark and bone is bright, whatever the file's own conventions."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from dictation.imaging import load_study
from tests.imaging.dicom_maker import make

AIR, TISSUE, BONE, PADDING = 100, 1100, 2100, 4000


def pixels_of(path):
    (image,) = load_study([path]).images
    assert image.pixels.dtype == np.uint8
    return image.pixels


def scene(dtype=np.uint16):
    """Four columns: padding, air, tissue, bone."""
    return np.repeat(np.array([[PADDING, AIR, TISSUE, BONE]], dtype=dtype), 4, axis=0)


def test_a_window_maps_its_ends_to_black_and_white(tmp_path):
    shown = pixels_of(make(tmp_path / "a.dcm", scene(), WindowCenter=1100, WindowWidth=2000, PixelPaddingValue=PADDING))
    assert shown[0].tolist()[1:] == pytest.approx([0, 127, 255], abs=1)


def test_padding_is_black_and_sets_no_range(tmp_path):
    shown = pixels_of(make(tmp_path / "a.dcm", scene(), PixelPaddingValue=PADDING))
    assert shown[0, 0] == 0
    assert shown[0].tolist()[1:] == pytest.approx([0, 127, 255], abs=2)


def test_monochrome1_is_inverted_and_its_padding_stays_black(tmp_path):
    """A detector that stores bone as low values; padding is stored as the highest value, which would turn bright."""
    stored = np.repeat(np.array([[PADDING, BONE, TISSUE, AIR]], dtype=np.uint16), 4, axis=0)
    shown = pixels_of(
        make(
            tmp_path / "a.dcm",
            stored,
            PhotometricInterpretation="MONOCHROME1",
            WindowCenter=1100,
            WindowWidth=2000,
            PixelPaddingValue=PADDING,
        )
    )
    padding, air, tissue, bone = shown[0].tolist()
    assert padding == 0
    assert air < tissue < bone
    assert (air, bone) == (0, 255)


def test_a_range_of_padding_values_is_black(tmp_path):
    stored = scene()
    stored[0, 0] = PADDING - 50
    shown = pixels_of(make(tmp_path / "a.dcm", stored, PixelPaddingValue=PADDING, PixelPaddingRangeLimit=PADDING - 100))
    assert shown[:, 0].tolist() == [0, 0, 0, 0]


def test_signed_ct_values_become_hounsfield_units_before_the_window(tmp_path):
    stored = np.array([[-2000, -1000, 40, 1040]], dtype=np.int16)
    shown = pixels_of(
        make(
            tmp_path / "a.dcm",
            stored,
            Modality="CT",
            RescaleSlope=1,
            RescaleIntercept=0,
            WindowCenter=[40, -600],
            WindowWidth=[400, 1500],
            PixelPaddingValue=-2000,
        )
    )
    assert shown[0].tolist() == pytest.approx([0, 0, 127, 255], abs=1)


def test_a_ct_without_a_window_gets_the_soft_tissue_one_and_says_so(tmp_path):
    stored = np.array([[24, 1064, 1264, 4000]], dtype=np.uint16)
    study = load_study([make(tmp_path / "a.dcm", stored, Modality="CT", RescaleSlope=1, RescaleIntercept=-1024)])
    assert study.images[0].pixels[0].tolist() == pytest.approx([0, 127, 255, 255], abs=1)
    assert study.warnings == ("No window is stated; shown at centre 40, width 400 HU.",)


@pytest.mark.parametrize("width", [0, -5, "nan", "1e400"])
def test_an_impossible_window_is_not_used(tmp_path, width):
    path = make(tmp_path / "a.dcm", scene(), WindowCenter=10, WindowWidth=5)
    dataset = dcmread(path)
    dataset["WindowWidth"]._value = width
    dataset.save_as(path)
    study = load_study([path])
    assert study.images[0].pixels.max() == 255
    assert "no window" in study.warnings[0].lower()


def test_a_sigmoid_window_rises_steadily(tmp_path):
    stored = np.arange(0, 4096, 64, dtype=np.uint16)[None]
    shown = pixels_of(make(tmp_path / "a.dcm", stored, WindowCenter=2048, WindowWidth=1024, VOILUTFunction="SIGMOID"))
    assert np.all(np.diff(shown[0].astype(int)) >= 0)
    assert shown[0, 0] == 0
    assert int(shown[0, 32]) == pytest.approx(127, abs=2)


def test_a_voi_lut_wins_over_the_window(tmp_path):
    item = Dataset()
    item.LUTDescriptor = [4, 0, 8]
    item.add_new(0x00283006, "US", [0, 10, 200, 255])
    stored = np.array([[0, 1, 2, 3]], dtype=np.uint16)
    shown = pixels_of(make(tmp_path / "a.dcm", stored, VOILUTSequence=[item], WindowCenter=1, WindowWidth=2))
    assert shown[0].tolist() == [0, 10, 200, 255]


def test_a_flat_image_is_shown_and_breaks_nothing(tmp_path):
    assert np.unique(pixels_of(make(tmp_path / "a.dcm", np.full((4, 4), 7, dtype=np.uint16)))).size == 1


def test_a_real_chest_film_stored_inverted_shows_dark_lungs_and_a_bright_spine(dicom_file):
    """RG1_UNCR is a PA chest, MONOCHROME1: the places were read off the picture."""
    shown = pixels_of(dicom_file("RG1_UNCR.dcm"))
    rows, columns = shown.shape

    def mean(top, bottom, left, right):
        part = shown[int(top * rows) : int(bottom * rows), int(left * columns) : int(right * columns)]
        return part.mean()

    right_apex, left_apex = mean(0.15, 0.25, 0.22, 0.32), mean(0.15, 0.25, 0.63, 0.73)
    mediastinum, below_diaphragm = mean(0.35, 0.45, 0.45, 0.53), mean(0.85, 0.95, 0.2, 0.3)
    assert max(right_apex, left_apex) + 30 < min(mediastinum, below_diaphragm)


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_RLE.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_implicit.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_padded.dcm",
    ],
)
def test_lossless_syntaxes_show_what_the_uncompressed_file_shows(dicom_file, name):
    assert np.array_equal(pixels_of(dicom_file(name)), pixels_of(dicom_file("MR_small.dcm")))


@pytest.mark.parametrize("name", ["JPEG-LL.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm", "bad_sequence.dcm"])
def test_jpeg_inside_dicom_is_decoded(dicom_file, name):
    shown = pixels_of(dicom_file(name))
    assert shown.max() == 255
    assert shown.std() > 10


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_rle.dcm",
        "SC_rgb_rle_16bit.dcm",
        "SC_rgb_expb_16bit.dcm",
        "SC_rgb_gdcm_KY.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "SC_ybr_full_uncompressed.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
    ],
)
def test_colour_is_red_first_whatever_its_encoding(dicom_file, name):
    """All hold the same bars; the uncompressed 8-bit file is the reference. Subsampled chroma shifts it by a little."""
    reference = pixels_of(dicom_file("SC_rgb.dcm")).astype(int)
    assert np.abs(pixels_of(dicom_file(name)).astype(int) - reference).mean() < 3


def test_a_palette_shows_the_same_in_both_byte_orders(dicom_file):
    little, big = pixels_of(dicom_file("OBXXXX1A.dcm")), pixels_of(dicom_file("OBXXXX1A_expb.dcm"))
    assert little.shape == (600, 800, 3)
    assert little.max() == 255
    assert np.array_equal(little, big)


def test_an_enhanced_ct_uses_the_transform_of_its_frames(dicom_file):
    study = load_study([dicom_file("eCT_Supplemental.dcm")])
    assert [image.pixels.shape for image in study.images] == [(512, 512), (512, 512)]
    assert study.images[0].pixels[:20, :20].max() == 0  # air at the corner
    assert study.images[0].pixels.max() == 255
