"""What becomes of the words of a final: a command in a whole utterance is obeyed, all else goes into the text.

"Scratch that" inside an utterance is text, too, which is told at once and has a card: nothing goes that nobody saw go.
"""

from typing import TYPE_CHECKING

from dictation.errors import DictationError, UsageError
from dictation.findings import extract
from dictation.report.fields import PAD, Field, fields_in, fill, next_field, previous_field, takes
from dictation.report.fields_voice import MARKS, fill_by_voice, is_choice
from dictation.report.macros import find_macro, macro_named
from dictation.review.comparing import lay_over
from dictation.review.dictating import Filled
from dictation.review.field_focus import Asked
from dictation.review.unplaced import ask_where
from dictation.speech.live import Final
from dictation.wording.corrected_answer import corrected_answer, two_answers
from dictation.wording.said import Context, Said, command
from dictation.wording.unobeyed import commands_in, is_editing

STEPS = {"next field": next_field, "previous field": previous_field}

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


def heard(case: "OpenCase", recording: str, event: Final, *, obeys: bool = True) -> None:
    """Take the words of a final into a case; not `obeys`: all of them as text."""
    if not event.words:
        return
    text, rules = case.text, case.desk.rules(case.user)
    if not obeys:
        _write(case, recording, event, in_order=False)
        return
    if (parts := _step_and_answer(case, recording, event)) is not None:
        for part in parts:
            heard(case, recording, part)
        return
    at = text.place_of(recording, event.start_s)

    def macro(spoken: str) -> str:
        found = find_macro(spoken, *case.desk.shelves(case.user))
        return found.name if found else ""

    said = command(event.words, Context(text.pad, at, macro, rules))
    if said is not None and said.name == "scratch" and text.is_taken_back_whole:
        _fill_again(case, text.take_back(recording, event.words), recording, event.start_s)
    elif said is not None and not said.is_text:
        text.obey(said, recording, event.start_s, event.words, rules)
        if said.refusal:
            case.audience.notice(said.refusal)
        else:
            _obey(case, said, recording, event)
    elif not puts_right(case, recording, event) and not _fills(case, recording, event):
        _write(case, recording, event)
        if said is not None:
            case.audience.notice(said.refusal)
        else:
            ask_where(case, _asked_for(case, recording, event), event)


def _step_and_answer(case: "OpenCase", recording: str, event: Final) -> tuple[Final, Final] | None:
    """ "Next field, seven millimeters" in one breath, where the field takes the answer: the command, and the answer."""
    name = " ".join(MARKS.sub("", word.text).lower() for word in event.words[:2])
    if name not in STEPS or len(event.words) == 2:
        return None
    step, answer = (
        event.model_copy(update={"words": words, "start_s": max(event.start_s, words[0].start_s or 0.0)})
        for words in (event.words[:2], event.words[2:])
    )
    field = _stepped_to(case, name, recording, step)
    said = " ".join(word.text for word in answer.words)
    if field is None or field.value or fill_by_voice(said, field, case.desk.rules(case.user)) is None:
        return None
    return step, answer


def _write(case: "OpenCase", recording: str, event: Final, *, in_order: bool = True) -> None:
    """The words go into the text, but for an utterance of editing commands alone; what was not obeyed is told."""
    is_edit = in_order and is_editing(event.words)
    before, rules = _taken_back(case), case.desk.rules(case.user)
    case.text.dictated(recording, event.start_s, event.words, rules, in_order=in_order, is_live=not is_edit)
    if not in_order or (is_edit and _taken_back(case) != before):
        return
    why = "took nothing back." if is_edit else "stays in the text: it is obeyed where it is said alone, between pauses."
    for spoken in dict.fromkeys(commands_in(event.words)):
        case.audience.notice(f"“{spoken.capitalize()}” {why}", error=False)  # what stays has a card


def _taken_back(case: "OpenCase") -> set[int]:
    return {word for retraction in case.text.pad.retracted for word in retraction.words}


def undo(case: "OpenCase", recording: str = "", start_s: float = 0.0, *, is_again: bool = False) -> None:
    """Go back a step of the text, over a filled field too; with `is_again` forward. Where there is none, say so.

    `recording` and `start_s` are where that was asked for by voice.
    """
    step = case.text.redo() if is_again else case.text.undo()
    if step is None:
        case.audience.notice(f"Nothing to {'redo' if is_again else 'undo'}.", error=False)
    elif step.filled is not None:
        filled = step.filled
        _fill_again(case, filled if is_again else Filled(filled.field, filled.after, filled.before), recording, start_s)


