"""What lies beside a dictation: what the command line names for all, and what its row of a manifest names for it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from dictation.errors import InputError, MissingError
from dictation.exam import Order, validated, without_version
from dictation.imaging import Study, load_study
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.reading import ImageReader, Reading, load_reading
from dictation.reading.looking import unread
from dictation.report import Report, Style, Template, available_templates, choose_template, load_report, load_template
from pipelines.inputs import Input
from pipelines.ledger import content
from pipelines.manifest import listed

ROW_COLUMNS = ("order", "template", "written", "image", "seen")


@dataclass(frozen=True)
class Beside:
    """The exam, and an existing report or the template and style for a new one.

    `unable` is the name of a reader that the user wants and that is not here, and why.
    """

    order: Order | None = None
    study: Study | None = None
    readings: tuple[Reading, ...] = ()
    written: Report | None = None
    template: Template | None = None
    style: Style = "keep"
    vocabulary: Vocabulary = EMPTY_VOCABULARY
    reader: ImageReader | None = None
    prior: Study | None = None
    unable: tuple[str, str] | None = None


def listened_for(beside: Beside, item: Input) -> Beside:
    """`beside` with the order and the template of the item's row: what the ear is turned by.

    Raises InputError or, for an unknown template, MissingError that names the row.
    """
    order, template = item.columns.get("order"), item.columns.get("template")
    return replace(
        beside,
        order=_order(item, order) if order else beside.order,
        template=load_template(_template(item, template)) if template else beside.template,
    )


def all_of_row(beside: Beside, item: Input) -> Beside:
    """`beside` with everything that the item's row names; of a reader that is not here, that it did not read."""
    this = listened_for(beside, item)
    images, seen, written = (_listed(item, name) for name in ("image", "seen", "written"))
    if written and item.columns.get("template"):
        raise InputError(f"{item.shown}: its row names a report to check and a template to write one by; give one.")
    study = load_study(images) if images else this.study
    readings = this.readings + tuple(load_reading(path) for path in seen)
    if this.unable is not None:
        readings += (unread(this.unable[0], study, this.unable[1]),)
    fitting = choose_template(this.order, study.facts if study else None) if this.order or study else None
    report = load_report(written[0], fitting) if written else this.written
    return replace(this, study=study, readings=readings, written=report)


def row_key(item: Input) -> list[str]:
    """Everything that the item's row names, as parts of the settings of its result. Raises as `all_of_row` does."""
    found = []
    for name in ROW_COLUMNS:
        cell = item.columns.get(name)
        if not cell:
            continue
        if name == "template":
            found.append(load_template(_template(item, cell)).model_dump_json())
        elif name == "order" and cell.startswith("{"):
            found.append(cell)
        else:
            found += [name, *(one for path in _listed(item, name) for one in contents(path))]
    return found


def contents(path: Path) -> list[str]:
    """SHA-256 of a file, or of each file below a folder, in hexadecimal. Raises InputError that names it."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    try:
        return [content(file) for file in files]
    except OSError as error:
        named = error.filename or path
        raise InputError(f"{named}: cannot be read ({error.strerror}); check the path and its permissions.") from error


def _listed(item: Input, name: str) -> list[Path]:
    """The files that a cell names, several of them between semicolons; the image may be a folder."""
    cells = [cell.strip() for cell in item.columns.get(name, "").split(";")]
    manifest, column = item.manifest or item.path, item.called.get(name, name)
    if name in item.columns and not any(cells):
        raise InputError(f"{_row(item)}: the column '{column}' names no file; give its path or leave it empty.")
    try:
        return [listed(manifest, cell, column, folders=name == "image") for cell in cells if cell]
    except InputError as error:
        raise InputError(f"{_row(item)}: {error}") from error


def _order(item: Input, cell: str) -> Order:
    """An order of a row: a file, or in JSON Lines the object itself."""
    if cell.startswith("{"):
        name = f"{_row(item)}: the order"
        try:
            value = json.loads(cell)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name} is no JSON object; give one, or the path of a file.") from error
        return validated(Order, without_version(value, "order"), name)
    return Order.from_file(_listed(item, "order")[0])


def _template(item: Input, cell: str) -> str:
    """A template by its name, or a file as seen from the manifest's folder."""
    if cell.endswith(".toml"):
        return str(_listed(item, "template")[0])
    if cell not in available_templates():
        known = ", ".join(available_templates())
        column = item.called.get("template", "template")
        raise MissingError(f"{_row(item)}: the column '{column}' names none; use one of {known}, or a .toml file.")
    return cell


def _row(item: Input) -> str:
    """Where the row of an input stands."""
    return f"{item.shown}: in {item.manifest}, line {item.line}"
