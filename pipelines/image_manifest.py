"""A manifest of labelled images, CSV or JSON Lines, → its rows; each bad row is named and the rest goes on.

The column `image` (a file or a folder of one exam, as seen from the manifest's folder) is needed. `patient` says whose
it is; `modality`, `body_part`, `procedure`, `view`, `age` and `sex` say what an image without a header shows. Every
other column whose name is a finding holds 1, 0 or nothing.
"""

from dataclasses import dataclass
from pathlib import Path

from dictation.errors import InputError
from dictation.exam import Order, validated
from dictation.reading.opinions import finding_of
from pipelines.manifest import entries, listed

IMAGE = ("image",)
PATIENT = ("patient", "patient_id", "group")
EXAM = ("modality", "body_part", "procedure", "view", "age", "sex")
LABELS = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}


@dataclass(frozen=True)
class ImageRow:
    """One labelled image. `labels` are by our ids of findings; `patient` is "" where the manifest does not say."""

    line: int
    image: Path
    patient: str
    order: Order
    labels: dict[str, bool]


def read_image_manifest(path: Path) -> tuple[list[ImageRow], list[InputError], list[str]]:
    """Return the rows in order, an error for each row that cannot be used, and the columns that are no finding.

    Raises InputError where the manifest cannot be read, has no column `image`, no finding or no row at all.
    """
    rows: list[ImageRow] = []
    errors: list[InputError] = []
    listing = entries(path, (IMAGE,))
    columns = list(dict.fromkeys(name for _, cells in listing if isinstance(cells, dict) for name in cells))
    findings = {name: finding_of(name) for name in columns if name not in (*IMAGE, *PATIENT, *EXAM)}
    named = {name: finding for name, finding in findings.items() if finding}
    if columns and not named:
        raise InputError(f"{path}: none of its columns is a finding; name one for example 'pleural effusion'.")
    for line, cells in listing:
        try:
            rows.append(_row(path, line, cells, named))
        except InputError as error:
            errors.append(InputError(f"{path}, line {line}: {error}"))
    return rows, errors, sorted(findings.keys() - named.keys())


def _row(path: Path, line: int, cells: dict[str, str] | str, named: dict[str, str]) -> ImageRow:
    if isinstance(cells, str):
        raise InputError(f"{cells}.")
    if not cells.get("image"):
        raise InputError("its 'image' is empty; fill it in or delete the line.")
    labels: dict[str, bool] = {}
    for name, finding in named.items():
        cell = cells.get(name, "").lower()
        if not cell:
            continue
        if cell not in LABELS:
            raise InputError(f"its '{name}' is neither 1 nor 0 nor empty; write one of them.")
        if labels.setdefault(finding, LABELS[cell]) != LABELS[cell]:
            raise InputError(f"two columns say different things of '{finding}'; delete one of them.")
    exam = {name: cells[name] for name in EXAM if cells.get(name)}
    if view := exam.pop("view", ""):
        exam["procedure"] = f"{exam.get('procedure', '')} {view}".strip()
    patient = next((cells[name] for name in PATIENT if cells.get(name)), "")
    image = listed(path, cells["image"], "image", folders=True)
    return ImageRow(line, image, patient, validated(Order, exam, "its exam"), labels)
