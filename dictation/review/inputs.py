"""What somebody gives the page beside the microphone: files and fields → recording, Order, Report, Readings, Study.

Messages name a file as its giver knows it, never the place where the page put it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal, TypeVar, get_args

from dictation.audio.endings import AUDIO_ENDINGS
from dictation.errors import DictationError, UsageError
from dictation.exam import Order, validated
from dictation.imaging import Study
from dictation.imaging.apart import load_study_apart
from dictation.reading import Reading, load_reading
from dictation.report import Report, load_report

Value = TypeVar("Value")
FileKind = Literal["recording", "image", "order", "reading", "report"]
TEXT = (".txt", ".text", ".md")
LARGEST_TEXT_BYTES = 2**20
MOST_TEXTS = 12  # orders, readings and reports in one gift: each is read in the server's own process
ORDER_FIELDS = ("name", "patient_id", "birth_date", "sex", "accession", "procedure", "laterality", "indication")


@dataclass(frozen=True)
class Files:
    """Files of one case, read. `recording` is only a place: it is heard later."""

    recording: Path | None = None
    study: Study | None = None
    order: Order | None = None
    readings: tuple[Reading, ...] = ()
    written: Report | None = None


def kind_of(path: Path) -> FileKind:
    """Tell what a file is: by its ending, JSON by its keys; what is no sound, text or JSON is taken for an image."""
    ending = path.suffix.lower()
    if ending in AUDIO_ENDINGS:
        return "recording"
    if ending in TEXT:
        return "report"
    if ending != ".json":
        return "image"
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig")) if path.stat().st_size <= LARGEST_TEXT_BYTES else None
    except (OSError, ValueError, RecursionError):
        return "order"  # whose loader says what is wrong with the file
    keys = set(value) if isinstance(value, dict) else set()
    if {"reader", "opinions"} & keys:
        return "reading"
    return "report" if {"report", "findings", "impression"} & keys else "order"


def read_files(paths: Sequence[str]) -> Files:
    """Read the files of one case. Raises DictationError where one cannot be read or there are two of what is single."""
    return _read(_sorted(paths))


def _sorted(paths: Sequence[str]) -> dict[FileKind, list[str]]:
    """The paths by what they are; each file is looked into once. Raises UsageError for too many short texts."""
    texts = sum(Path(path).suffix.lower() in (*TEXT, ".json") for path in paths)
    if texts > MOST_TEXTS:
        raise UsageError(
            f"{texts} orders, readings and reports were given at once; a case takes {MOST_TEXTS} of them, so give "
            "those of this case alone."
        )
    found: dict[FileKind, list[str]] = {}
    for path in paths:
        found.setdefault(kind_of(Path(path)), []).append(path)
    return found


def _read(sorted_: dict[FileKind, list[str]]) -> Files:
    for kind in ("recording", "order", "report"):
        if len(sorted_.get(kind, [])) > 1:  # type: ignore[call-overload]
            names = ", ".join(Path(path).name for path in sorted_[kind])  # type: ignore[index]
            raise UsageError(f"{names}: a case has one {kind}; give the one that is meant, alone.")
    for path in (path for kind in ("order", "report", "reading") for path in sorted_.get(kind, [])):  # type: ignore[call-overload]
        if Path(path).stat().st_size > LARGEST_TEXT_BYTES:
            most = f"{LARGEST_TEXT_BYTES // 2**20} MB"
            raise UsageError(f"{Path(path).name}: has more than {most}; an order, a report or a reading is short text.")
    recording, order, report, images = (sorted_.get(k, []) for k in ("recording", "order", "report", "image"))
    folder = Path(images[0]).parent if images else None
    return Files(
        recording=Path(recording[0]) if recording else None,
        study=_named(images, lambda: load_study_apart([Path(path) for path in images], folder)) if images else None,
        order=_named(order, lambda: Order.from_file(Path(order[0]))) if order else None,
        readings=tuple(_reading(path) for path in sorted_.get("reading", [])),
        written=_named(report, lambda: load_report(Path(report[0]))) if report else None,
    )


def read_what_can_be(paths: Sequence[str]) -> tuple[Files, tuple[str, ...], tuple[str, ...]]:
    """Read the files of one case, each kind by itself. Returns what was read, the paths that were refused, and why."""
    try:
        kinds = _sorted(paths)
    except UsageError as error:
        return Files(), tuple(paths), (str(error),)
    found, refused, why = Files(), list[str](), list[str]()
    for kind in get_args(FileKind):
        own = kinds.get(kind, [])
        try:
            part = _read({kind: own})
        except DictationError as error:
            refused += own
            why.append(str(error))
            continue
        found = replace(found, **{one.name: value for one in fields(part) if (value := getattr(part, one.name))})
    return found, tuple(refused), tuple(why)


def order_of_fields(before: Order | None, fields: Sequence[str | None]) -> Order | None:
    """Make an order of typed fields (in the order of ORDER_FIELDS); what has no field stays as it was `before`.

    None where nothing is stated at all. Raises InputError that names the field.
    """
    values = before.model_dump(mode="json") if before else {}
    values.update({name: (text or "").strip() for name, text in zip(ORDER_FIELDS, fields, strict=True)})
    stated = {name: value for name, value in values.items() if value not in ("", None, [], ())}
    return validated(Order, stated, "The order") if stated else None


def fields_of_order(order: Order | None) -> list[str]:
    """Return the texts of an order's fields, in the order of ORDER_FIELDS."""
    values = order.model_dump(mode="json") if order else {}
    return [str(values.get(name) or "") for name in ORDER_FIELDS]


def _reading(path: str) -> Reading:
    return _named([path], lambda: load_reading(Path(path)))


def _named(paths: Sequence[str], load: Callable[[], Value]) -> Value:
    try:
        return load()
    except DictationError as error:
        message = str(error)
        for path in paths:
            message = message.replace(path, Path(path).name)
        raise type(error)(message) from error
