"""Fields: places in a template's or macro's text that somebody must fill before the report can be signed.

A field is a label, a colon and what may stand there, in square brackets:

    [side: left|right|bilateral]     one of these; a star marks the one that is offered first: [contrast: *without|with]
    [size: mm]                       a number with a unit of units.tsv; "number" for one without a unit
    [comment: text]                  any words

What is offered is not chosen: a field counts as filled only when a person filled it. Brackets without a colon are
plain text. A field that nobody filled stays in the text as it is written here, for all to see, and its sentence claims
nothing until it is filled (`masked`): the field may hold the very word that turns it ("absent|present").

A field's id is where it stands and its label, so that it stays the same when a report is written again:
"findings/Kidneys/size" under a heading, "technique/contrast" in another section, "pad/side" in the dictation itself;
the second of the same label is "…/side#2".
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal, TypeVar, cast

from dictation.errors import InputError
from dictation.findings.sentences import sentences_of
from dictation.frozen import Frozen
from dictation.report.report import SECTIONS, Report, Statement
from dictation.wording import Dictation
from dictation.wording.units import Unit, units

PAD = "pad"  # where fields stand that came into the dictation itself, with a macro
TEXT, NUMBER = "text", "number"
MAY_BE_NEGATIVE = ("", "attenuation", "temperature")  # quantities of units.tsv; no length is below nothing
MAX_VALUE = 400  # characters that one field takes
BRACKETS = re.compile(r"\[(?P<label>[A-Za-z][^\[\]|:\n]*):(?P<what>[^\[\]\n]+)\]")
AMOUNT = re.compile(r"-?\d+(?:\.\d+)?(?:(?: x | to | through |-)\d+(?:\.\d+)?){0,3}")

Filled = TypeVar("Filled", bound=Dictation | Report | str)


class Field(Frozen):
    """Characters [start, stop) of a text, and what may stand there. `value` is what does, "" where nobody filled it.

    `unit` is a symbol of units.tsv ("" for none); `offered` the choice that is offered first. `statement` is the id of
    the report's statement in whose text the characters are counted, "" for any other text.
    """

    id: str
    label: str
    kind: Literal["pick", "number", "text"]
    start: int
    stop: int
    choices: tuple[str, ...] = ()
    unit: str = ""
    offered: str = ""
    value: str = ""
    statement: str = ""


def fields_in(text: str, place: str = "") -> tuple[Field, ...]:
    """Return the fields of a text that nobody filled, in order. Their ids begin with `place`."""
    found: list[Field] = []
    counts: Counter[str] = Counter()
    for match in BRACKETS.finditer(text):
        if one := _field(match):
            counts[one.label] += 1
            found.append(one.model_copy(update={"id": _id(place, one.label, counts[one.label])}))
    return tuple(found)


def _id(place: str, label: str, number: int) -> str:
    return f"{place}/{label}".removeprefix("/") + (f"#{number}" if number > 1 else "")


def _field(match: re.Match[str]) -> Field | None:
    label, what = " ".join(match["label"].split()), " ".join(match["what"].split())
    one = Field(id=label, label=label, kind="text", start=match.start(), stop=match.end())
    if "|" in what:
        named = [choice.strip() for choice in what.split("|")]
        choices = tuple(choice.removeprefix("*").strip() for choice in named)
        offered = [choice for choice, name in zip(choices, named, strict=True) if name.startswith("*")]
        if "" in choices or len(set(choices)) < len(choices) or len(offered) > 1:
            return None
        return one.model_copy(update={"kind": "pick", "choices": choices, "offered": "".join(offered)})
    if what == NUMBER or what in _units():
        return one.model_copy(update={"kind": "number", "unit": "" if what == NUMBER else what})
    return one if what == TEXT else None


@cache
def _units() -> Mapping[str, Unit]:
    return {unit.symbol: unit for unit in units()}


def checked_fields(text: str, shown: str) -> str:
    """Return a text of a template or macro.

    Raises InputError, with `shown` as its file, for brackets that are no field.
    """
    for bracket in re.finditer(r"\[[^\]\n]*\]?", text):
        match = BRACKETS.fullmatch(bracket.group())
        if match is None or _field(match) is None:
            raise InputError(
                f"{shown}: '{bracket.group()}' is no field; write [side: left|right], [size: mm] or [comment: text]."
            )
    return text


def _filled(text: str, values: Mapping[str, str]) -> tuple[str, list[Field]]:
    """A text with the values that fit its fields, by their ids, and all its fields where they then stand."""
    pieces, placed, at, length = [], [], 0, 0
    for field in fields_in(text):
        value = values.get(field.id, "")
        value = value if value and fits(field, value) else ""
        shown = value or text[field.start : field.stop]
        pieces += [text[at : field.start], shown]
        start = length + field.start - at
        length, at = start + len(shown), field.stop
        placed.append(field.model_copy(update={"start": start, "stop": length, "value": value}))
    return "".join([*pieces, text[at:]]), placed


def fits(field: Field, value: str) -> bool:
    """Say whether a value may stand in a field: one of its choices, a number with its kind of unit, or any words."""
    if field.kind == "pick":
        return value in field.choices
    if field.kind == "number":
        amount = AMOUNT.match(value)
        if amount is None or (value.startswith("-") and _quantity(field.unit) not in MAY_BE_NEGATIVE):
            return False
        return value[amount.end() :] in _endings(field.unit)
    return bool(value.strip()) and len(value) <= MAX_VALUE and not re.search(r"[\[\]\n\r]", value)


@cache
def _endings(symbol: str) -> frozenset[str]:
    """What may follow the number: any unit of the same quantity, since a unit is never converted into another."""
    if not symbol:
        return frozenset({""})
    return frozenset(unit.after("") for unit in units() if unit.quantity == _quantity(symbol))


def _quantity(symbol: str) -> str:
    return _units()[symbol].quantity if symbol else ""


def fill(field: Field, typed: str) -> str:
    """Return what a person typed or picked as the field's value; a bare number gets the field's unit.

    Raises InputError that says what may stand there.
    """
    value = " ".join(typed.split())
    if field.kind == "pick":
        value = next((choice for choice in field.choices if choice.casefold() == value.casefold()), value)
    if field.kind == "number" and field.unit and AMOUNT.fullmatch(value):
        value = _units()[field.unit].after(value)
    if not fits(field, value):
        raise InputError(f"The field '{field.label}' takes {takes(field)}.")
    return value


def takes(field: Field) -> str:
    """Return what may stand in a field, in words: "left, right or bilateral"."""
    if field.kind == "pick":
        return f"{', '.join(field.choices[:-1])} or {field.choices[-1]}"
    if field.kind == "number":
        return f"a number in {field.unit}" if field.unit else "a number"
    return f"words, at most {MAX_VALUE} characters in one line"


def filled_report(report: Report, values: Mapping[str, str]) -> tuple[Report, tuple[Field, ...]]:
    """Return a report with the values of its fields, and all its fields where they then stand, in reading order.

    A field of a statement that rests on the dictation ("pad/…") is filled in the dictation, never here.
    """
    statements: dict[str, list[Statement]] = {name: [] for name in SECTIONS}
    placed: list[Field] = []
    counts: Counter[str] = Counter()
    for statement in report.statements:
        if statement.origin == "suggested":
            text = statement.text
        else:
            text, fields = _numbered(statement, values, counts)
            placed += fields
        changed = statement if text == statement.text else statement.model_copy(update={"text": text})
        statements[statement.section].append(changed)
    if not placed:
        return report, ()
    return report.model_copy(update={name: tuple(found) for name, found in statements.items()}), tuple(placed)


def _numbered(statement: Statement, values: Mapping[str, str], counts: Counter[str]) -> tuple[str, list[Field]]:
    """A statement's text filled, and its fields, numbered after those of earlier statements at the same place."""
    place = PAD if statement.evidence else "/".join(filter(None, (statement.section, statement.organ)))
    names: dict[str, str] = {}
    for field in fields_in(statement.text):
        counts[f"{place}/{field.label}"] += 1
        names[field.id] = _id(place, field.label, counts[f"{place}/{field.label}"])
    own = {} if place == PAD else {local: values[name] for local, name in names.items() if name in values}
    text, placed = _filled(statement.text, own)
    return text, [field.model_copy(update={"id": names[field.id], "statement": statement.id}) for field in placed]


