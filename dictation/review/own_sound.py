"""Whose sound it is: a take is spoken by the page that began it, and by nobody else who may see its case.

What another page sends for it is refused, and stands in the audit trail. A page that is gone is followed by one of the
same user and browser, which knows its name: no page is told another one's. Where nobody signs in, there are only pages.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from dictation.case.draft import Take
from dictation.errors import DictationError, UsageError
from dictation.review import commands as c
from dictation.review.page import Page, own_id

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


class Theirs(UsageError):
    """Sound for a take of another page."""

    def __init__(self) -> None:
        super().__init__(
            "This recording was begun by another page, so nothing is taken for it from here; press the key to begin "
            "your own."
        )


def check_own(case: "OpenCase", page: Page, take: str, before: tuple[str, ...] = ()) -> None:
    """Raise Theirs, and note it, where a take of this case is spoken by another page.

    `before`: what the browser calls pages that are gone; the take of one of them is this page's from now on.
    """
    known = case.take(take)
    if known is None or known.page == page.id:
        return
    if known.page in _own_ids(page, before) or _is_unclaimed(case, page, known):
        case.hand_over(known, page.id)
        return
    refused(case, page, known.recording)
    raise Theirs()


def refused(case: "OpenCase", page: Page, recording: str = "") -> None:
    """Note that a page sent sound for a case that is not its own; `recording`: into which one, if any."""
    detail = {"recording": recording} if recording else {}
    with suppress(DictationError):  # it is refused all the same, and noted the next time
        case.desk.sound_refusals.note(case.id, page.id, case.desk.known(page.user).by, page.session, detail)


def succeeds_holder(case: "OpenCase", page: Page, command: c.Begin) -> bool:
    """Whether a page brings sound for the page that works on the case, and is gone: one of its browser, or its user."""
    audience = case.audience
    if audience.holder in _own_ids(page, command.before):
        return True
    return audience.has_left and audience.user.by == case.desk.known(page.user).by


def obeys(case: "OpenCase", take: str) -> bool:
    """Whether commands in the sound of a take are obeyed: not where somebody else works on the case by now.

    It is sound from before; "scratch that" was not said to their words, spoken or typed.
    """
    mine = case.take(take)
    return mine is None or mine.by in ("", case.user.by)


def _own_ids(page: Page, before: tuple[str, ...]) -> set[str]:
    return {own_id(one, page.user) for one in before}


def _is_unclaimed(case: "OpenCase", page: Page, take: Take) -> bool:
    """Whether a take was begun before its page was kept; it is the owner's of its case."""
    if take.page:
        return False
    owned = case.desk.records.owned(case.id) if page.user.name else None
    return owned is None or owned.owner in ("", page.user.name)
