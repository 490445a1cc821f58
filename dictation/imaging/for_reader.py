"""Study images → what a vision model is shown: square, windowed, sampled, as MedGemma was trained to see them.

Sources: Google's notebooks for MedGemma 1.5 (anatomy localization, high-dimensional CT) and its serving code (MR),
except where these are known to be wrong: 8-bit images must not come out inverted, and soft tissue is -135 to 215 HU.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np

from dictation.errors import InputError
from dictation.imaging.study import Study, StudyImage

SIDE = 896  # pixels a side at which MedGemma's vision tower looks; a larger image is resampled to it
CT_WINDOWS_HU = ((-1024.0, 1024.0), (-135.0, 215.0), (0.0, 80.0))  # red: all, green: soft tissue, blue: brain
MAX_SLICES = 85
MAY_NAME_THE_PATIENT = "what may show the patient's name in its pixels (burned in, or taken from a screen) is not read"
BOX_SCALE = 1000.0  # what the model calls the whole side of the square
ON_ONE_SIDE = 0.75  # share of a box's width that must lie on one side of the midline for it to have a side

Box = tuple[float, float, float, float]  # y0, x0, y1, x1


@dataclass(frozen=True)
class Squared:
    """An image on a black square, and where on it.

    `pixels` is uint8 (side, side) or (side, side, 3); the image fills `rows` x `columns` of it from (`top`, `left`),
    and has `image_rows` x `image_columns` pixels where it is displayed.
    """

    pixels: np.ndarray
    top: int
    left: int
    rows: int
    columns: int
    image_rows: int
    image_columns: int

    def box_in_image(self, box: Sequence[float]) -> Box | None:
        """Turn the model's [y0, x0, y1, x1], 0 to 1000 on the square, into pixels of the displayed image.

        What lies in the padding is cut off; None where nothing is left, or the box is none.
        """
        if len(box) != 4 or not np.isfinite(box).all():
            return None
        side = len(self.pixels)
        y0, y1 = (self._along(box[k] / BOX_SCALE * side, self.top, self.rows, self.image_rows) for k in (0, 2))
        x0, x1 = (self._along(box[k] / BOX_SCALE * side, self.left, self.columns, self.image_columns) for k in (1, 3))
        return (y0, x0, y1, x1) if y0 < y1 and x0 < x1 else None

    @staticmethod
    def _along(place: float, start: int, length: int, image_length: int) -> float:
        return min(max((place - start) / length, 0.0), 1.0) * image_length


def square(pixels: np.ndarray, side: int = SIDE) -> Squared:
    """Lay an image in the middle of a black square; where the gap is odd, the smaller half is above and left.

    `pixels` is uint8 (rows, columns) or (rows, columns, 3). An image longer than `side` is first resampled to it
    (bilinear over the area that each new pixel covers, as the model's own processor does), so that a strip of 1 x
    10,000 needs no square of 10,000; a smaller one is only padded, and keeps its exact pixels.
    """
    image_rows, image_columns = pixels.shape[:2]
    longest = max(image_rows, image_columns)
    if longest > side:
        from PIL import Image

        rows, columns = (max(1, round(length * side / longest)) for length in (image_rows, image_columns))
        small = Image.fromarray(pixels).resize((columns, rows), Image.Resampling.BILINEAR)
        pixels = np.asarray(small)
    rows, columns = pixels.shape[:2]
    full = max(rows, columns)
    top, left = (full - rows) // 2, (full - columns) // 2
    padded = np.zeros((full, full, *pixels.shape[2:]), dtype=np.uint8)
    padded[top : top + rows, left : left + columns] = pixels
    return Squared(padded, top, left, rows, columns, image_rows, image_columns)


def may_be_shown(image: StudyImage) -> bool:
    """Say whether a model may be shown an image: not where its pixels may name the patient."""
    return not image.burned_in


def _check_shown(image: StudyImage) -> None:
    if not may_be_shown(image):
        raise InputError(f"{image.caption}: {MAY_NAME_THE_PATIENT}; give the original image from the archive.")


def radiograph(image: StudyImage) -> np.ndarray:
    """Return a radiograph as a model is shown it. Raises InputError where its pixels may name the patient."""
    _check_shown(image)
    return square(image.pixels).pixels


def flipped(pixels: np.ndarray) -> np.ndarray:
    """Return an image with image left and image right exchanged: the control that a side read from it must follow."""
    return np.ascontiguousarray(pixels[:, ::-1])


def patient_side(box: Box, width: float) -> Literal["left", "right"] | None:
    """Say on which side of the patient a box of the displayed image lies; None where it lies across the midline.

    `width` is that of the displayed image. The patient's left is on image right, as in every frontal radiograph and
    axial slice that is hung as usual (StudyImage.across "L"); whether this one is, is the caller's question.
    """
    _, x0, _, x1 = box
    on_image_left = min(max(width / 2 - x0, 0.0), x1 - x0) / (x1 - x0)
    if on_image_left >= ON_ONE_SIDE:
        return "right"
    return "left" if 1 - on_image_left >= ON_ONE_SIDE else None


def ct_colours(hounsfield: np.ndarray) -> np.ndarray:
    """Return a CT slice (rows, columns) in Hounsfield units as uint8 (rows, columns, 3): one window a channel.

    Each window is clipped, scaled to 0 to 255 in float32 and rounded, halves to the even number, as the notebook does.
    """
    channels = []
    for low, high in CT_WINDOWS_HU:
        part = np.clip(hounsfield, low, high).astype(np.float32)
        part -= low
        part /= high - low
        part *= 255.0
        channels.append(np.round(part).astype(np.uint8))
    return np.stack(channels, axis=-1)


def mr_grey(values: np.ndarray, lowest: float, highest: float) -> np.ndarray:
    """Return an MR slice as uint8 of the same shape, from the lowest to the highest value of its whole series."""
    if highest <= lowest:
        return np.zeros(values.shape, dtype=np.uint8)
    scaled = (values.astype(np.float64) - lowest) / (highest - lowest) * 255.0
    return np.round(scaled.clip(0, 255)).astype(np.uint8)


def hounsfield(images: Sequence[StudyImage]) -> Iterator[np.ndarray]:
    """Yield the Hounsfield units of CT images as float32 (rows, columns), read from their files now; padding is air.

    Raises InputError that names the image by its caption where it states no Hounsfield units or its file is gone.
    """
    for image, values, padding, is_hu in _values(images):
        if not is_hu:
            why = "states no rescale to Hounsfield units"
            raise InputError(f"{image.caption}: {why}; send the original CT images from the archive.")
        if padding is not None:
            values[padding] = CT_WINDOWS_HU[0][0]
        yield values


def slices(study: Study, most: int = MAX_SLICES) -> list[tuple[np.ndarray, int]]:
    """Return the axial slices of a CT or MR study for a model: square uint8 pixels, and the number of each from 1.

    Of several series the one with the most axial slices, in reading order; beyond `most` they are sampled evenly. CT
    is coloured by its three windows, MR scaled from the lowest to the highest value of the series. Left and right stay
    as they are displayed: StudyImage.across says whether that is usual. Raises InputError where there is no axial
    slice, where the pixels of one may name the patient, or what `hounsfield` raises.
    """
    found: dict[str, list[StudyImage]] = {}
    for image in study.images:
        if image.modality in ("CT", "MR") and image.plane == "axial":
            found.setdefault(image.series, []).append(image)
    if not found:
        raise InputError("The study holds no CT or MR slice that states that it is axial; give the axial series.")
    series = max(found.values(), key=len)
    sampled = series
    if len(series) > most:  # as the notebook samples
        sampled = [series[round(number * (len(series) - 1) / most)] for number in range(1, most + 1)]
    for image in sampled:
        _check_shown(image)
    is_ct = series[0].modality == "CT"
    shown = map(ct_colours, hounsfield(sampled)) if is_ct else _mr_shown(series, sampled)
    return [(square(pixels).pixels, number) for number, pixels in enumerate(shown, 1)]


def _mr_shown(series: Sequence[StudyImage], sampled: Sequence[StudyImage]) -> Iterator[np.ndarray]:
    """Yield MR slices as grey. The files are read twice, so that no more than one slice is held as it was measured."""
    lowest, highest = np.inf, -np.inf
    for _, values, padding, _ in _values(series):
        inside = values if padding is None else values[~padding]
        lowest, highest = min(lowest, float(inside.min())), max(highest, float(inside.max()))
    for _, values, padding, _ in _values(sampled):
        grey = mr_grey(values, lowest, highest)
        if padding is not None:
            grey[padding] = 0
        yield grey


def _values(images: Sequence[StudyImage]) -> Iterator[tuple[StudyImage, np.ndarray, np.ndarray | None, bool]]:
    for _, group in groupby(images, key=lambda image: image.stored and image.stored.path):
        together = list(group)
        first = together[0]
        if first.stored is None:
            why = "is a picture without a DICOM header, whose measured values are not known"
            raise InputError(f"{first.caption}: {why}; give the DICOM files of the exam.")
        indices = [image.stored.index for image in together if image.stored]
        read = first.stored.decoder.values(first.stored.path, indices, first.caption, first.stored.instance_uid)
        for image, (values, padding, is_hu) in zip(together, read, strict=True):
            yield image, values, padding, is_hu
