"""An exam → what the model is shown before the questions, and the same for each control."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from dictation.imaging import Study
from dictation.imaging.for_reader import flipped, radiograph, slices
from dictation.models.protocol import Content
from dictation.reading.gate import RADIOGRAPH, Exam
from dictation.reading.probes import words

BLANK = np.full((64, 64), 128, np.uint8)  # the middle of uint8, which the model's processor turns into about zero


def shown(exam: Exam, study: Study, patient: str) -> tuple[Content, ...]:
    """Return the images of an exam as the model is shown them. `patient` is all that it is told of the person.

    A radiograph is one image. CT and MR are their axial slices in reading order with an instruction before them and
    "SLICE n" after each. Raises InputError where the slices or their values are not there.
    """
    if exam.modality == RADIOGRAPH:
        return tuple(radiograph(image) for image in exam.images)
    said: list[Content] = [words("slices", exam=exam.shown, patient=patient)]
    for pixels, number in slices(replace(study, images=exam.images)):
        said += [pixels, words("slice", number=str(number))]
    return tuple(said)


def context(exam: Exam, patient: str) -> str:
    """Return what is said before each question; of slices it was said before the images."""
    return words("image", exam=exam.shown, patient=patient) if exam.modality == RADIOGRAPH else ""


def pair(earlier: Sequence[Content], current: Sequence[Content]) -> tuple[Content, ...]:
    """Return two exams one after the other, each named."""
    return words("earlier"), *earlier, words("current"), *current


def mirrored(contents: Sequence[Content]) -> tuple[Content, ...]:
    """Return the same with left and right exchanged in every image."""
    return tuple(part if isinstance(part, str) else flipped(part) for part in contents)


def doubled(contents: Sequence[Content], side: Literal["left", "right"]) -> tuple[Content, ...]:
    """Return the same with one half of the body twice: the patient's `side`, and its mirror image for the other.

    The patient's left is the right half of the image; a middle column stays.
    """
    return tuple(part if isinstance(part, str) else _doubled(part, side) for part in contents)


def _doubled(pixels: np.ndarray, side: Literal["left", "right"]) -> np.ndarray:
    columns = pixels.shape[1]
    other = slice(0, columns // 2) if side == "left" else slice(columns - columns // 2, columns)
    made = pixels.copy()
    made[:, other] = pixels[:, ::-1][:, other]
    return made


def blank(contents: Sequence[Content]) -> tuple[Content, ...]:
    """Return the same with a picture of nothing in place of every image, so that no word of the prompt differs.

    All such pictures are alike, so that a second study of as many images needs no new answers.
    """
    return tuple(part if isinstance(part, str) else BLANK for part in contents)
