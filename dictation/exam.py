"""Who was examined, how, and why: the facts of which the order and the image header both speak.

Identity lives in `Patient` and nowhere else, so that it can be kept out of prompts, logs and file names.
"""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from dictation.errors import InputError
from dictation.frozen import SCHEMA_VERSION, Frozen, Many
from dictation.unseen import seen_in

Sex = Literal["F", "M", "O"]  # DICOM PS3.3 C.7.1.1, (0010,0040)
Side = Literal["left", "right", "bilateral"]
Value = TypeVar("Value", bound=Frozen)


def _calendar_date(value: object) -> object:
    """Accept "YYYY-MM-DD" and DICOM's "YYYYMMDD" only: other notations are ambiguous, plain numbers are not dates."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}|\d{8}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("a date is written YYYY-MM-DD")


CalendarDate = Annotated[date, BeforeValidator(_calendar_date)]


class Patient(Frozen):
    """Identity as one source states it. Empty string and None mean "not stated", which contradicts nothing.

    `name` is "FAMILY, Given" or DICOM's "FAMILY^Given"; `age_years` only where no birth date is known.
    """

    patient_id: str = ""
    name: str = ""
    birth_date: CalendarDate | None = None
    sex: Sex | None = None
    age_years: float | None = None


class ExamFacts(Frozen):
    """What was examined, as an order or an image header states it.

    `modality` is a DICOM code (CR, DX, CT, MR, US, MG); `body_part` is free text as stated ("CHEST");
    `contrast` and `view` (PA, AP, LL) come from headers and are empty in most orders.
    """

    accession: str = ""
    procedure: str = ""
    modality: str = ""
    body_part: str = ""
    laterality: Side | None = None
    contrast: str = ""
    view: str = ""
    performed: CalendarDate | None = None
    patient: Patient = Patient()


class Prior(Frozen):
    """An earlier report: its date and its text."""

    date: CalendarDate
    text: str = ""


class Order(Frozen):
    """The request for the exam, as the information system sends it.

    `age` in years, 0 to 150; `performed`: the day of the exam, on which the birth date gives the age where there is no
    image header. Every key may be left out, which means "not stated".
    """

    accession: str = ""
    patient_id: str = ""
    name: str = ""
    birth_date: CalendarDate | None = None
    sex: Sex | None = None
    age: float | None = Field(default=None, ge=0, le=150)
    procedure: str = ""
    modality: str = ""
    body_part: str = ""
    laterality: Side | None = None
    performed: CalendarDate | None = None
    indication: str = ""
    priors: Many[Prior] = ()

    @property
    def patient(self) -> Patient:
        """The identity that this order states."""
        return Patient(
            patient_id=self.patient_id, name=self.name, birth_date=self.birth_date, sex=self.sex, age_years=self.age
        )

    @classmethod
    def from_file(cls, path: Path) -> "Order":
        """Read an order from a UTF-8 JSON file: one object with the keys above, and optionally `schema_version`.

        Raises InputError where the file is no such object, has an unknown key (the allowed ones are named), or a
        value of the wrong kind. The message never holds a value, which may identify the patient.
        """
        values = json_object(path, "an order")
        return validated(cls, values, str(path))


def of_exams(orders: Sequence[Order]) -> Order | None:
    """The first order, as one for all exams that one report answers; None without any.

    What the others state of patient and indication is theirs. A modality or side that not all share is not stated.
    """
    if len(orders) < 2:
        return orders[0] if orders else None
    sides = {order.laterality for order in orders if order.laterality}
    modalities = {order.modality.strip().upper() for order in orders}
    return orders[0].model_copy(
        update={
            "procedure": " + ".join(order.procedure for order in orders if order.procedure),
            "body_part": ", ".join(order.body_part for order in orders if order.body_part),
            "modality": orders[0].modality if len(modalities) == 1 else "",
            "laterality": sides.pop() if len(sides) == 1 and all(order.laterality for order in orders) else None,
        }
    )


def json_object(path: Path, what: str) -> dict[str, Any]:
    """Read a file that holds one JSON object. `what` names it in messages ("an order").

    A `schema_version` is checked and taken out. Raises InputError where the file cannot be read, is no JSON object,
    repeats a key, holds NaN or Infinity, or was saved by a newer program.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save {what} as JSON in UTF-8.") from error
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # nesting that can just be read may be too deep to be written
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{path}: is not valid JSON at {where} ({error.msg}); {what} is one JSON object.") from error
    except UnicodeEncodeError as error:
        raise InputError(f"{path}: holds half of a character (\\ud800 to \\udfff); save {what} again.") from error
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "nested too deeply"
        raise InputError(f"{path}: is not valid JSON ({why}); {what} is one JSON object.") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: holds a JSON {type(value).__name__}; {what} is one JSON object.")
    return without_version(value, str(path))


def without_version(value: dict[str, Any], name: str) -> dict[str, Any]:
    """A loaded JSON object without its optional `schema_version`. Raises InputError for one of a newer program."""
    if value.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise InputError(f"{name}: has a schema_version that this program does not know; it reads {SCHEMA_VERSION}.")
    return {key: item for key, item in value.items() if key != "schema_version"}


def validated(kind: type[Value], values: object, name: str) -> Value:
    """Make a frozen value of loaded JSON. `name` is the file as the user gave it.

    Characters that nobody sees are left out of its texts (`unseen`). Raises InputError that names the first wrong key
    and what is allowed there, and never the value found.
    """
    try:
        return kind.model_validate(seen_in(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the object"
    if first["type"] == "extra_forbidden" and len(first["loc"]) == 1:
        allowed = ", ".join(kind.model_fields)
        raise InputError(f"{name}: the key '{where}' is not known; allowed keys are {allowed}.")
    why = {"extra_forbidden": "is not known here", "missing": "is missing"}.get(first["type"])
    if why is None:
        why = "is not valid: " + first["msg"].removeprefix("Value error, ")
    raise InputError(f"{name}: the key '{where}' {why}.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value:
            raise ValueError(f"the key '{key}' appears twice")
        value[key] = item
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number that JSON allows")
