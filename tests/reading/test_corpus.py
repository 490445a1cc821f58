"""Which images a reader is shown, and what it is not asked about them: the rows of `corpus/*.tsv`.

Images are parted by "; ", each "modality | part of the body | view" and what else its header states. An order is what
it states: "procedure=XR CHEST PA; age=3".
"""

import numpy as np

from dictation.exam import ExamFacts, Order
from dictation.imaging import Study, StudyImage
from dictation.reading.gate import VIEW_NOT_STATED, Exam, admitted, switched_on
from tests.corpus import Row, corpus


@corpus(__file__)
def test_a_row_holds(row: Row):
    row.holds({"gate": gate})


def gate(images: str, order: str, also: str) -> str:
    """The exam, then the views that are read, what is not asked of them, and notes; or why nothing is read."""
    study = Study("1", tuple(image(*cell.split(" | ")) for cell in images.split("; ")), ExamFacts())
    found = admitted(study, Order.model_validate(stated(order)) if order else None, also=switched_on(also))
    if not isinstance(found, Exam):
        return f"not read: {found.reason.partition(':')[0]}"
    told = [found.shown, ", ".join(one.view or "no view" for one in found.images)]
    told += [f"no side: {found.no_side.partition(';')[0]}"] * bool(found.no_side)
    told += [f"not judged: {', '.join(sorted(found.unjudged))}"] * bool(found.unjudged)
    told += ["view not stated" if note == VIEW_NOT_STATED else note for note in found.notes]
    return " · ".join(told)


def image(modality: str = "", body_part: str = "", view: str = "", more: str = "") -> StudyImage:
    header = {"modality": modality, "body_part": body_part, "view": view} | stated(more)
    return StudyImage(np.zeros((4, 4), np.uint8), **header)


def stated(cell: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in cell.split("; ") if pair)
