"""One DICOM file → its header, and its frames as display pixels. What goes wrong names the file and the fix."""

import logging
import re
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np

from dictation.errors import InputError, MissingError
from dictation.exam import ExamFacts
from dictation.extras import install_command
from dictation.imaging.codestream import check_codestreams
from dictation.imaging.display import Windowable, colour_display, grey_display, measured_values, windowable
from dictation.imaging.header import NOT_FOR_READING, facts_of, header_text, may_name_the_patient
from dictation.imaging.limits import (
    INFLATED_ANYHOW_BYTES,
    MAX_FILE_BYTES,
    MAX_FRAMES,
    MAX_INFLATED_BYTES,
    MAX_INFLATION,
    MAX_ITEMS,
    MAX_STUDY_BYTES,
    check_size,
    needs_memory,
)
from dictation.imaging.series import Frame, frames_of

Values = TypeVar("Values")
DEFLATED = "1.2.840.10008.1.2.1.99"
DISC_INDEX_CLASS = "1.2.840.10008.1.3.10"  # media storage directory
ITEM_STARTS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")  # PS3.5 7.5, in both byte orders
ITEM_BYTES = 8  # of one that is empty
_UNTOLD = ("ignore", None, Warning, re.compile(r"pydicom(\.|$)"), 0)
BARE_STARTS = (b"\x08\x00", b"\x02\x00", b"\x00\x08", b"\x00\x02")  # group 0008 or 0002 where the preamble is missing


@dataclass(frozen=True)
class DicomHeader:
    """What one DICOM image states beside its pixels. Ids are "" where they are not stated."""

    study_uid: str
    instance_uid: str
    facts: ExamFacts
    frames: tuple[Frame, ...]
    shown_bytes: int  # of all its frames as they are displayed
    burned_in: bool = False  # the pixels may show whose they are


def looks_like_dicom(head: bytes) -> bool:
    """Say whether the first 132 bytes or more of a file begin a DICOM file, with or without its preamble.

    A preamble may make the same file a TIFF, so this question comes first.
    """
    return head[128:132] == b"DICM" or head[:2] in BARE_STARTS


def read_header(path: Path) -> DicomHeader:
    """Return the header of an image; its pixels are not read.

    Raises InputError where the file is no DICOM, is cut off, or holds no image; MissingError without the extra.
    """
    try:
        import pydicom
    except ImportError as error:
        fix = install_command("imaging")
        raise MissingError(f"{path}: reading DICOM needs the package pydicom; install it with {fix}.") from error
    with _readable(path, "is damaged or no DICOM file; send it from the archive again"):
        _check_file(path)
        dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
        modality = header_text(dataset, "Modality").upper()
        if modality in NOT_FOR_READING:
            what = NOT_FOR_READING[modality]
            raise InputError(f"{path}: holds {what}, not an image; give the images of the exam.")
        if getattr(dataset, "file_meta", {}).get("MediaStorageSOPClassUID") == DISC_INDEX_CLASS:
            raise InputError(f"{path}: is the index of a disc, not an image; give the folder it lies in.")
        if dataset.get("Rows") is None or dataset.get("Columns") is None:
            raise InputError(f"{path}: is a DICOM file without an image; give the images of the exam.")
        check_size(path, int(dataset.Rows), int(dataset.Columns))
        count = int(dataset.get("NumberOfFrames") or 1)
        if not 1 <= count <= MAX_FRAMES:
            raise InputError(f"{path}: states an impossible number of frames; send it from the archive again.")
        channels = 1 if header_text(dataset, "PhotometricInterpretation").startswith("MONOCHROME") else 3
        shown_bytes = int(dataset.Rows) * int(dataset.Columns) * count * channels
        if shown_bytes > MAX_STUDY_BYTES:  # flat frames compress to nothing: a small file can state any number of them
            raise InputError(f"{path}: states more than {MAX_STUDY_BYTES // 2**30} GB of frames; export a part of it.")
        return DicomHeader(
            study_uid=header_text(dataset, "StudyInstanceUID"),
            instance_uid=header_text(dataset, "SOPInstanceUID"),
            facts=facts_of(dataset),
            frames=tuple(frames_of(path, dataset, count)),
            shown_bytes=shown_bytes,
            burned_in=may_name_the_patient(dataset),
        )


