"""The order in which the images of a study are shown: by geometry, then by number, never by file name.

Axial images run from head to foot, coronal ones from front to back, sagittal ones from the patient's right to left.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dictation.imaging.study import Plane

# Patient coordinates grow to the left, the back and the head (PS3.3 C.7.6.2.1.1); the sign turns each axis into the
# reading order of its plane. Index: axis along which the planes of a series are stacked.
READING_SIGN = (1.0, 1.0, -1.0)
PLANES: tuple[Plane, ...] = ("sagittal", "coronal", "axial")  # by the same axes
TOWARDS = (("R", "L"), ("A", "P"), ("F", "H"))  # where each axis comes from and goes to (PS3.3 C.7.6.1.1.1)
SAME_PLANE = 0.99  # cosine between the normals of two images that count as parallel: 8 degrees


@dataclass(frozen=True)
class Frame:
    """One frame of one file, and where it lies. `position_mm` is along its normal in reading order; None: unknown.

    `across` is the direction in the patient in which rows run (L, R, A, P, H, F), "" where it is not stated. `plane`
    counts the differently oriented stacks of a series from 0 (a localizer beside the axial images).
    """

    path: Path
    index: int
    series: str
    series_number: int
    instance: int
    normal: tuple[float, float, float] | None = None
    position_mm: float | None = None
    across: str = ""
    plane: int = 0

    @property
    def lies(self) -> Plane:
        """How the frame lies in the patient: by the axis nearest to its normal, so a tilted gantry stays axial."""
        return "" if self.normal is None else PLANES[int(np.argmax(np.abs(self.normal)))]


def frames_of(path: Path, dataset: Any, count: int) -> list[Frame]:
    """Return the frames of one file with their places, in stored order."""
    series = str(dataset.get("SeriesInstanceUID") or "")
    numbers = _whole(dataset.get("SeriesNumber")), _whole(dataset.get("InstanceNumber"))
    frames = []
    for index in range(count):
        normal, position_mm = _place(dataset, index)
        across = _across(dataset, index)
        frames.append(Frame(path, index, series, *numbers, normal=normal, position_mm=position_mm, across=across))
    return frames


def in_reading_order(frames: list[Frame]) -> list[Frame]:
    """Return the frames by series number, then plane, then position; where no position is stated, by number."""
    planed, stacks = [], {}  # type: ignore[var-annotated]
    for frame in sorted(frames, key=lambda one: (one.series_number, one.series, one.instance, one.index)):
        known = stacks.setdefault(frame.series, [])
        plane = next((place for place, normal in enumerate(known) if _parallel(normal, frame.normal)), len(known))
        if plane == len(known):
            known.append(frame.normal)
        planed.append(Frame(**{**frame.__dict__, "plane": plane}))

    def place(frame: Frame) -> tuple[object, ...]:
        position_mm = round(frame.position_mm, 2) if frame.position_mm is not None else 0.0
        return frame.series_number, frame.series, frame.plane, position_mm, frame.instance, frame.index

    return sorted(planed, key=place)


def _place(dataset: Any, index: int) -> tuple[tuple[float, float, float] | None, float | None]:
    """Return the unit normal and the position along it of one frame; (None, None) where not or not validly stated."""
    try:
        orientation = _stated(dataset, index, "PlaneOrientationSequence", "ImageOrientationPatient")
        corner = _stated(dataset, index, "PlanePositionSequence", "ImagePositionPatient")
        rows, columns = np.array([float(v) for v in orientation]).reshape(2, 3)
        normal = np.cross(rows, columns)
        normal = normal / np.linalg.norm(normal)
        axis = int(np.argmax(np.abs(normal)))
        normal = normal * np.sign(normal[axis]) * READING_SIGN[axis]
        position_mm = float(np.dot(normal, [float(v) for v in corner]))
    except (TypeError, ValueError, AttributeError, IndexError):
        return None, None
    if not np.isfinite(position_mm):
        return None, None
    return (float(normal[0]), float(normal[1]), float(normal[2])), position_mm


def _across(dataset: Any, index: int) -> str:
    """Return where the rows of a frame run to: by its geometry, else by the letters that a projection states."""
    try:
        orientation = _stated(dataset, index, "PlaneOrientationSequence", "ImageOrientationPatient")
        row = np.array([float(v) for v in orientation])[:3]
        axis = int(np.argmax(np.abs(row)))
        return TOWARDS[axis][int(row[axis] > 0)] if np.isfinite(row).all() and row.any() else ""
    except (TypeError, ValueError, AttributeError, IndexError):
        pass
    try:
        letter = str(dataset.PatientOrientation[0])[:1].upper()
    except (TypeError, AttributeError, IndexError):
        return ""
    return letter if letter in "LRAPHF" else ""


def _stated(dataset: Any, index: int, group: str, keyword: str) -> Any:
    """Return what is stated for a frame: its own group, the shared one, or the top level (PS3.3 C.7.6.16)."""
    for sequence, item in (("PerFrameFunctionalGroupsSequence", index), ("SharedFunctionalGroupsSequence", 0)):
        items = dataset.get(sequence) or []
        if item < len(items) and items[item].get(group):
            return items[item][group][0].get(keyword)
    return dataset.get(keyword)


def _parallel(one: tuple[float, ...] | None, other: tuple[float, ...] | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(float(np.dot(one, other))) >= SAME_PLANE


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
