"""PNG, JPEG and TIFF → display pixels. Such files state nothing about the patient or the exam."""

import struct
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dictation.errors import InputError, MissingError
from dictation.extras import install_command
from dictation.imaging.limits import MAX_PAGES, MAX_STUDY_BYTES, check_size, needs_memory

FORMATS = ("PNG", "JPEG", "TIFF")
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
ORIENTATION, UPRIGHT = 0x0112, 1  # Exif 2.3 table 4
STRIP_PIXELS = 2**22  # converted at a time: a large image is held once, not in every shape on its way


def read_raster(path: Path) -> list[np.ndarray]:
    """Return the pictures of one file as uint8 (rows, columns) or (rows, columns, 3), upright.

    EXIF rotation is applied; transparency is laid on black; a colour file without colour becomes grey. Sixteen-bit
    and float grey has no window, so its own darkest to brightest value fills 0 to 255. A TIFF gives all its pages.
    Raises InputError for an animation or a damaged, truncated or absurdly large file, also one of more than MAX_PAGES
    pages, MissingError without the `imaging` extra.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        fix = install_command("imaging")
        raise MissingError(f"{path}: reading images needs the package pillow; install it with {fix}.") from error
    pictures: list[np.ndarray] = []
    held_bytes = 0
    try:
        _check_pages(path)  # first: pillow parses all pages to count them
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                check_size(path, image.height, image.width)
                count = getattr(image, "n_frames", 1)
                if image.format == "PNG" and count > 1:
                    raise InputError(f"{path}: is an animation of {count} pictures; export the one to be read.")
                for page in range(count if image.format == "TIFF" else 1):
                    image.seek(page)
                    check_size(path, image.height, image.width)
                    is_turned = image.getexif().get(ORIENTATION, UPRIGHT) != UPRIGHT  # else it would only be copied
                    pictures.append(_display(ImageOps.exif_transpose(image) if is_turned else image))
                    held_bytes += pictures[-1].nbytes
                    if held_bytes > MAX_STUDY_BYTES:
                        raise InputError(f"{path}: has more pages than any exam; give those of one exam.")
    except InputError:
        raise
    except MemoryError as error:
        raise needs_memory(path) from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{path}: has more pixels than any radiograph; export it again at its own size.") from error
    except Exception as error:  # a hostile file can raise nearly anything inside a decoder
        raise InputError(f"{path}: is damaged or incomplete and cannot be decoded; export the image again.") from error
    return pictures


def _check_pages(path: Path) -> None:
    """Raise InputError where a TIFF has more than MAX_PAGES pages, or they go round in a circle.

    Each directory of a page ends with the place of the next one (TIFF 6.0, section 2); what is cut off, pillow tells.
    """
    with path.open("rb") as file:
        order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(file.read(4))
        if order is None:
            return
        seen: set[int] = set()
        while len(place := file.read(4)) == 4 and (at := struct.unpack(f"{order}I", place)[0]):
            if len(seen) == MAX_PAGES or at in seen:
                more = "goes round in a circle" if at in seen else f"has more than {MAX_PAGES} pages"
                raise InputError(f"{path}: {more}; export the images of one exam as single files, or as DICOM.")
            seen.add(at)
            file.seek(at)
            count = file.read(2)
            if len(count) < 2:
                return
            file.seek(at + 2 + 12 * struct.unpack(f"{order}H", count)[0])


def _display(image: Any) -> np.ndarray:
    if image.mode.startswith(("I", "F")):
        return stretched(_in_strips(image, lambda strip: strip))
    if image.mode in ("1", "L"):
        return _in_strips(image, lambda strip: strip.convert("L"))
    colour = _in_strips(image, _on_black if image.has_transparency_data else lambda strip: strip.convert("RGB"))
    if all(np.array_equal(colour[rows, :, 0], colour[rows, :, k]) for rows in _strips(colour.shape) for k in (1, 2)):
        return np.ascontiguousarray(colour[..., 0])
    return colour


def _on_black(strip: Any) -> Any:
    from PIL import Image

    strip = strip.convert("RGBA")
    opaque = Image.new("RGB", strip.size)
    opaque.paste(strip.convert("RGB"), mask=strip.getchannel("A"))
    return opaque


def _in_strips(image: Any, converted: Callable[[Any], Any]) -> np.ndarray:
    shape = image.height, image.width
    parts = ((rows, converted(image.crop((0, rows.start, image.width, rows.stop)))) for rows in _strips(shape))
    pixels: np.ndarray | None = None
    for rows, strip in parts:
        part = np.asarray(strip)
        if pixels is None:
            pixels = np.empty((*shape, *part.shape[2:]), dtype=part.dtype)
        pixels[rows] = part
    assert pixels is not None  # check_size refused an image without rows
    return pixels


def _strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield ranges of rows that together are all of an image and singly no more than STRIP_PIXELS, or one row."""
    rows, columns = shape[:2]
    height = max(1, STRIP_PIXELS // columns)
    return (slice(top, min(top + height, rows)) for top in range(0, rows, height))


def stretched(values: np.ndarray) -> np.ndarray:
    """Map the lowest finite value to 0 and the highest to 255, as uint8; a flat image becomes 0."""

    def finite(rows: slice) -> np.ndarray:
        return np.nan_to_num(values[rows].astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)

    ends = [(float(part.min()), float(part.max())) for part in map(finite, _strips(values.shape))]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    shown = np.zeros(values.shape, dtype=np.uint8)
    if high > low:
        for rows in _strips(values.shape):
            shown[rows] = np.rint((finite(rows) - low) * (255.0 / (high - low)))
    return shown
