"""What each command of a page does to its open case."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dictation.audio import SAMPLE_RATE
from dictation.case import Decision
from dictation.case.accepting import suggestion
from dictation.case.communicating import (
    CRITICAL_RESULT,
    communicated,
    communication_edit,
    communication_statement,
    open_results,
)
from dictation.case.composing import Composed
from dictation.case.draft import Draft, ReportEdit
from dictation.case.editing import edit_of, plain_line, says_why
from dictation.case.signing import LONGEST_REASON, OF_ANOTHER_PATIENT, needs_reason, settles_without_choice
from dictation.case.taking_heard import edits_of
from dictation.case.wordings import Wordings, chosen, wordings
from dictation.discrepancy import Discrepancy
from dictation.errors import UsageError
from dictation.report.template_files import template_named, templates_of
from dictation.review import commands as c
from dictation.review import signing
from dictation.review.again import hear_again, hear_softer
from dictation.review.beside import changed_beside, refuse_final
from dictation.review.comparing import lay_over, note_asked, review, show_text
from dictation.review.field_focus import Asked
from dictation.review.hearing import begin
from dictation.review.listening import BLOCK_SAMPLES
from dictation.review.normals import confirm, place
from dictation.review.page import Message, Page
from dictation.review.saying import fill_field, insert_macro, place_answer, undo
from dictation.review.units import from_units
from dictation.review.verdicts import note_verdict

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


def obeyed(case: "OpenCase", page: Page, command: c.AnyCommand) -> Message:
    """Do what a command asks and return what its answer holds. Raises DictationError."""
    if type(command) not in _ON_FINAL:
        refuse_final(case)
    return _done(case, page, command)


def obeyed_of_sound(case: "OpenCase", page: Page, command: c.AnyCommand) -> Message:
    """The same for what a page tells of its own sound, as often as it does: nothing of it counts twice."""
    return _done(case, page, command)


def _done(case: "OpenCase", page: Page, command: c.AnyCommand) -> Message:
    if isinstance(command, c.Begin):
        return _begin(case, page, command)
    return _ACTS[type(command)](case, command) or {}


def _begin(case: "OpenCase", page: Page, command: c.Begin) -> Message:
    begun = begin(case, page, command.take)
    hashes = case.sounds.block_hashes(command.take, command.saved, is_closed=begun.is_closed)
    return {"taken": begun.taken, "saved": begun.saved, "hashes": hashes, "closed": begun.is_closed}


def _listen(case: "OpenCase", command: c.Listen) -> None:
    case.listen(command.take, command.on, command.block)


def _hear(case: "OpenCase", command: c.HearAgain) -> None:
    if command.softer:
        hear_softer(case)
    else:
        hear_again(case)


def _type(case: "OpenCase", command: c.Type) -> None:
    whole = case.text.pad.text  # characters beyond 16 bits stand where they stood, or the page counts anew
    start, stop = from_units(whole, command.start), from_units(whole, command.stop)
    case.text.typed(command.version, start, stop, command.text)
    case.text_changed()
    case.audience.tell_of_unseen(command.text)


def _cursor(case: "OpenCase", command: c.Cursor) -> None:
    text = case.text
    at = from_units(text.pad.text, command.at)
    if command.take is None or command.block is None:
        text.cursor(command.version, at, *(case.sounds.still_heard_to or ()))
    else:
        recording = case.sounds.named(command.take).recording
        text.cursor(command.version, at, recording, command.block * BLOCK_SAMPLES / SAMPLE_RATE)
    case.audience.touch("pad")


def _undo(case: "OpenCase", command: c.Undo) -> None:
    undo(case, is_again=command.do == "redo")
    case.text_changed()


def _compare(case: "OpenCase", command: c.Compare) -> None:
    if command.do == "compare":
        review(case)
    elif command.do == "stop":
        case.stop()
        note_asked(case, is_asked=False)
    else:
        show_text(case)


def _decide(case: "OpenCase", command: c.Decide) -> None:
    found = _difference(case, command.id)
    if found.kind == "patient" and command.action != "reopen":
        raise UsageError(f"{found.explanation} {OF_ANOTHER_PATIENT}")
    if found.kind == CRITICAL_RESULT and command.action.startswith("take_"):
        raise UsageError("A critical result is told to somebody (K), or dismissed with a reason (D).")
    reason = plain_line(command.reason, LONGEST_REASON)
    if settles_without_choice(command.action, found) and needs_reason(found) and not says_why(reason):
        raise UsageError("A critical alert is dismissed with a reason (D); choose one of the list.")
    decisions = tuple(one for one in case.draft.decisions if one.discrepancy_id != found.id)
    edits = _without_heard(case.draft, found.id)
    if command.action != "reopen":
        by, at = case.user.by, datetime.now(UTC)
        decisions += (
            Decision(discrepancy_id=found.id, action=command.action, reason=reason, by=by, at=at),
        )  # fmt: skip
        if command.action == "take_heard":
            assert case.composed is not None
            edits += edits_of(case.composed.case, found, by, at, case.template if case.draft.pasted is None else None)
    lay_over(case, {"decisions": decisions, "edits": edits})
    if command.action == "dismiss":
        case.desk.counts.add("cards_dismissed", found.kind)
    if case.composed:
        is_real = {"reopen": None, "dismiss": False}.get(command.action, True)
        note_verdict(case.desk.settings.home, case.composed.case, found, is_real)


def _without_heard(draft: Draft, id: str) -> tuple[ReportEdit, ...]:
    """The edits without what an earlier 'take heard' of a card put in; what a person made of that since stays."""
    at = {one.at for one in draft.decisions if one.discrepancy_id == id and one.action == "take_heard"}
    kept: list[ReportEdit] = []
    dropped: list[ReportEdit] = []
    for edit in draft.edits:
        under = next(
            (one for one in dropped if edit.before and _place_of(edit, edit.before) == _place_of(one, one.after)), None
        )
        if under is not None:
            dropped.remove(under)
            edit = edit.model_copy(update={"before": under.before})
        (dropped if edit.taken_from == id and edit.at in at else kept).append(edit)
    return tuple(kept)


def _place_of(edit: ReportEdit, text: str) -> tuple[object, ...]:
    return edit.section, edit.organ, edit.evidence, text


def _difference(case: "OpenCase", id: str) -> Discrepancy:
    found = next((d for d in case.composed.case.discrepancies if d.id == id), None) if case.composed else None
    if found is None:
        raise UsageError("The page decided on something that this case does not have; look at it again.")
    return found


def _edit(case: "OpenCase", command: c.EditStatement) -> None:
    if case.composed is None:
        raise UsageError("There is no report to edit yet; dictate, then stop the microphone.")
    if command.before not in {one.text for one in case.composed.case.report.statements if one.id == command.statement}:
        raise UsageError("The report has changed under this sentence; look at it again, then edit it.")
    edit = edit_of(
        case.composed.case.report,
        command.statement,
        command.text,
        case.user.by,
        datetime.now(UTC),
        command.discrepancy,
    )
    lay_over(case, {"edits": (*case.draft.edits, edit)})
    told = case.composed.case.report.text
    said = tuple(one for one in case.draft.communications if communication_statement(one) in told)
    if said != case.draft.communications:  # its sentence was taken out
        lay_over(case, {"communications": said})


def _choose_wording(case: "OpenCase", command: c.ChooseWording) -> None:
    composed = case.composed
    two = next((one for one in _two_wordings(composed) if one.id == command.edit), None) if composed else None
    if composed is None or two is None or (two.other.text if two.other else "") != command.says:
        raise UsageError("The report has changed under these two wordings; look at them again.")
    edits, kept = chosen(composed.case.report, case.draft.edits, two, command.chosen, case.user.by, datetime.now(UTC))
    lay_over(case, {"edits": edits, "set_aside": (*case.draft.set_aside, kept)})


def _two_wordings(composed: Composed) -> tuple[Wordings, ...]:
    return wordings(composed.case.report, composed.unfit)


def _conclude(case: "OpenCase", command: c.Conclude) -> None:
    if case.composed is None:
        raise UsageError("There is no report yet whose impression could be written; dictate, then stop the microphone.")
    text = plain_line(command.text)
    if not any(map(str.isalnum, text)):
        raise UsageError("The impression says nothing; type it, or say why none is needed.")
    edit = ReportEdit(section="impression", after=text, by=case.user.by, at=datetime.now(UTC))
    lay_over(case, {"edits": (*case.draft.edits, edit)})


def _accept(case: "OpenCase", command: c.Accept) -> None:
    if case.composed is None:
        raise UsageError("There is no report to take a suggestion into; write one first.")
    one = suggestion(case.composed.case.report, command.statement, case.user.by)
    if one.text != command.text:
        raise UsageError("The report has changed under this suggestion; look at it again.")
    others = tuple(a for a in case.draft.accepted if (a.section, a.organ, a.text) != (one.section, one.organ, one.text))
    lay_over(case, {"accepted": (*others, one) if command.on else others})


def _choose(case: "OpenCase", command: c.Choose) -> None:
    if command.name and template_named(command.name, templates_of(*case.desk.shelves(case.user))) is None:
        raise UsageError("There is no such template any more; choose another.")
    was_reviewed, case.chosen_by_order = case.is_reviewed, ""
    case.text_changed({"template": command.name})
    case.audience.touch("case")  # it names the template
    if was_reviewed:
        review(case)


def _insert(case: "OpenCase", command: c.Insert) -> None:
    insert_macro(case, command.name)
    case.text_changed()


def _fill(case: "OpenCase", command: c.Fill) -> None:
    was_reviewed = case.is_reviewed
    if not fill_field(case, command.field, command.value):
        raise UsageError("The page filled a field that this report does not have; look at it again.")
    case.text.is_filled_by_hand = True
    if was_reviewed and not case.is_reviewed:
        review(case)


def _field(case: "OpenCase", command: c.GoToField) -> None:
    asked = Asked(command.id, *(case.sounds.still_heard_to or case.text.heard_to))
    if command.take is not None and command.block is not None:
        recording = case.sounds.named(command.take).recording
        asked = Asked(command.id, recording, command.block * BLOCK_SAMPLES / SAMPLE_RATE)
    case.focus.go_now(asked, case.text.began)
    case.audience.touch("case")


def _place(case: "OpenCase", command: c.PlaceAnswer) -> None:
    place_answer(case, command.field)


def _communicate(case: "OpenCase", command: c.Communicate) -> None:
    now = datetime.now(UTC)
    known = case.composed.results if case.composed else {}
    left = open_results(case.composed.case) if case.composed else ()
    if not {*command.results} <= {*known}:
        raise UsageError("The report has changed under this critical result; look at it again.")
    results = [known[id] for id in command.results or [one.id for one in left if one.id in known]]
    told = communicated(command.person, command.at, command.method, command.read_back, now, results)
    edit = communication_edit(told, case.user.by, now)
    lay_over(
        case, {"communications": (*case.draft.communications, told), "edits": (*case.draft.edits, edit)}
    )  # fmt: skip


def _second(case: "OpenCase", command: c.Second) -> None:
    waiting, case.second = case.second, None
    if waiting is None:
        raise UsageError("Nothing is asked about another case of this exam any more.")
    case.audience.touch("case")
    if command.meant:
        meant = (*case.draft.second_meant, waiting.accession)
        changed_beside(case, {**waiting.changes, "second_meant": meant}, waiting.study)
    elif not case.audience.is_kept:
        case.is_saved = True  # a case that nobody touched leaves no trace


_ACTS: dict[type, Callable[["OpenCase", Any], Message | None]] = {
    c.Listen: _listen,
    c.HearAgain: _hear,
    c.Type: _type,
    c.Cursor: _cursor,
    c.Undo: _undo,
    c.Compare: _compare,
    c.Decide: _decide,
    c.EditStatement: _edit,
    c.ChooseWording: _choose_wording,
    c.Conclude: _conclude,
    c.Accept: _accept,
    c.Confirm: confirm,
    c.AcceptWord: signing.accept_word,
    c.Put: place,
    c.Choose: _choose,
    c.Insert: _insert,
    c.Fill: _fill,
    c.GoToField: _field,
    c.PlaceAnswer: _place,
    c.Communicate: _communicate,
    c.Sign: signing.sign,
    c.Sent: signing.sent,
    c.Addend: signing.addend,
    c.Second: _second,
}
_ON_FINAL = (c.Sent, c.Addend, c.Sign)  # a signature says itself why there is none