def insert_macro(case: "OpenCase", name: str) -> None:
    """Insert a macro where the cursor is. Raises MissingError where there is none of it, UsageError for a full text."""
    case.text.insert(macro_named(name, *case.desk.shelves(case.user)).text_beside(case.text.pad.text))


def go_to_field(case: "OpenCase", asked: Asked) -> None:
    """What is said from then on may be meant for a field; the page goes there, unless somebody has gone on since."""
    if case.focus.go(asked, case.text.began):
        case.audience.tell({"kind": "field", "id": asked.id})


def fill_field(case: "OpenCase", id: str, value: str) -> bool:
    """Fill a field, or empty it with "". False where the report has no such field. Raises UsageError for a value."""
    if id.startswith(f"{PAD}/"):
        found = next((one for one in fields_in(case.text.pad.text, PAD) if one.id == id), None)
        if found is None:
            return False
        if value.strip():
            case.text.apart()
            case.text.typed(case.text.version, found.start, found.stop, fill(found, value))
            case.text_changed()
        return True
    field = next((one for one in case.fields() if one.id == id), None)
    if field is None:
        return False
    _put(case, id, fill(field, value) if value.strip() else "")
    return True


def puts_right(case: "OpenCase", recording: str, event: Final) -> bool:
    """Put the answer right that a field got just now by voice, where the words announce that; whether they are used up.

    What fits the field takes the answer's place. An announcement alone empties the field and goes back there. A sure
    one with words that do not fit empties it, too, so that nothing is signed with it, and its words go into the text.
    """
    step, found = case.text.last_filled, corrected_answer(event.words)
    if step is None or step.filled is None or found is None or commands_in(event.words):
        return False
    filled, asked = step.filled, _asked_for(case, recording, event)
    said = " ".join(word.text for word in event.words)
    in_text = filled.field.startswith(f"{PAD}/")
    fields = fields_in(step.pad.text, PAD) if in_text else case.fields()
    field = next((one for one in fields if one.id == filled.field), None)
    if field is None or not (in_text or case.draft.fields.get(filled.field, "") == filled.after):
        return False  # a person gave it another value since
    if asked is not None and asked.id != field.id and not asked.value and is_choice(said, asked):
        return False  # "no" is what the next field asks for
    value = fill_by_voice(found.said, field, case.desk.rules(case.user)) if found.said else None
    if value is not None:
        return _fills_again(
            case, recording, event, field, value, filled, is_there=asked is not None and asked.id == field.id
        )
    if not found.is_sure:
        return False
    undo(case, recording, event.start_s)
    if found.said:
        why = f"“{said}” stands in the text; the field “{field.label}” takes {takes(field)}"
        case.audience.notice(f"{why}. It was emptied; answer it again.")
        return False
    case.text.note(recording, event.words, field.label, Filled(field.id, "", ""), is_written=False)
    case.audience.notice(f"The field “{field.label}” was emptied; answer it again.", error=False)
    return True


def _fills_again(
    case: "OpenCase", recording: str, event: Final, field: Field, value: str, filled: Filled, *, is_there: bool
) -> bool:
    """Another value takes the place of the one that a field got just now; False where it cannot hold it.

    `is_there`: the field is asked for, and then the next one is.
    """
    following = next_field([one for one in case.fields() if not one.value], field.id)
    in_text = field.id.startswith(f"{PAD}/")
    if in_text:
        case.text.undo()
    try:
        fill_field(case, field.id, value)
    except DictationError as error:
        case.audience.notice(str(error))
        return False
    now = Filled(field.id, filled.after, case.draft.fields.get(field.id, ""))
    case.text.note(recording, event.words, field.label, now, is_written=in_text)
    case.audience.notice(f"“{field.label}”: {value}, put right.", error=False)
    if is_there:
        _go_on(case, field, following, recording, event)
    return True


def place_answer(case: "OpenCase", id: str) -> None:
    """Bring the answer that is asked about into a field, and out of the text; "" leaves it there.

    Raises UsageError where nothing is asked any more, and InputError as `fill`.
    """
    asked = case.unplaced
    field, value = next((one for one in asked.fits if one[0].id == id), (None, "")) if asked else (None, "")
    if asked is None or (id and field is None):
        raise UsageError("The page asks nothing of that kind any more; look at the report.")
    if field is not None:
        is_last = asked.version == case.text.version
        if is_last:
            undo(case)
        if not id.startswith(f"{PAD}/"):  # the sentence may have taken its place in the report as it is now
            _put(case, id, fill(field, value))
        elif not fill_field(case, id, value):
            raise UsageError("The text does not have that field any more; look at it again.")
        case.text_changed()
        if not is_last:
            case.audience.notice(f"“{asked.said}” was filled in, and stands in the text, too: take it out there.")
    case.unplaced = None
    case.audience.touch("case")


