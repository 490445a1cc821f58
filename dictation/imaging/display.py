"""Stored DICOM values → what a person looks at: modality LUT, window, inversion, padding, 8 bits.

Air must come out dark and bone bright: an image inverted by mistake is read as another disease, so every step here is
tested on images whose bright parts are known. Order of steps: PS3.4 N.2.1, PS3.3 C.7.6.3.1.2 and C.11.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

BIG_ENDIAN = "1.2.840.10008.1.2.2"  # explicit VR big endian, retired but archived
CT_WINDOW = (40.0, 400.0)  # centre, width in HU: soft tissue, for a CT that states no window
TAILS_PERCENT = (0.1, 99.9)  # of an image that states no window: markers and dead pixels must not set the range
MAX_TABLE = 2**18  # stored values for which a table is built: all of 16 bits, and no 32-bit dose or map
STRIP_PIXELS = 2**22  # of an image that is made smaller, at a time
PIXEL_VALUE_GROUPS = ("PixelValueTransformationSequence", "FrameVOILUTSequence")  # PS3.3 C.7.6.16.2.9, .10
TRANSFORMS = (
    "RescaleSlope", "RescaleIntercept", "RescaleType", "ModalityLUTSequence", "WindowCenter", "WindowWidth",
    "VOILUTFunction", "VOILUTSequence",
)  # fmt: skip


def grey_display(stored: np.ndarray, dataset: Any, frame: int = 0) -> tuple[np.ndarray, str]:
    """Return one monochrome frame as uint8 of the same shape (rows, columns), and "" or what had to be assumed.

    `stored` holds the decoded values. The first window or VOI LUT that the header gives is used; padding is black.
    Raises what pydicom raises on LUTs that contradict themselves.
    """
    from pydicom.pixels import apply_modality_lut

    settings = _settings(dataset, frame)
    padding = _padding(stored, dataset)
    assumed = _assume_window(stored if padding is None else stored[~padding], settings)
    low, high = (int(stored.min()), int(stored.max())) if np.issubdtype(stored.dtype, np.integer) else (0, MAX_TABLE)
    if high - low < MAX_TABLE:  # each stored value is mapped once, not each pixel
        table = _windowed(apply_modality_lut(np.arange(low, high + 1, dtype=np.int32), settings), settings)
        shown = np.empty(stored.shape, dtype=np.uint8)
        for row, values in enumerate(stored):  # one at a time: an index of four bytes a pixel is more than the image
            shown[row] = table[values.astype(np.int32) - low]
    else:
        shown = _windowed(apply_modality_lut(stored, settings), settings)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        shown = 255 - shown
    if padding is not None:
        shown[padding] = 0
    return shown, assumed


def measured_values(stored: np.ndarray, dataset: Any, frame: int = 0) -> tuple[np.ndarray, np.ndarray | None, bool]:
    """Return one monochrome frame as float32 values behind the rescale, where it is padding, and whether they are HU.

    A CT's values are Hounsfield units where it states slope and intercept, and no other unit (PS3.3 C.8.2.1.1.2 and
    C.11.1.1.2); a modality LUT is none of a CT's. Of any other image the higher value is the brighter one.
    """
    from pydicom.pixels import apply_modality_lut

    settings = _settings(dataset, frame)
    is_hu = False
    if settings.Modality == "CT":
        settings.pop("ModalityLUTSequence", None)
        is_hu = _states_hu(settings)
    values: np.ndarray = apply_modality_lut(stored, settings).astype(np.float32)
    if dataset.PhotometricInterpretation == "MONOCHROME1" and settings.Modality != "CT":
        values = -values
    return values, _padding(stored, dataset), is_hu


@dataclass(frozen=True)
class Windowable:
    """One monochrome frame whose window a person chooses.

    `values` are float32 (rows, columns), finite, behind the modality LUT and the VOI LUT where there is one; the higher
    is the brighter, padding has the lowest. `centre` and `width` are the window that the header states or that is
    assumed, in those values. `spacing_mm` is (between rows, between columns) of `values`, None where it is not stated.
    `shrunk` is how many pixels of the image lie beside each other in one of `values`.
    """

    values: np.ndarray
    centre: float
    width: float
    is_hu: bool
    spacing_mm: tuple[float, float] | None
    shrunk: float = 1.0


def windowable(stored: np.ndarray, dataset: Any, frame: int = 0, longest_side: int = 2**16) -> Windowable:
    """Return one monochrome frame for a viewer; with its own window it looks as `grey_display` shows it.

    One that is longer than `longest_side` pixels is shrunk to that.
    """
    from pydicom.pixels import apply_modality_lut, apply_voi

    settings, padding = _settings(dataset, frame), _padding(stored, dataset)
    is_hu = _states_hu(settings) and "ModalityLUTSequence" not in settings
    _assume_window(stored if padding is None else stored[~padding], settings)
    values = apply_modality_lut(stored, settings)
    if _has_voi_lut(settings):
        values = apply_voi(np.rint(values).astype(np.int32), settings)
        width = float(2 ** int(settings.VOILUTSequence[0].LUTDescriptor[2]) - 1)
        centre, is_hu = width / 2, False
    else:
        centre, width = float(settings.WindowCenter), float(settings.WindowWidth)
    values = np.nan_to_num(np.asarray(values, dtype=np.float32))
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        values, centre, is_hu = -values, -centre, False
    if padding is not None:
        values = values.copy()
        values[padding] = values[~padding].min()
    rows = len(values)
    values = reduced(values, longest_side)
    spacing_mm, shrunk = _spacing_mm(dataset, frame), rows / len(values)
    if spacing_mm is not None:
        spacing_mm = spacing_mm[0] * shrunk, spacing_mm[1] * shrunk
    return Windowable(values, centre, width, is_hu, spacing_mm, shrunk)


def reduced(pixels: np.ndarray, longest_side: int) -> np.ndarray:
    """Return the pixels with their longest side at most that, each the mean of those that it stands for.

    It is done in strips: a picture of 150 megapixels is never held in another form as a whole.
    """
    rows, columns = pixels.shape[:2]
    longest = max(rows, columns)
    if longest <= longest_side:
        return pixels
    from PIL import Image

    height, width = (max(1, round(side * longest_side / longest)) for side in (rows, columns))
    strips, at_once = [], max(1, height * STRIP_PIXELS // (rows * columns))
    for top in range(0, height, at_once):
        bottom = min(top + at_once, height)
        start, stop = top * rows / height, bottom * rows / height
        first, last = int(start), min(rows, -int(-stop // 1))
        strip = Image.fromarray(pixels[first:last])
        box = (0, start - first, columns, min(stop - first, last - first))
        strips.append(np.asarray(strip.resize((width, bottom - top), Image.Resampling.BOX, box)))
    return np.concatenate(strips)


def _spacing_mm(dataset: Any, frame: int) -> tuple[float, float] | None:
    places = [dataset]
    for groups, index in (("SharedFunctionalGroupsSequence", 0), ("PerFrameFunctionalGroupsSequence", frame)):
        items = dataset.get(groups) or []
        if index < len(items) and items[index].get("PixelMeasuresSequence"):
            places.append(items[index].PixelMeasuresSequence[0])
    for place in reversed(places):
        try:
            rows, columns = (float(value) for value in place.PixelSpacing)
        except (AttributeError, TypeError, ValueError):
            continue
        if 0 < rows < np.inf and 0 < columns < np.inf:
            return rows, columns
    return None


def _states_hu(settings: Any) -> bool:
    """A CT with slope and intercept and no other unit (PS3.3 C.8.2.1.1.2 and C.11.1.1.2)."""
    if settings.Modality != "CT" or "RescaleSlope" not in settings or "RescaleIntercept" not in settings:
        return False
    return str(settings.get("RescaleType") or "HU").strip().upper() == "HU"


def colour_display(decoded: np.ndarray, dataset: Any) -> np.ndarray:
    """Return one decoded RGB or palette frame as uint8 (rows, columns, 3)."""
    from pydicom.pixels import apply_color_lut

    bits = int(dataset.BitsStored)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        decoded = apply_color_lut(decoded, dataset)[..., :3]
        bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
        if "RedPaletteColorLookupTableData" in dataset and dataset.file_meta.TransferSyntaxUID == BIG_ENDIAN:
            decoded = decoded.byteswap()  # pydicom 3.0 reads the table as little endian
    if decoded.shape[-1] != 3:
        raise ValueError(f"{decoded.shape[-1]} colour channels")
    if bits > 8:
        decoded = decoded >> (bits - 8)
    return np.ascontiguousarray(decoded.clip(0, 255).astype(np.uint8))


def _settings(dataset: Any, frame: int) -> Any:
    """Return a small dataset with the transforms of this frame: its own, else the shared, else the top level ones."""
    from pydicom.dataset import Dataset

    settings = Dataset()
    if hasattr(dataset, "file_meta"):
        settings.file_meta = dataset.file_meta
    places = [dataset]
    for groups, index in (("SharedFunctionalGroupsSequence", 0), ("PerFrameFunctionalGroupsSequence", frame)):
        items = dataset.get(groups) or []
        if index < len(items):
            places += [items[index][name][0] for name in PIXEL_VALUE_GROUPS if items[index].get(name)]
    for place in places:
        for keyword in TRANSFORMS:
            if place.get(keyword) not in (None, ""):
                settings[keyword] = place[keyword]
    settings.Modality = dataset.get("Modality") or ""
    return settings


def _padding(stored: np.ndarray, dataset: Any) -> np.ndarray | None:
    """Return where the image holds no patient (PS3.3 C.7.5.1.1.2), or None where no padding is stated."""
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    low, high = sorted((int(value), int(limit if limit is not None else value)))
    mask = (stored >= low) & (stored <= high)
    return mask if mask.any() and not mask.all() else None


def _assume_window(inside: np.ndarray, settings: Any) -> str:
    """Write a window into `settings` where none is usable, and return the assumption; "" where one is stated.

    `inside` holds the stored values of the pixels that are not padding.
    """
    from pydicom.pixels import apply_modality_lut

    center, width = _first(settings.get("WindowCenter")), _first(settings.get("WindowWidth"))
    if center is not None and width is not None and np.isfinite([center, width]).all() and width >= 1:
        settings.WindowCenter, settings.WindowWidth = center, width
        return ""
    if _has_voi_lut(settings):
        return ""
    settings.VOILUTFunction = "LINEAR_EXACT"
    if settings.Modality == "CT" and "RescaleIntercept" in settings:
        settings.WindowCenter, settings.WindowWidth = CT_WINDOW
        return f"no window is stated; shown at centre {CT_WINDOW[0]:.0f}, width {CT_WINDOW[1]:.0f} HU"
    ends = np.percentile(inside, TAILS_PERCENT).astype(inside.dtype)
    low, high = sorted(float(end) for end in apply_modality_lut(ends, settings))
    settings.WindowCenter, settings.WindowWidth = (low + high) / 2, max(high - low, 1e-6)
    return "no window is stated; shown from its darkest to its brightest part"


def _windowed(values: np.ndarray, settings: Any) -> np.ndarray:
    """Apply the first VOI LUT, else the window, to values behind the modality LUT; return uint8 of the same shape."""
    from pydicom.dataset import Dataset
    from pydicom.pixels import apply_voi, apply_windowing

    if _has_voi_lut(settings):
        mapped = apply_voi(np.rint(values).astype(np.int32), settings)
        bits = int(settings.VOILUTSequence[0].LUTDescriptor[2])
        return _as_uint8(mapped.astype(np.float32) * (255.0 / (2**bits - 1)))
    window = Dataset()  # pydicom scales to the range that the stored bits allow: eight unsigned bits make it 0 to 255
    window.PhotometricInterpretation, window.BitsStored, window.PixelRepresentation = "MONOCHROME2", 8, 0
    window.WindowCenter, window.WindowWidth = settings.WindowCenter, settings.WindowWidth
    window.VOILUTFunction = settings.get("VOILUTFunction") or "LINEAR"
    return _as_uint8(apply_windowing(values, window))


def _as_uint8(values: np.ndarray) -> np.ndarray:
    shown: np.ndarray = np.rint(values).clip(0, 255).astype(np.uint8)
    return shown


def _has_voi_lut(settings: Any) -> bool:
    items = settings.get("VOILUTSequence") or []
    return bool(items) and items[0].get("LUTDescriptor") is not None and items[0].get("LUTData") is not None


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) and hasattr(value, "__iter__"):
        value = next(iter(value), None)
    return float(value) if value is not None else None
