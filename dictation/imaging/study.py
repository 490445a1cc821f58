"""One imaging study: pixels ready to be looked at, and the facts of its headers."""

from dataclasses import dataclass

import numpy as np

from dictation.exam import ExamFacts


@dataclass(frozen=True)
class StudyImage:
    """One image for display.

    `pixels` is uint8, shape (rows, columns), after modality LUT, window and MONOCHROME1 inversion: air dark, bone
    bright; or (rows, columns, 3) for colour, red first. `series` is the same for all images of one series ("" where
    the file states none) and `number` counts from 1 within it, in display order; `caption` is for people and never
    identifies the patient.
    """

    pixels: np.ndarray
    caption: str = ""
    series: str = ""
    number: int = 0


@dataclass(frozen=True)
class Study:
    """Images of one exam in display order, with what the headers state. A plain PNG or JPEG states nothing.

    `id` is the StudyInstanceUID, or a SHA-256 of the files' bytes where there is none. `warnings` are sentences on
    what was left out or assumed; they name files, never the patient.
    """

    id: str
    images: tuple[StudyImage, ...]
    facts: ExamFacts
    warnings: tuple[str, ...] = ()
