"""`dictation claims` and `dictation compare`: the findings and discrepancy rooms as filters. Loads nothing heavy."""

import gc
import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from dictation.discrepancy import SEVERITIES, compare, other_study
from dictation.discrepancy.inference import DEFAULT_KINDS
from dictation.errors import InputError
from dictation.exam import Order, validated, without_version
from dictation.findings import extract
from dictation.reading import Reading, load_reading, reading_from_json
from dictation.unseen import seen as as_read
from pipelines.exits import note


def read_text(path: Path | None, what: str, shown: str = "") -> str:
    """The UTF-8 text of a file, as it is read, or of stdin for None or "-". Raises InputError, by the name `shown`."""
    name = shown or path or "stdin"
    try:
        if path is None or str(path) == "-":
            return as_read(sys.stdin.buffer.read().decode("utf-8-sig"))
        return as_read(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror}); check the path.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not UTF-8 text; save {what} as UTF-8.") from error


def claims_object(name: str, text: str) -> dict[str, Any]:
    """{"id", "claims": […]} of one text."""
    return {"id": name, "claims": [claim.model_dump(mode="json") for claim in extract(text)]}


def compare_object(
    name: str,
    heard: str,
    written: str,
    seen: Iterable[Reading] = (),
    order: Order | None = None,
    kinds: Collection[str] = DEFAULT_KINDS,
) -> dict[str, Any]:
    """{"id", "discrepancies": […], "summary": {critical, major, minor, info}} of one pair of texts."""
    readings = tuple(seen)
    found = compare(heard, written, readings, order=order, kinds=kinds)
    found = [*other_study(readings, (order,) if order else ()), *found]
    counts = Counter[str](discrepancy.severity for discrepancy in found)
    return {
        "id": name,
        "discrepancies": [discrepancy.model_dump(mode="json") for discrepancy in found],
        "summary": {severity: counts[severity] for severity in SEVERITIES},
    }


def claims_line(value: dict[str, Any]) -> dict[str, Any]:
    """One line of `claims --jsonl`: {"id", "text"}."""
    return claims_object(_text(value, "id"), _text(value, "text"))


def compare_line(value: dict[str, Any], kinds: Collection[str] = DEFAULT_KINDS) -> dict[str, Any]:
    """One line of `compare --jsonl`: {"id", "heard", "written"} and optionally "seen" (one or several), "order"."""
    seen = value.get("seen") or []
    order = value.get("order")
    if isinstance(order, dict):
        order = without_version(order, "order")
    return compare_object(
        _text(value, "id"),
        _text(value, "heard"),
        _text(value, "written"),
        [reading_from_json(reading) for reading in (seen if isinstance(seen, list) else [seen])],
        validated(Order, order, "order") if order else None,
        kinds,
    )


def readings_of(paths: list[Path]) -> list[Reading]:
    """The readings of `--seen F` given several times."""
    return [load_reading(path) for path in paths]


def json_lines(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> bool:
    """Answer each JSON line of stdin with one on stdout; a bad line is named on stderr and the rest goes on.

    True where every line was answered.
    """
    failed = 0
    for number, value in _objects():
        try:
            if isinstance(value, InputError):
                raise value
            result = answer(value)
        except InputError as error:
            failed += 1
            note(f"dictation: line {number}: {error}")
            continue
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        if number == 1:
            gc.freeze()  # the tables stay; looking through them for garbage made a line wait 70 ms now and then
    return failed == 0


def _objects() -> Iterator[tuple[int, dict[str, Any] | InputError]]:
    for number, raw in enumerate(sys.stdin.buffer, 1):
        if not raw.strip():
            continue
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            yield number, InputError("is not valid JSON; give one object a line.")
            continue
        yield number, value if isinstance(value, dict) else InputError("is no JSON object; give one object a line.")


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    if key == "id" and isinstance(found, int):
        return str(found)
    if not isinstance(found, str):
        raise InputError(f"the key '{key}' is missing or is no text.")
    return as_read(found)
