"""What becomes of the words of a final: a command in a whole utterance is obeyed, all else goes into the text."""

from typing import TYPE_CHECKING

from dictation.errors import DictationError
from dictation.findings import extract
from dictation.report.fields import PAD, fields_in, fill, next_field, previous_field
from dictation.report.fields_voice import fill_by_voice
from dictation.report.macros import macro_named, macros_of
from dictation.speech.live import Final
from dictation.wording.said import Context, Said, command

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase

_KEYS = {"next difference": "next", "previous difference": "previous", "play": "play"}  # pressed on the page


def heard(case: "OpenCase", recording: str, event: Final) -> None:
    """Take the words of a final into a case."""
    if not event.words:
        return
    text, rules = case.text, case.desk.rules
    at = text.place_of(recording, event.start_s)
    macros = [name for macro in macros_of(case.desk.settings.home) for name in (macro.name, *macro.spoken)]
    said = command(event.words, Context(text.pad, at, macros, rules))
    if said is not None:
        text.obey(said, recording, event.start_s, event.words, rules)
        if said.refusal:
            case.audience.notice(said.refusal)
        else:
            _obey(case, said)
    elif not _fills(case, recording, event):
        text.dictated(recording, event.start_s, event.words, rules)


def insert_macro(case: "OpenCase", name: str) -> None:
    """Insert a macro where the cursor is. Raises MissingError where there is none of that name."""
    case.text.insert(macro_named(name, case.desk.settings.home).text_beside(case.text.pad.text))


def go_to_field(case: "OpenCase", id: str) -> None:
    """What is said next may be meant for a field; "" for none."""
    case.field = id
    case.audience.tell({"kind": "field", "id": id})


def fill_field(case: "OpenCase", id: str, value: str) -> bool:
    """Fill a field, or empty it with "". False where the report has no such field. Raises UsageError for a value."""
    if id.startswith(f"{PAD}/"):
        found = next((one for one in fields_in(case.text.pad.text, PAD) if one.id == id), None)
        if found is None:
            return False
        if value.strip():
            case.text.typed(case.text.version, found.start, found.stop, fill(found, value))
            case.text_changed()
        return True
    field = next((one for one in case.fields() if one.id == id), None)
    if field is None:
        return False
    fields = {name: known for name, known in case.draft.fields.items() if name != id}
    if value.strip():
        fields[id] = fill(field, value)
    case.lay_over({"fields": fields})
    return True


def _fills(case: "OpenCase", recording: str, event: Final) -> bool:
    """Fill the field that a person went to, where the words are meant for it."""
    field = next((one for one in case.fields() if one.id == case.field), None) if case.field else None
    if field is None or field.value:  # what is filled is changed by hand only
        return False
    value = fill_by_voice(" ".join(word.text for word in event.words), field)
    if value is None or (field.kind == "text" and extract(value)):  # a finding is dictation, whatever field waits
        return False
    others = [one for one in case.fields() if not one.value]
    following = next_field(others, field.id)
    try:
        fill_field(case, field.id, value)
    except DictationError as error:
        case.audience.notice(str(error))
        return False
    case.text.note(recording, event.words, field.label)
    go_to_field(case, following.id if following and following.id != field.id else "")
    return True


def _obey(case: "OpenCase", said: Said) -> None:
    """Do what a command asks for beyond the text."""
    name = said.name
    if name == "insert":
        insert_macro(case, said.argument)
    elif name == "undo":
        case.text.undo()
    elif name == "redo":
        case.text.redo()
    elif name in ("next field", "previous field"):
        step = next_field if name == "next field" else previous_field
        field = step(case.fields(), case.field)
        go_to_field(case, field.id if field else "")
    elif name in ("stop", "sign"):
        case.audience.tell({"kind": "ask", "what": name})
    elif name in _KEYS:
        case.audience.tell({"kind": "key", "name": _KEYS[name]})