def read_frames(path: Path) -> Iterator[tuple[np.ndarray, str]]:
    """Yield the frames of one image in stored order: uint8 pixels, and "" or what had to be assumed.

    Only one frame at a time is held at its stored depth. Raises InputError where there are no pixels, they are cut
    off, or no decoder for the transfer syntax is installed or accepts them.
    """
    import pydicom
    from pydicom.pixels import iter_pixels

    with _readable(
        path, "has damaged or incomplete pixels, or a 12-bit lossy JPEG; send it from the archive again, uncompressed"
    ):
        dataset = pydicom.dcmread(path, force=True)
        if not any(name in dataset for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            raise InputError(f"{path}: is a DICOM file without pixels; give the images of the exam.")
        _settle_syntax(dataset)
        syntax = dataset.file_meta.TransferSyntaxUID
        check_size(path, int(dataset.Rows), int(dataset.Columns))
        check_codestreams(dataset)
        try:
            for number, decoded in enumerate(iter_pixels(dataset)):
                is_grey = dataset.PhotometricInterpretation in ("MONOCHROME1", "MONOCHROME2")
                if decoded.ndim != (2 if is_grey or dataset.PhotometricInterpretation == "PALETTE COLOR" else 3):
                    raise ValueError("samples per pixel and photometric interpretation contradict each other")
                if is_grey:
                    yield grey_display(decoded, dataset, number)
                else:
                    yield colour_display(decoded, dataset), ""
        except NotImplementedError as error:
            fix = "export it as explicit VR little endian"
            raise InputError(f"{path}: its transfer syntax {syntax} cannot be decoded here; {fix}.") from error


def read_values(
    path: Path, indices: Sequence[int], name: str, instance_uid: str
) -> Iterator[tuple[np.ndarray, np.ndarray | None, bool]]:
    """Yield frames of one grey image, in the order of `indices`, as `measured_values` gives them; one at a time.

    Messages call the image `name`: a path may identify a patient. Raises InputError where the file is gone, has been
    replaced by another image since its header was read, or holds no grey pixels.
    """
    return _grey_frames(path, indices, name, instance_uid, measured_values)


def read_windowable(path: Path, index: int, name: str, instance_uid: str, longest_side: int) -> Windowable:
    """Return one frame of a grey image, counted from 0, for a viewer. Raises as `read_values` does."""
    return next(_grey_frames(path, [index], name, instance_uid, partial(windowable, longest_side=longest_side)))


def _grey_frames(
    path: Path, indices: Sequence[int], name: str, instance_uid: str, of: Callable[[np.ndarray, Any, int], Values]
) -> Iterator[Values]:
    import pydicom
    from pydicom.pixels import pixel_array

    otherwise = "has damaged or incomplete pixels; send it from the archive again"
    with _readable(name, otherwise):
        dataset = pydicom.dcmread(path, force=True)
        if header_text(dataset, "SOPInstanceUID") != instance_uid:
            raise InputError(f"{name}: its file has been replaced since; give the images of the exam again.")
        _settle_syntax(dataset)
        check_size(name, int(dataset.Rows), int(dataset.Columns))
        check_codestreams(dataset)
        if dataset.PhotometricInterpretation not in ("MONOCHROME1", "MONOCHROME2"):
            raise InputError(f"{name}: is a colour picture without measured values; give the original images.")
    for index in indices:
        with _readable(name, otherwise):
            values = of(pixel_array(dataset, index=index), dataset, index)
        yield values


def _settle_syntax(dataset: Any) -> None:
    """Fill in the transfer syntax of a file that was stored without its file meta information."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit


def _check_file(path: Path) -> None:
    """Raise InputError for a file too large to hold, one that inflates to such a size, or one of endless sequences."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(f"{path}: is larger than {MAX_FILE_BYTES // 2**30} GB; export it as single images.")
    with path.open("rb") as file:
        if path.stat().st_size >= MAX_ITEMS * ITEM_BYTES:
            _check_items(path, iter(lambda: file.read(2**20), b""))
            file.seek(0)
        if _is_deflated(file):
            _check_items(path, _inflated(path, file))


def _check_items(path: Path, blocks: Iterable[bytes]) -> None:
    items, tail = 0, b""
    for block in blocks:
        items += max((tail + block).count(start) for start in ITEM_STARTS)
        tail = block[-3:]
        if items > MAX_ITEMS:
            raise InputError(f"{path}: holds more than {MAX_ITEMS} sequence items; export it as single images.")


def _is_deflated(file: BinaryIO) -> bool:
    """Say whether pydicom would inflate the rest of a file, and leave it where that begins.

    pydicom's own functions go there, in its order: what a header states of its length, or a missing preamble, must not
    make two programs look at different bytes.
    """
    from pydicom.filereader import _read_command_set_elements, _read_file_meta_info, read_preamble

    read_preamble(file, force=True)
    meta = _read_file_meta_info(file)
    _read_command_set_elements(file)
    return bool(meta.get("TransferSyntaxUID") == DEFLATED)


def _inflated(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """Inflate the rest of a file in blocks. Raises InputError where that becomes too large."""
    inflating, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    most = min(MAX_INFLATED_BYTES, max(INFLATED_ANYHOW_BYTES, MAX_INFLATION * path.stat().st_size))
    while block := file.read(2**16):
        while block:
            inflated = inflating.decompress(block, 2**24)
            size += len(inflated)
            if size > most:
                what = f"inflates to more than {most // 2**20} MB"
                raise InputError(f"{path}: {what}; export it as explicit VR little endian.")
            yield inflated
            block = inflating.unconsumed_tail


@contextmanager
def _readable(path: Path | str, otherwise: str) -> Iterator[None]:
    """Turn whatever a hostile file raises into one InputError, and keep the library's notes, which may quote it."""
    _quiet()
    try:
        yield
    except (InputError, MissingError):
        raise
    except MemoryError as error:
        raise needs_memory(path) from error
    except OSError as error:
        if error.strerror is None:
            raise InputError(f"{path}: {otherwise}.") from error
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path and its rights.") from error
    except Exception as error:  # decoders raise nearly anything on a hostile file
        raise InputError(f"{path}: {otherwise}.") from error


def _quiet() -> None:
    """Keep what pydicom logs and warns of to itself for good: it can quote names and numbers of a header.

    For good, because both are settings of the whole process, and other threads read headers, too.
    """
    logger = logging.getLogger("pydicom")
    logger.propagate = False  # nor those below it
    logger.addFilter(_none)
    if _UNTOLD not in warnings.filters:
        warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")


def _none(record: logging.LogRecord) -> bool:
    return False
