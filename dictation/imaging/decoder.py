"""What takes a file of images apart: in this process, or in one of its own (`dictation.imaging.apart`)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from dictation.imaging.dicom import DicomHeader, read_frames, read_header, read_values, read_windowable
from dictation.imaging.display import Windowable
from dictation.imaging.raster import read_raster


class Decoder(Protocol):
    """Reads one file at a time. All of it raises InputError that names the file and the fix."""

    def header(self, path: Path) -> DicomHeader:
        """Return the header of a DICOM image; see `read_header`."""

    def pictures(self, path: Path) -> list[np.ndarray]:
        """Return the pictures of a PNG, JPEG or TIFF file; see `read_raster`."""

    def frames(self, path: Path) -> list[tuple[np.ndarray, str]]:
        """Return the frames of a DICOM image for display; see `read_frames`."""

    def values(
        self, path: Path, indices: Sequence[int], name: str, instance_uid: str
    ) -> Iterator[tuple[np.ndarray, np.ndarray | None, bool]]:
        """Yield frames as they were measured; see `read_values`."""

    def windowable(self, path: Path, index: int, name: str, instance_uid: str, longest_side: int) -> Windowable:
        """Return a frame whose window a person chooses, no longer than `longest_side`; see `read_windowable`."""


class _Here:
    """In this process."""

    def header(self, path: Path) -> DicomHeader:
        return read_header(path)

    def pictures(self, path: Path) -> list[np.ndarray]:
        return read_raster(path)

    def frames(self, path: Path) -> list[tuple[np.ndarray, str]]:
        return list(read_frames(path))

    def values(
        self, path: Path, indices: Sequence[int], name: str, instance_uid: str
    ) -> Iterator[tuple[np.ndarray, np.ndarray | None, bool]]:
        return read_values(path, indices, name, instance_uid)

    def windowable(self, path: Path, index: int, name: str, instance_uid: str, longest_side: int) -> Windowable:
        return read_windowable(path, index, name, instance_uid, longest_side)


HERE: Decoder = _Here()
