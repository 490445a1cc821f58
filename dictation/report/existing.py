"""Reports written by somebody else: pasted text or a file → Report, so that it can be compared statement by statement.

Every sentence of the text is kept, and stays under the organ under which it stood, by the name that the text gives it:
"Heart: normal" must not become "Heart and vessels: normal". Only white space, the headings of sections, and list
numbers go, because the canonical rendering writes its own. The statements rest on no dictated sentence.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from dictation.errors import InputError
from dictation.exam import json_object, validated
from dictation.report.organs import organs_named
from dictation.report.place import Place, places
from dictation.report.report import NOT_DICTATED, SECTIONS, Report, Statement
from dictation.report.template import OTHER, Template, available_templates, choose_template, load_template
from dictation.unseen import seen
from dictation.wording import Sentence, typed
from dictation.wording.typed import LONGEST_TEXT

HEADING = re.compile(r"(?P<name>[A-Za-z][A-Za-z ,/&-]{1,60}):(?:\s+|$)")
_SIDED = re.compile(r"(?:left|right)\b", re.IGNORECASE)
ITEM = re.compile(r"\(?(?P<number>\d{1,2})[.)]\s+(?=\S)")
BULLET = re.compile(r"[-*\u2022]\s+(?=\S)")


@dataclass(frozen=True)
class _Under:
    """The organ heading above a sentence. It decides for the sentences on its line, or below it where it is `alone`
    on its line; further down it only places what names no organ: "Heart: no effusion" must not become a pleural one.
    """

    heading: str
    decides: bool
    alone: bool


def parse_report(text: str, template: Template | None = None) -> Report:
    """Make a Report of a report's text, with its own headings or without any.

    Sentences without an organ heading are sorted by `template`, by default the one that fits the exam; characters that
    nobody sees are left out. Raises InputError where the text holds no words, or is longer than any report.
    """
    _check_length(len(text), "The report to check")
    sentences = typed(seen(text)).sentences
    if not sentences:
        raise InputError("The report to check is empty; paste its text or give its file.")
    template = template or _fitting(sentences)
    bare, organs = _without_headings(sentences, template)
    where = places(bare, template)
    found: list[tuple[Place, str]] = []
    sided: Place | None = None  # of the label of this line that names a side, and no organ by its heading
    for sentence in bare:
        place = where[sentence.id]
        under = organs.get(sentence.id)
        label = HEADING.match(sentence.text)
        if label or sentence.starts != "space":
            sided = None
        if under and place.section == "findings" and (under.decides or place.organ == OTHER):
            place = Place("findings", under.heading)
        elif sided and place.section == "findings":
            place = sided  # "Right knee: No fracture. Small effusion." stays in one line, and so on its side
        if label and _SIDED.match(label["name"]):
            sided = place
        if sentence.text and sentence.text != NOT_DICTATED:
            found.append((place, sentence.text))
    return _report(found)


def load_report(path: Path, template: Template | None = None) -> Report:
    """Read a report from a file: `.json` holds a Report (or an object whose key `report` is one), else plain text.

    Raises InputError that names the file.
    """
    if path.suffix.lower() == ".json":
        values = json_object(path, "a report")
        inner = values.get("report", values)
        if isinstance(inner, dict):
            inner = {key: value for key, value in inner.items() if key not in ("schema_version", "text")}
        report = validated(Report, inner, str(path))
        _check_length(sum(len(statement.text) for statement in report.statements), f"{path}:")
        return report
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save the report as plain text in UTF-8.") from error
    if "\x00" in text or text.startswith(("{\\rtf", "%PDF")):
        raise InputError(f"{path}: is no plain text; save the report as plain text in UTF-8.")
    _check_length(len(text), f"{path}:")
    if not typed(text).sentences:
        raise InputError(f"{path}: holds no text; give the report to check.")
    return parse_report(text, template)


def _check_length(characters: int, what: str) -> None:
    """Raise InputError where a text is longer than any report: what it costs to read and to compare grows with it."""
    if characters > LONGEST_TEXT:
        raise InputError(f"{what} has {characters:,} characters, at most {LONGEST_TEXT:,} are read; give one report.")


def _fitting(sentences: tuple[Sentence, ...]) -> Template:
    """Return the template for the exam that the text names, else the one whose headings it uses most."""
    generic = choose_template()
    where = places(sentences, generic)
    said = [sentence.text for sentence in sentences if where[sentence.id].section in ("exam", "technique")]
    exam = choose_template(exam_text=" ".join(said))
    if exam != generic:
        return exam
    names = {match["name"] for sentence in sentences if (match := HEADING.match(sentence.text))}
    others = [load_template(name) for name in available_templates()]
    return max([generic, *others], key=lambda one: len(names.intersection(one.headings)))


def _without_headings(sentences: tuple[Sentence, ...], template: Template) -> tuple[list[Sentence], dict[str, _Under]]:
    """Take organ headings and list numbers off the sentences; also return which heading each stood under."""
    bare: list[Sentence] = []
    organs: dict[str, _Under] = {}
    under: _Under | None = None
    item = 1
    before: Sentence | None = None
    for sentence in sentences:
        text = sentence.text
        new_section = before is None or before.section != sentence.section
        new_line = new_section or sentence.starts != "space"
        if new_section or sentence.starts == "paragraph":
            under = None
        elif new_line and under and not under.alone:
            under = replace(under, decides=False)
        if new_section:
            item = 1
        if number := ITEM.match(text):
            if int(number["number"]) == item:
                text, item = text[number.end() :], item + 1
        elif new_line and (bullet := BULLET.match(text)):
            text = text[bullet.end() :]
        if sentence.section in (None, "findings") and (heading := HEADING.match(text)):
            name = heading["name"].strip()
            if template.headings_named(name) or organs_named(name):
                text = text[heading.end() :]
                under = _Under(_as_heading(name, template), decides=True, alone=not text)
        if under:
            organs[sentence.id] = under
        bare.append(sentence.model_copy(update={"text": text}))
        before = sentence
    return bare, organs


def _as_heading(name: str, template: Template) -> str:
    """Return an organ's name as the report wrote it, in the template's spelling where it has that very name."""
    own = [heading for heading in template.headings if heading.lower() == name.lower()]
    return own[0] if own else name.capitalize() if name.isupper() else name


def _report(found: list[tuple[Place, str]]) -> Report:
    """Number the statements in reading order; organs stand in the order in which the text first names them."""
    organs = {organ: rank for rank, organ in enumerate(dict.fromkeys(place.organ for place, _ in found))}
    found = sorted(found, key=lambda one: (SECTIONS.index(one[0].section), organs[one[0].organ]))
    statements: dict[str, list[Statement]] = {name: [] for name in SECTIONS}
    for number, (place, text) in enumerate(found, 1):
        statement = Statement(id=f"r{number}", text=text, section=place.section, organ=place.organ)
        statements[place.section].append(statement)
    return Report(**{name: tuple(listed) for name, listed in statements.items()})
