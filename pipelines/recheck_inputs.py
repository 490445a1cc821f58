"""Signed reports: a folder of texts, one text, or a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dictation.errors import InputError, UsageError
from dictation.findings.sections import sections_of
from dictation.report.report import SECTIONS
from pipelines.columns import read_text
from pipelines.inputs import TEXT_ENDINGS, expand
from pipelines.manifest import entries

ID, TEXT = ("id", "report_id", "accession"), ("text", "report")  # the first that is there counts
_NO_TEXT = ("{\\rtf", "%PDF")


@dataclass(frozen=True)
class Signed:
    """One signed report. `id` is its name without ending, below the folder, or its id in a table."""

    id: str
    text: str


def read_reports(reports: Path) -> tuple[list[Signed], list[InputError]]:
    """Return the reports of a folder, a text file, or a table (CSV, JSON Lines), and an error for each unusable one.

    Raises UsageError where there is nothing of that name.
    """
    if not reports.exists():
        raise UsageError(f"{reports}: there is no such file or folder; give the signed reports.")
    of_files = reports.is_dir() or reports.suffix.lower() in TEXT_ENDINGS
    found, errors = _of_files(reports) if of_files else _of_table(reports)
    kept: dict[str, Signed] = {}
    for one in found:
        try:
            (one.id + one.text).encode()
        except UnicodeEncodeError:
            errors.append(InputError(f"{reports}: one id or text holds halves of characters; save it as UTF-8."))
            continue
        if one.id in kept:
            errors.append(InputError(f"{reports}: two reports are called {one.id}; the first is looked at."))
        kept.setdefault(one.id, one)
    return list(kept.values()), errors


def _of_files(reports: Path) -> tuple[list[Signed], list[InputError]]:
    found, errors = [], []
    for item in expand([reports], TEXT_ENDINGS):
        try:
            if item.failure:
                raise item.failure
            text = read_text(item.path, "the report")
            if "\x00" in text or text.startswith(_NO_TEXT):
                raise InputError(f"{item.shown}: is no plain text; save the report as plain text in UTF-8.")
            if not text.strip():
                raise InputError(f"{item.shown}: is empty; give the text of a signed report.")
            found.append(Signed(item.mirrored.with_suffix("").as_posix(), text))
        except InputError as error:
            errors.append(error)
    return found, errors


def _of_table(reports: Path) -> tuple[list[Signed], list[InputError]]:
    found, errors = [], []
    for line, cells in entries(reports, (ID, (*TEXT, *SECTIONS))):
        where = f"{reports}, line {line}"
        if isinstance(cells, str):
            errors.append(InputError(f"{where}: {cells}."))
            continue
        name = next((cells[column] for column in ID if cells.get(column)), "")
        text = next((cells[column] for column in TEXT if cells.get(column)), "") or _of_sections(cells)
        if not name or not text:
            what = "text, findings or impression" if name else "id"
            errors.append(InputError(f"{where}: it has no {what}; fill it in or delete the line."))
        else:
            found.append(Signed(name, text))
    return found, errors


def _of_sections(cells: Mapping[str, str]) -> str:
    """The text of its sections, each under its heading; one that brings headings of its own ("EXAM: …") keeps those."""
    return "\n\n".join(
        cells[name] if sections_of(cells[name].lstrip())[0].name else f"{name.upper()}: {cells[name]}"
        for name in SECTIONS
        if cells.get(name)
    )
