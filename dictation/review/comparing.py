"""What an open case compares: once all words are there it is written and compared, and shown until it is stale."""

from contextlib import suppress
from threading import Event as Flag
from typing import TYPE_CHECKING

from dictation.case import Case
from dictation.case.composing import Composed, basis_of
from dictation.discrepancy.inference import switched
from dictation.errors import DictationError, UsageError
from dictation.review.learning import learn_from
from dictation.review.orders import composed_of_all

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


def review(case: "OpenCase") -> None:
    """Write and compare what there is now. Raises UsageError while the microphone is on."""
    with case.lock:
        if case.sounds.is_on:
            raise UsageError("The microphone is on; stop it first, then the report is written.")
        case.wants_review = True
        note_asked(case, is_asked=True)
        if case.unheard_s == 0:
            settled(case)


def note_asked(case: "OpenCase", *, is_asked: bool) -> None:
    """Note in the draft whether a comparison is asked for; it is on disk with the command that asked."""
    if case.draft.awaits_comparison != is_asked:
        case.draft, case.is_saved = case.draft.model_copy(update={"awaits_comparison": is_asked}), False


def go_on(case: "OpenCase") -> None:
    """A comparison that an earlier run was asked for and did not end is made now."""
    with case.lock:
        if case.draft.awaits_comparison and case.is_stale and not case.awaits_report:
            case.wants_review = True


def settled(case: "OpenCase") -> None:
    """All sound has its words: what waited for them is written and compared."""
    with case.lock:
        case.text.provisional = None
        told = case.sounds.told_blocks
        takes = tuple(
            one.model_copy(update={"told_blocks": told.get(one.id, one.told_blocks)}) for one in case.draft.takes
        )
        if takes != case.draft.takes:
            with suppress(DictationError):  # it is heard again, which tells nothing twice
                case.keep({"takes": takes})
        case.audience.touch("pad", "case", "sign")
        if case.wants_review and not case.sounds.is_on and not case.is_loading and not case.files_in_hearing:
            case.wants_review = False
            draft, pad = case.draft, case.text.pad
            case.reviewing.review(draft, pad.dictation, case.study, case.template, basis_of(draft, pad))
            case.audience.touch("sign")


def compared(case: "OpenCase", made: Case, basis: str, cancel: Flag, done: Flag) -> None:
    """Take up what the engines made, which rests on `basis`, unless it is no longer wanted."""
    with case.lock:
        done.set()
        if case.sounds.is_on or cancel.is_set():
            return
        of = {"compared": made, "written": made.report, "compared_of": basis, "awaits_comparison": case.wants_review}
        case.draft = case.draft.model_copy(update=of)
        case.composed = composed_now(case)
        try:
            case.keep(_kept(case.composed) if case.composed else {"compared": made})
        except DictationError as error:
            case.show_bar("error", str(error), 0)
            case.audience.touch()
            return
        case.is_reviewed = not case.is_stale
        _count(case)
        case.show_bar("ready", "", 0)
        learn_from(case)
        case.audience.touch()


def lay_over(case: "OpenCase", changes: dict[str, object]) -> None:
    """Keep what a person laid over the report, and compare anew."""
    case.draft = case.draft.model_copy(update=changes)
    case.composed = composed_now(case)
    case.keep(_kept(case.composed) if case.composed else {"compared": None})
    _count(case)
    case.audience.touch("pane", "sign", "case", "report")


def _kept(composed: Composed) -> dict[str, object]:
    return {"compared": composed.case, "told_of": composed.told_of}


def composed_now(case: "OpenCase") -> Composed | None:
    """The last comparison with all that people decided and wrote; None where there is none."""
    if case.draft.compared is None or case.draft.written is None:
        return None
    base = case.draft.compared.model_copy(update={"report": case.draft.written})
    signed = [one for one in case.versions if one.state != "preliminary"] if case.draft.addendum else []
    chosen = case.template if case.draft.pasted is None else None
    return composed_of_all(base, case.draft, switched(case.desk.settings.inferences), signed, chosen)


def cards_of(case: "OpenCase") -> frozenset[str]:
    """The ids of the differences that a case shows."""
    return frozenset(one.id for one in case.composed.case.discrepancies) if case.composed else frozenset()


def show_text(case: "OpenCase") -> None:
    """Go back to the text, without the microphone."""
    case.reviewing.stop()
    case.is_reviewed = False
    note_asked(case, is_asked=False)
    case.audience.touch("case")


def show_stale(case: "OpenCase") -> None:
    """What was compared is shown no longer once it rests on something else, and nothing is coming."""
    if case.is_reviewed and case.is_stale and not case.reviewing.is_working:
        case.is_reviewed = False
        case.audience.touch("case", "pane", "sign")


def _count(case: "OpenCase") -> None:
    """Count the differences that this case did not show before."""
    for one in case.composed.case.discrepancies if case.composed else ():
        if one.id not in case.counted:
            case.desk.counts.add("cards_shown", one.kind)
    case.counted |= cards_of(case)