def unfilled(report: Report) -> tuple[Field, ...]:
    """Return the fields of a report's text that nobody filled: it cannot be signed while there is one."""
    return tuple(field for field in filled_report(report, {})[1] if not field.value)


def masked(text: str) -> str:
    """Return a text of the same length, blank where a sentence holds a field: such a sentence claims nothing."""
    fields = fields_in(text)
    if not fields:
        return text
    words = text
    for field in fields:  # a word for each: nothing inside it ends a sentence
        words = words[: field.start] + "x" * (field.stop - field.start) + words[field.stop :]
    for sentence in sentences_of(words):
        if any(sentence.start < field.stop and field.start < sentence.end for field in fields):
            text = text[: sentence.start] + " " * (sentence.end - sentence.start) + text[sentence.end :]
    return text


def without_fields(value: Filled) -> Filled:
    """Return a text, a dictation or a report in which sentences with fields are blank, all else in its place."""
    if isinstance(value, str):
        return cast(Filled, masked(value))
    if not fields_in(value.text):
        return value
    if isinstance(value, Dictation):
        said = tuple(one.model_copy(update={"text": masked(one.text)}) for one in value.sentences)
        return value.model_copy(update={"sentences": said})
    written = [one.model_copy(update={"text": masked(one.text)}) for one in value.statements]
    return value.model_copy(update={name: tuple(one for one in written if one.section == name) for name in SECTIONS})


def next_field(fields: Sequence[Field], current: str = "") -> Field | None:
    """Return the field after the one with the id `current`, the first after the last or where there is none such."""
    return _beside(fields, current, 1)


def previous_field(fields: Sequence[Field], current: str = "") -> Field | None:
    """Return the field before the one with the id `current`, the last before the first or where there is none such."""
    return _beside(fields, current, -1)


def _beside(fields: Sequence[Field], current: str, step: int) -> Field | None:
    if not fields:
        return None
    ids = [field.id for field in fields]
    if current not in ids:
        return fields[0 if step > 0 else -1]
    return fields[(ids.index(current) + step) % len(fields)]