def _put(case: "OpenCase", id: str, value: str) -> None:
    """A field of the report holds a value now, or nothing with ""."""
    fields = {name: known for name, known in case.draft.fields.items() if name != id}
    if value:
        fields[id] = value
    lay_over(case, {"fields": fields})


def _fill_again(case: "OpenCase", filled: Filled | None, recording: str = "", start_s: float = 0.0) -> None:
    """A field holds again what it held, unless a person gave it another value since; it is where one speaks next."""
    if filled is None:
        return
    if not filled.field.startswith(f"{PAD}/") and case.draft.fields.get(filled.field, "") == filled.before:
        _put(case, filled.field, filled.after)
    if recording:
        go_to_field(case, Asked(filled.field, recording, start_s))
        return
    case.focus.go_now(Asked(filled.field, *(case.sounds.still_heard_to or case.text.heard_to)), case.text.began)
    case.audience.tell({"kind": "field", "id": filled.field})


def _asked_for(case: "OpenCase", recording: str, event: Final) -> Field | None:
    """The field that a person had gone to when something was said."""
    id = case.focus.at(case.text.began, recording, event.start_s).id
    fields = fields_in(case.text.pad.text, PAD) if id.startswith(f"{PAD}/") else case.fields()  # the text is never late
    return next((one for one in fields if one.id == id), None) if id else None


def _fills(case: "OpenCase", recording: str, event: Final) -> bool:
    """Fill the field that a person went to, where the words are meant for it."""
    field = _asked_for(case, recording, event)
    if field is None or field.value or commands_in(event.words):  # what is filled is changed by hand only
        return False
    rules = case.desk.rules(case.user)
    value = fill_by_voice(" ".join(word.text for word in event.words), field, rules)
    both = [fill_by_voice(one, field, rules) for one in two_answers(event.words) or ()] if field.kind == "pick" else []
    if value is None and None not in both:
        value = both[-1] if both else None
    if value is None or (field.kind == "text" and extract(value)):  # a finding is dictation, whatever field waits
        return False
    following = next_field([one for one in case.fields() if not one.value], field.id)
    before = case.draft.fields.get(field.id, "")
    try:
        fill_field(case, field.id, value)
    except DictationError as error:
        case.audience.notice(str(error))
        return False
    filled = Filled(field.id, before, case.draft.fields.get(field.id, ""))
    case.text.note(recording, event.words, field.label, filled, is_written=field.id.startswith(f"{PAD}/"))
    _go_on(case, field, following, recording, event)
    return True


def _go_on(case: "OpenCase", field: Field, following: Field | None, recording: str, event: Final) -> None:
    next_id = following.id if following and following.id != field.id else ""
    go_to_field(case, Asked(next_id, recording, event.start_s, by_itself=True))


def _step(case: "OpenCase", name: str, recording: str, event: Final) -> None:
    """Go to the next field or the one before. Where the next one came by itself, it is the one that is meant."""
    field = _stepped_to(case, name, recording, event)
    if field is None:
        why = "Every field of the report is filled." if case.fields() else "The report has no field to go to."
        case.audience.notice(why, error=False)
    go_to_field(case, Asked(field.id if field else "", recording, event.start_s))


def _stepped_to(case: "OpenCase", name: str, recording: str, event: Final) -> Field | None:
    asked, fields = case.focus.at(case.text.began, recording, event.start_s), case.fields()
    if name == "next field" and asked.by_itself:
        return next((one for one in fields if one.id == asked.id), None)
    return STEPS[name](fields, asked.id)


def _obey(case: "OpenCase", said: Said, recording: str, event: Final) -> None:
    """Do what a command asks for beyond the text."""
    name = said.name
    if name == "insert":
        try:
            insert_macro(case, said.argument)
        except UsageError as error:  # its words are kept as the command that they were
            case.audience.notice(str(error))
    elif name == "undo":
        undo(case, recording, event.start_s)
    elif name == "redo":
        undo(case, recording, event.start_s, is_again=True)
    elif name == "replace":
        new = " ".join(event.words[index].text for index in said.new_words)
        case.audience.notice(f"“{said.argument}” → “{new}”", error=False)
    elif name in STEPS:
        _step(case, name, recording, event)
    elif name in ("stop", "sign"):
        case.audience.tell({"kind": "ask", "what": name})
