"""One imaging study: pixels ready to be looked at, and the facts of its headers."""

from dataclasses import dataclass

import numpy as np

from dictation.exam import ExamFacts


@dataclass(frozen=True)
class StudyImage:
    """One image for display.

    `pixels` is uint8, shape (rows, columns), after modality LUT, window and MONOCHROME1 inversion: air dark, bone
    bright; or (rows, columns, 3) for colour. `series` and `number` order images of a series; `caption` is for people.
    """

    pixels: np.ndarray
    caption: str = ""
    series: str = ""
    number: int = 0


@dataclass(frozen=True)
class Study:
    """Images of one exam in display order, with what the headers state. A plain PNG or JPEG states nothing."""

    id: str
    images: tuple[StudyImage, ...]
    facts: ExamFacts
    warnings: tuple[str, ...] = ()
