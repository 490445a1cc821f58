"""A command of a page is obeyed once, by the page that works on the case, and is on disk before it is answered."""

from contextlib import suppress
from typing import TYPE_CHECKING

from dictation.errors import DictationError, UsageError
from dictation.review import commands as c
from dictation.review import settling
from dictation.review.own_sound import check_own, refused, succeeds_holder
from dictation.review.page import Message, Page

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase

LOOKS_ON = "Your role here looks at cases and plays their sound, and changes nothing."
OF_ANOTHER = "Another page works on this case; press T to take it over."


def obey(case: "OpenCase", page: Page, command: c.AnyCommand) -> Message:
    """Do what a page asks; it is on disk when this returns. What was obeyed before is only answered."""
    if not page.user.signs:
        raise UsageError(LOOKS_ON)
    with case.lock:
        if isinstance(command, c.Begin | c.Listen):
            check_own(case, page, command.take, command.before if isinstance(command, c.Begin) else ())
        if _is_of_own_sound(case, page, command):
            return settling.obeyed_of_sound(case, page, command)
        if command.number <= case.draft.obeyed.get(page.id, 0):
            return _answered_before(case, page, command.number)
        if isinstance(command, c.TakeOver):
            _take_over(case, page)
        if not _brings_sound(case, page, command):
            case.audience.adopt(page)
            if case.audience.holder != page.id:
                if isinstance(command, c.Begin):
                    refused(case, page)
                raise UsageError(OF_ANOTHER)
        before, case.is_saved = (case.draft, case.text.copy(), case.composed), False
        others = dict(list(case.draft.obeyed.items())[-20:])
        case.draft = case.draft.model_copy(update={"obeyed": {**others, page.id: command.number}})
        try:
            answer = {} if isinstance(command, c.TakeOver) else settling.obeyed(case, page, command)
            if not case.is_saved and (case.audience.is_kept or not isinstance(command, c.TakeOver)):
                case.keep({})
        except BaseException as error:  # what is refused, or not on disk, was not done
            case.draft, case.text, case.composed = before
            if isinstance(error, UsageError):  # sent again after a lost answer, it must not be obeyed unasked
                case.answers[page.id] = command.number, error
                with suppress(DictationError):
                    case.keep({"obeyed": {**others, page.id: command.number}})
            raise
        case.answers[page.id] = command.number, answer
        return answer


def _answered_before(case: "OpenCase", page: Page, number: int) -> Message:
    """Answer as before, where that is known; else only that it was answered."""
    last, answer = case.answers.get(page.id, (0, {}))
    if last != number:
        return {"again": True}
    if isinstance(answer, UsageError):
        raise answer
    return answer


def _is_of_own_sound(case: "OpenCase", page: Page, command: c.AnyCommand) -> bool:
    """Whether a page tells of sound that it recorded here before: it may, though another one works on the case."""
    if isinstance(command, c.Listen):
        is_away = case.audience.holder not in (None, page.id)
        return is_away and not command.on and case.has_take(command.take)
    return isinstance(command, c.Begin) and case.has_take(command.take)


def _brings_sound(case: "OpenCase", page: Page, command: c.AnyCommand) -> bool:
    """Whether a page brings sound of the one that works on the case, and is gone; it is taken in that page's name."""
    is_others = case.audience.holder not in (None, page.id)
    return isinstance(command, c.Begin) and is_others and case.audience.is_ours and succeeds_holder(case, page, command)


def _take_over(case: "OpenCase", page: Page) -> None:
    """A page works on the case now."""
    case.stop_listening()
    case.audience.take_over(page)
