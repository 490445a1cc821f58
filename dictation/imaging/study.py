"""One imaging study: pixels ready to be looked at, and the facts of its headers."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from dictation.exam import ExamFacts

if TYPE_CHECKING:
    from dictation.imaging.decoder import Decoder

Plane = Literal["axial", "coronal", "sagittal", ""]


@dataclass(frozen=True, repr=False)
class Stored:
    """Where the values of an image lie: file, frame from 0, SOP instance UID. Paths and UIDs can identify: no repr.

    `decoder` reads them: who did not decode the image in this process does not do so later either.
    """

    path: Path
    index: int
    instance_uid: str
    decoder: "Decoder"


@dataclass(frozen=True)
class StudyImage:
    """One image for display.

    `pixels` is uint8, shape (rows, columns), after modality LUT, window and MONOCHROME1 inversion: air dark, bone
    bright; or (rows, columns, 3) for colour, red first. `series` is the same for all images of one series ("" where
    the file states none) and `number` counts from 1 within it, in display order; `caption` is for people and never
    identifies the patient.

    The rest is what this image states of itself, "" where it does not: `modality` and `view` (PA, AP, LL) are DICOM
    codes, `body_part` is free text, `plane` is how a slice lies. `across` is the direction in the patient in which
    rows run from image left to image right, the first letter of DICOM's: "L" is the usual display, patient's left on
    image right; "R" is mirrored; A, P, H, F are other views. `stored` is None for a picture without a header.
    `burned_in` says that the pixels may show whose they are: people see such an image, no model does.
    """

    pixels: np.ndarray
    caption: str = ""
    series: str = ""
    number: int = 0
    modality: str = ""
    body_part: str = ""
    view: str = ""
    plane: Plane = ""
    across: str = ""
    burned_in: bool = False
    stored: Stored | None = field(default=None, repr=False, compare=False)


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
