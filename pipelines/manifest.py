"""A manifest of labelled files, CSV or JSON Lines, → its rows; each bad row is named and the rest goes on.

Of recordings, the columns `audio` (a file, as seen from the manifest's folder) and `text` (what was said, in spoken or
written form) are needed; all others are kept for whoever knows them.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.errors import InputError

AUDIO = ("audio", "path", "file")  # the first that is there counts
TEXT = ("text", "spoken", "written")
SILENT = "silent"  # the form of a recording in which nobody speaks
DELIMITERS = (",", "\t", ";")
_BLANK = "".join(DELIMITERS) + '" \r\n'
MISQUOTED = 100  # rows whose quotes do not close, until the rest is not read
MANIFEST_ENDINGS = frozenset((".csv", ".tsv", ".jsonl"))
FILE_ENDINGS = AUDIO_ENDINGS | {".dcm", ".dicom", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}


@dataclass(frozen=True)
class Row:
    """One labelled recording. `fields` holds the other columns by their names in small letters, none of them empty.

    `text` is empty only where the form says that nobody speaks.

    `line` is where it begins in the manifest, counted from 1.
    """

    line: int
    audio: Path
    text: str
    fields: dict[str, str]


def read_manifest(path: Path, columns: Mapping[str, str] | None = None) -> tuple[list[Row], list[InputError]]:
    """Return the rows in order, and an error that names its line for each row that cannot be used.

    `columns` are as in `entries`. Raises InputError where the manifest cannot be read, lacks a needed column or holds
    no row at all.
    """
    rows: list[Row] = []
    errors: list[InputError] = []
    for line, values in entries(path, (AUDIO, TEXT), columns):
        row = _row(path, line, values, columns or {})
        if isinstance(row, Row):
            rows.append(row)
        else:
            errors.append(row)
    return rows, errors


def entries(
    path: Path,
    needed: Sequence[tuple[str, ...]],
    columns: Mapping[str, str] | None = None,
    *,
    may_be_empty: bool = False,
) -> list[tuple[int, dict[str, str] | str]]:
    """Return the line of each row, counted from 1, and its cells by column, or a part of a sentence on why it has none.

    Columns are in small letters. `columns` says what some are called here ({"audio": "FILE_NAME"}). A table must have
    one of each group of `needed`; where it `may_be_empty`, its header alone is enough. Raises as `read_manifest` does.
    """
    columns = columns or {}
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; check its name.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8; save it as CSV UTF-8 or as JSON Lines.") from error
    is_json = text.lstrip().startswith(("{", "["))
    found = list(_json_lines(text, columns) if is_json else _table(path, text, needed, columns))
    has_header = bool(text.strip(_BLANK))  # of JSON Lines, such a text is a row
    if not found and not (may_be_empty and has_header):
        raise InputError(f"{path}: the manifest holds no row; give a line for each file.")
    return found


def _json_lines(text: str, columns: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each object, or why its line is none."""
    for line, content in enumerate(text.splitlines(), 1):
        if not content.strip():
            continue
        cells = None
        with suppress(ValueError, RecursionError):  # nested too deeply
            if isinstance(value := json.loads(content), dict):
                cells = dict(zip(_named(value, columns), map(_as_text, value.values()), strict=True))
        yield line, "it is no JSON object; give one object a line" if cells is None else cells


def _named(header: Iterable[str], columns: Mapping[str, str]) -> list[str]:
    """The columns by our names; one that only happens to be called like a column that lies elsewhere has none."""
    ours = {theirs.strip().lower(): name for name, theirs in columns.items()}
    plain = [str(name).strip().lower() for name in header]
    return [ours.get(name, "" if name in ours.values() else name) for name in plain]


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell.strip() if isinstance(cell, str) else json.dumps(cell)


def _table(
    path: Path, text: str, needed: Sequence[tuple[str, ...]], columns: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row below the header, or why it is none."""
    lines = list(io.StringIO(text, newline=""))
    header: list[str] = []
    for line, cells in _rows(lines, max(DELIMITERS, key=next(iter(lines), "").count)):
        if isinstance(cells, str):
            yield line, cells
            continue
        if not header and any(cells):
            header = _named(cells, columns)
            there = {cell.strip().lower() for cell in cells}
            missing = next((theirs for theirs in columns.values() if theirs.strip().lower() not in there), None)
            for names in [(missing,)] if missing else needed:
                if not set(names) & set(header):
                    raise InputError(f"{path}: it has no column '{names[0]}'; its first line must name the columns.")
        elif len(cells) > len(header):
            yield line, f"it has {len(cells)} cells for {len(header)} columns; put quotes around a text with commas"
        elif any(cells):
            yield line, dict(zip(header, (cell.strip() for cell in cells), strict=False))


def _rows(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each row and the line that it begins in. One whose quotes do not close is none, and the next line begins anew."""
    at = unclosed = 0
    while at < len(lines):
        reader, first = csv.reader(lines[at:], delimiter=delimiter, strict=True), at
        try:
            for cells in reader:
                yield at + 1, cells
                at = first + reader.line_num
        except csv.Error:
            unclosed += 1
            if unclosed == MISQUOTED:
                yield (
                    at + 1,
                    f"its quotes do not close, and {len(lines) - at - 1} lines behind it are not read; check it",
                )
                return
            yield at + 1, "its quotes do not close; check it"
            at += 1


def called(names: Sequence[str], cells: Iterable[str], columns: Mapping[str, str]) -> str:
    """What a manifest calls its column of the group `names`: the first of them that is among `cells`."""
    there = set(cells)
    ours = next((name for name in names if name in there), names[0])
    return columns.get(ours, ours)


def _row(path: Path, line: int, values: dict[str, str] | str, columns: Mapping[str, str]) -> Row | InputError:
    where = f"{path}, line {line}"
    if isinstance(values, str):
        return InputError(f"{where}: {values}.")
    found = {name: cell for name, cell in values.items() if cell}
    column = called(AUDIO, found, columns)
    audio = next((found.pop(name) for name in AUDIO if name in found), "")
    text = next((found.pop(name) for name in TEXT if name in found), "")
    is_silent = found.get("form", "").lower() == SILENT
    for names, cell in ((AUDIO, audio), (TEXT, text)):
        if not cell and not (is_silent and names == TEXT):
            return InputError(
                f"{where}: its '{called(names, values, columns)}' is empty; fill it in or delete the line."
            )
    try:
        return Row(line, listed(path, audio, column), text, found)
    except InputError as error:
        return InputError(f"{where}: {error}")


def listed(manifest: Path, name: str, column: str, *, folders: bool = False) -> Path:
    """Return the file that a cell of a manifest names, or the folder where it may.

    `column` is the cell's. Raises InputError, which quotes the cell where it is the name of a file and nothing else:
    where columns are mixed up it may be the text of a report.
    """
    with suppress(OSError, ValueError, RuntimeError):  # too long a name, a NUL in it, the home of nobody
        path = manifest.parent / Path(name).expanduser()
        if path.is_file() or (folders and path.is_dir()):
            return path
    shown = f" ('{name}')" if _is_file_name(name) else ""
    raise InputError(f"the column '{column}' names no file{shown}; give its path as seen from the manifest's folder.")


def _is_file_name(cell: str) -> bool:
    return cell.isprintable() and len(cell) <= 255 and Path(cell).suffix.lower() in FILE_ENDINGS
