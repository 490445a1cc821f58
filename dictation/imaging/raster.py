"""PNG, JPEG and TIFF → display pixels. Such files state nothing about the patient or the exam."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from dictation.errors import InputError, MissingError
from dictation.extras import install_command
from dictation.imaging.limits import MAX_FRAMES, MAX_STUDY_BYTES, check_size

FORMATS = ("PNG", "JPEG", "TIFF")
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")


def read_raster(path: Path) -> list[np.ndarray]:
    """Return the pictures of one file as uint8 (rows, columns) or (rows, columns, 3), upright.

    EXIF rotation is applied; transparency is laid on black; a colour file without colour becomes grey. Sixteen-bit
    and float grey has no window, so its own darkest to brightest value fills 0 to 255. A TIFF gives all its pages.
    Raises InputError for a damaged, truncated or absurdly large file, MissingError without the `imaging` extra.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        fix = install_command("imaging")
        raise MissingError(f"{path}: reading images needs the package pillow; install it with {fix}.") from error
    pictures: list[np.ndarray] = []
    held_bytes = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                for page in range(min(getattr(image, "n_frames", 1), MAX_FRAMES) if image.format == "TIFF" else 1):
                    image.seek(page)
                    check_size(path, image.height, image.width)
                    pictures.append(_display(ImageOps.exif_transpose(image)))
                    held_bytes += pictures[-1].nbytes
                    if held_bytes > MAX_STUDY_BYTES:
                        raise InputError(f"{path}: has more pages than any exam; give those of one exam.")
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(f"{path}: has more pixels than any radiograph; export it again at its own size.") from error
    except Exception as error:  # a hostile file can raise nearly anything inside a decoder
        raise InputError(f"{path}: is damaged or incomplete and cannot be decoded; export the image again.") from error
    return pictures


def _display(image: Any) -> np.ndarray:
    if image.mode.startswith(("I", "F")):
        return stretched(np.asarray(image))
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if image.has_transparency_data:
        opaque = image.convert("RGBA")
        alpha = np.asarray(opaque.getchannel("A"), dtype=np.uint16)[..., None]
        colour = (np.asarray(opaque.convert("RGB"), dtype=np.uint16) * alpha // 255).astype(np.uint8)
    else:
        colour = np.asarray(image.convert("RGB"))
    if np.array_equal(colour[..., 0], colour[..., 1]) and np.array_equal(colour[..., 0], colour[..., 2]):
        return np.ascontiguousarray(colour[..., 0])
    return colour


def stretched(values: np.ndarray) -> np.ndarray:
    """Map the lowest finite value to 0 and the highest to 255, as uint8; a flat image becomes 0."""
    values = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.zeros(values.shape, dtype=np.uint8)
    return np.rint((values - low) * (255.0 / (high - low))).astype(np.uint8)
