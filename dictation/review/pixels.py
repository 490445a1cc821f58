"""One image of a study → the bytes that the page's viewer draws: a header, then values whose window is chosen there.

    u32 little-endian   bytes of the header
    header              JSON in UTF-8, see `_header`; padded with spaces, so that the pixels begin at a multiple of 4
    pixels              rows from the top, little-endian u16 (step 1 or finer), u8, or three u8 a pixel (red first)

All of it gzipped: the route answers with `Content-Encoding: gzip`. Air is dark whatever the file's photometric
interpretation says, so the viewer never inverts by itself.
"""

import gzip
import json
import struct
from functools import cache
from importlib.resources import files

import numpy as np

from dictation.imaging import StudyImage
from dictation.imaging.display import Windowable, reduced

LONGEST_SIDE_PX = 2048  # finer than a quarter of a 4K screen shows; the archive's own viewer is on the next monitor
LEVELS = 65_535  # of 16 bits
_FAST = 1  # gzip level: an image is asked for once


def image_bytes(image: StudyImage) -> bytes:
    """Return one image for the viewer, gzipped, as the module describes.

    A grey DICOM image comes with the values of its file, so that any window can be chosen; a colour image or a picture
    without a header with its 8 bits. Raises InputError where the file is gone, replaced or damaged.
    """
    if image.stored is None or image.pixels.ndim == 3:
        pixels = reduced(image.pixels, LONGEST_SIDE_PX)
        return _packed(pixels, _header(image, pixels, lowest=0.0, step=1.0, centre=127.5, width=255.0))
    stored = image.stored
    asked = stored.path, stored.index, image.caption, stored.instance_uid, LONGEST_SIDE_PX
    return _grey(image, stored.decoder.windowable(*asked))


def _grey(image: StudyImage, found: Windowable) -> bytes:
    values = found.values
    lowest, highest = float(values.min()), float(values.max())
    whole = highest - lowest <= LEVELS and found.shrunk == 1 and np.array_equal(values, np.rint(values))
    step = 1.0 if whole else max((highest - lowest) / LEVELS, 1e-12)
    pixels = np.rint((values - lowest) / np.float32(step)).clip(0, LEVELS).astype("<u2")
    header = _header(image, pixels, lowest=lowest, step=step, centre=found.centre, width=found.width)
    header["spacing_mm"] = list(found.spacing_mm) if found.spacing_mm else None
    if found.is_hu:
        header |= {"unit": "HU", "presets": windows()}
    return _packed(pixels, header)


def _header(
    image: StudyImage, pixels: np.ndarray, *, lowest: float, step: float, centre: float, width: float
) -> dict[str, object]:
    """What the viewer must know: value = lowest + step x pixel; `of` is the size in which boxes count."""
    return {
        "rows": pixels.shape[0],
        "columns": pixels.shape[1],
        "bits": 8 * pixels.itemsize,
        "channels": pixels.shape[2] if pixels.ndim == 3 else 1,
        "lowest": lowest,
        "highest": lowest + step * float(pixels.max()),
        "step": step,
        "centre": centre,
        "width": width,
        "of": list(image.pixels.shape[:2]),
        "caption": image.caption,
        "view": image.view,
        "across": image.across,
        "unit": "",
        "spacing_mm": None,
        "presets": [],
    }


def _packed(pixels: np.ndarray, header: dict[str, object]) -> bytes:
    text = json.dumps(header, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return gzip.compress(struct.pack("<I", len(text)) + text + np.ascontiguousarray(pixels).tobytes(), _FAST)


@cache
def windows() -> list[dict[str, object]]:
    """Return the named windows of CT from `data/windows.tsv`: name, centre and width in HU, key."""
    text = files("dictation.review").joinpath("data", "windows.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")][1:]
    return [
        {"name": name, "centre": float(centre), "width": float(width), "key": key}
        for name, centre, width, key, _source in lines
    ]
