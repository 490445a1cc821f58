"""All cases that are open on this server, and which page has which."""

import struct
from collections.abc import Callable, Collection
from contextlib import suppress
from threading import Event, RLock, Thread
from weakref import WeakMethod

from dictation.errors import DictationError, UsageError
from dictation.records.rights import User, What, may
from dictation.records.text import unknown_case
from dictation.review.beside import read_again
from dictation.review.commands import (
    AnyCommand,
    Begin,
    Forget,
    Hello,
    Learn,
    Leave,
    Listen,
    ListLearned,
    New,
    Open,
    Prefer,
    Redeem,
)
from dictation.review.desk import Desk
from dictation.review.event_log import note
from dictation.review.failing import told
from dictation.review.learning import learned_shown
from dictation.review.limits import CASES_OF_USER, TAKES_OF_USER
from dictation.review.listening import BLOCK_SAMPLES, Kept
from dictation.review.obeying import LOOKS_ON, OF_ANOTHER, obey
from dictation.review.open_case import OpenCase, opened
from dictation.review.own_sound import check_own, refused
from dictation.review.page import Message, Page, acknowledgement, notice
from dictation.review.sounding import Closed
from dictation.review.telling import whose
from dictation.review.tickets import Tickets
from dictation.shared_threads import SharedThreads

_BLOCK = struct.Struct("<16sI")  # a take's id and the number of a block, before its samples
LONGEST_BLOCK_BYTES = _BLOCK.size + 2 * BLOCK_SAMPLES
NO_CASES = (
    "An administrator's account shows no cases and does nothing else here: users are looked after on the server, "
    "with the command `dictation user`. Sign in with another account to read."
)
BUSY_S = 5.0  # between two looks at a case that is still being heard or written
LOOK_S = 2.0  # between two looks at which cases other servers have taken
LINGER_S = 120.0  # a case whose pages are gone is closed; a reload takes a second, a closed laptop may take longer
_CLOSING = SharedThreads("closing", 16)  # cases that are left, so many at once

_TOO_MANY_CASES = (
    "You have {} cases open at once, which is the most; close pages that you do not need, or wait until what was said "
    "in their cases is heard."
)
_TOO_MANY_TAKES = (
    "You have {} recordings open at once, which is the most; close pages that you do not need, or sign "
    "this case, and press the key again."
)
TAKEN_MEANWHILE = "Another page works on this case by now, so nothing of this was taken; press T to take it over."


class OpenCases:
    """The open cases. Safe to use from several threads."""

    def __init__(self, desk: Desk, linger_s: float = LINGER_S) -> None:
        self.desk, self._linger_s = desk, linger_s
        self._cases: dict[str, OpenCase] = {}
        self._changing: dict[str, Event] = {}  # cases that are being opened or closed: nobody opens them meanwhile
        self._timers: dict[str, object] = {}  # the newest plan to see whether a case is still needed
        self._opened_by: dict[str, str] = {}  # the name of the user for whom a case was opened
        self._shown: dict[str, OpenCase] = {}  # by the id of a page
        self._pages: dict[str, Page] = {}
        self._outbox_fault = ""
        self.tickets = Tickets()
        desk.forgetting.is_shown = lambda case_id: case_id in self._cases
        self._lock = RLock()
        self._ending = Event()
        Thread(target=self._look, name="locks", daemon=True).start()

    def obey(self, page: Page, command: AnyCommand) -> Message:
        """Do what a page asks and return what the answer holds. Raises DictationError, which the page is told."""
        match command:
            case Hello():
                return self._greet(page, command)
            case Open() | New():
                self.check(page.user, page.session, command.id)
                return _opened_for(page, self._show(page, command.id, is_new=isinstance(command, New)))
            case Redeem():
                return {"id": self.tickets.take(command.ticket, page.id)}
            case Leave():
                self._hide(page)
                return {}
            case Prefer():  # the user's, not the case's: whoever only looks on has them too
                self.desk.own(page.user).prefer(command.name, command.value)
                self._tell_all("case", "pane")
                return {}
            case Learn():
                self.desk.own(page.user).learn(command.phrase, command.spoken)
                return {}
            case ListLearned():
                return {"entries": learned_shown(self.desk.own(page.user).learned)}
            case Forget():
                self.desk.own(page.user).learned.forget(command.id)
                return {"entries": learned_shown(self.desk.own(page.user).learned)}
        if isinstance(command, Begin) and self.desk.records.recording_of(command.take) is None:
            self._make_room(page.user, takes=1)
        return obey(self._meant(page, command), page, command)

    def check(self, user: User, session: str, case_id: str, what: What = "see", *, is_kept: bool = False) -> None:
        """Raise UsageError, the one for an unknown case, where a user may not see a case, or work on it.

        Who may not see it is noted. `is_kept`: one that the records do not have is unknown too.
        """
        owned = self.desk.records.owned(case_id) if user.name else None
        if owned is not None and not may(user, owned, "see"):
            with suppress(DictationError):  # it is refused all the same, and noted the next time
                self.desk.refusals.note(case_id, "", user.name, session)
        if user.role == "administrator":
            raise UsageError(NO_CASES)
        if not may(user, owned, what) or (is_kept and user.name and owned is None):
            raise unknown_case()

    def of_its_page(self, page_id: str) -> OpenCase:
        """Return the case that a page shows and works on. Raises UsageError where it only looks on."""
        case = self.of_page(page_id)
        page = self._pages.get(page_id)
        if page is None or not page.user.signs:
            raise UsageError(LOOKS_ON)
        self.check(page.user, page.session, case.id, "work")
        with case.lock:
            case.audience.adopt(page)
            if case.audience.holder != page_id:
                raise UsageError(OF_ANOTHER)
        return case

    def giver(self, page_id: str) -> Callable[[], None]:
        """Return what asks whether a page may still change the case that it works on now, for what takes a while.

        Both raise UsageError where it may not: as `of_its_page`, and where somebody else works on that case by then.
        """
        case, page = self.of_its_page(page_id), self._pages[page_id]

        def still() -> None:
            self.check(page.user, page.session, case.id, "work")
            with case.lock:
                if case.audience.holder not in (page_id, None):
                    raise UsageError(TAKEN_MEANWHILE)

        return still

    def tell(self, page_id: str, sentence: str, case: str) -> None:
        """Tell one page what was wrong with something that it meant for a case."""
        if (page := self._pages.get(page_id)) is not None:
            page.tell(notice(sentence, case or None))

    def state(self, page: Page, kind: str) -> Message | None:
        """Return the newest state of a kind for a page; None where there is none."""
        case = self._shown.get(page.id)
        return case.state(page, kind) if case else None

    def sound(self, page: Page, message: bytes) -> Message:
        """Keep one block of sound and return what is known to be kept. It belongs to the case its take began in.

        Of a take that is closed the answer says only that: the page sends no more of it, and asks what there is. Of a
        block that cannot be kept it says why, and whose sound it is, as the page may show another case by now. Raises
        DictationError where it cannot be said which case it belongs to.
        """
        if len(message) <= _BLOCK.size or len(message) > LONGEST_BLOCK_BYTES or (len(message) - _BLOCK.size) % 2:
            raise UsageError("The page sent sound that is none; reload it.")
        raw, number = _BLOCK.unpack_from(message)
        take = raw.hex()
        case = self._case_of_take(page, take)
        case.audience.sources[page.id] = page
        try:
            if case.audience.holder not in (None, page.id) and case.sounds.is_past(take, number):
                refused(case, page, case.sounds.named(take).recording)
                raise UsageError(TAKEN_MEANWHILE)
            kept = case.sound(take, number, message[_BLOCK.size :])
        except Closed:
            return {**acknowledgement(take, Kept(taken=0, saved=0)), "closed": True}
        except Exception as error:
            why = str(error) if isinstance(error, DictationError) else told(error)
            return notice(why, case.id, about="sound", whose=whose(case))
        return acknowledgement(take, kept)

    def left(self, page: Page, *, is_closed: bool = False) -> None:
        """A page hung up, or was closed. Its case stays open for a while, as it may be reloaded and come back.

        The case of one that was closed is anybody's at once.
        """
        with self._lock:
            if self._pages.get(page.id) is not page:
                return  # it is back already
            del self._pages[page.id]
            case = self._shown.pop(page.id, None)
        if case:
            case.gone(page, on_purpose=is_closed)
            self._look_later(case, self._linger_s)

    def of_page(self, page_id: str) -> OpenCase:
        """Return the case that a page shows. Raises UsageError where it shows none."""
        case = self._shown.get(page_id)
        if case is None:
            raise UsageError("No case is open on this page; open one with W.")
        return case

    def looked(self, case_id: str, page_id: str, by: str, session: str) -> None:
        """Note that a page of a user (no known one: somebody) is shown something of a case, unless it works on it.

        Raises DictationError.
        """
        case = self._cases.get(case_id)
        if case is not None and (case.audience.is_held_by(page_id) or not case.audience.is_kept):
            return
        self.desk.views.note(case_id, page_id if page_id in self._pages else "", by, session)

    def deliver(self, name: str) -> int:
        """Press a key on the page that listens, else on all that have a case; return how many got it."""
        with self._lock:
            pages = list(self._pages.values())
            listening = [p for p in pages if (case := self._shown.get(p.id)) and case.is_heard_by(p)]
        for page in listening or pages:
            page.tell({"kind": "key", "name": name})
        return len(listening or pages)

    def changed(self, case_ids: Collection[str]) -> None:
        """Cases changed in the records beneath open pages: tell these, and every worklist that is shown."""
        for case_id in case_ids:
            if (case := self._cases.get(case_id)) is not None:
                case.audience.notice("The order or the images of this case changed.", error=False)
                try:
                    read_again(case)  # it says what of that must not be overlooked
                except DictationError as error:  # the others are told all the same
                    case.audience.notice(str(error))
        if case_ids:
            for page in list(self._pages.values()):
                page.tell({"kind": "worklist"})

    def outbox_is(self, fault: str) -> None:
        """Have every page say what is not in the outbox, and why, until `fault` is ""."""
        with self._lock:
            self._outbox_fault = fault
            pages = list(self._pages.values())
        for page in pages:
            page.tell({"kind": "outbox", "text": fault})

    @property
    def outbox_takes_all(self) -> bool:
        """Whether nothing was wrong with the outbox when it was last looked at."""
        return not self._outbox_fault

    def _tell_all(self, *kinds: str) -> None:
        with self._lock:
            cases = list(self._cases.values())
        for case in cases:
            case.audience.touch(*kinds)

    def present(self) -> list[OpenCase]:
        """Return all cases that are open."""
        return list(self._cases.values())

    @property
    def page_count(self) -> int:
        """How many pages are connected."""
        return len(self._pages)

    def known(self, case_id: str) -> OpenCase | None:
        """Return a case that is open."""
        return self._cases.get(case_id)

    def close(self) -> None:
        """End: what is being heard is finished as far as it is, everything is on disk."""
        self._ending.set()
        with self._lock:
            cases = list(self._cases.values())
            self._cases.clear()
            self._shown.clear()
            self._timers.clear()
        for case in cases:
            case.close()
            self.desk.forgetting.case(case.id)

    def _look(self) -> None:
        while not self._ending.wait(LOOK_S):
            with self._lock:
                cases = list(self._cases.values())
            for case in cases:
                try:
                    self._look_who(case)
                    case.look()
                except Exception as error:  # the next look may find what is wrong gone
                    if not isinstance(error, DictationError):
                        told(error)

    def _look_who(self, case: OpenCase) -> None:
        """Who may not see a case any more, as it became somebody's meanwhile, is shown it no longer."""
        signed_in = [page for page in list(case.audience.pages.values()) if page.user.name]
        owned = self.desk.records.owned(case.id) if signed_in else None
        for page in signed_in:
            if not may(page.user, owned, "see"):
                self._hide(page)
                page.tell({"kind": "left", "text": "This case belongs to somebody else by now."})

    def _greet(self, page: Page, hello: Hello) -> Message:
        with self._lock:
            self._pages[page.id] = page
            page.tell({"kind": "outbox", "text": self._outbox_fault})
        if hello.case is None:
            return {"case": None}
        try:
            self.check(page.user, page.session, hello.case)
            return _opened_for(page, self._show(page, hello.case, is_new=True))
        except DictationError as error:
            page.tell(notice(str(error), None))
            return {"case": None}

    def _meant(self, page: Page, command: AnyCommand) -> OpenCase:
        """The case that was open when a command was given; it may come late, from a page that was away."""
        shown = self._shown.get(page.id)
        if command.case is None or (shown and shown.id == command.case):
            case = self.of_page(page.id)
            self.check(page.user, page.session, case.id)
            return case
        self.check(page.user, page.session, command.case)
        known = self.desk.records.recording_of(command.take) if isinstance(command, Begin | Listen) else None
        return self._opened(
            command.case, page.user, is_new=isinstance(command, Begin), must=known is not None
        )  # sound may be the first that is kept of it

    def _opened(
        self, case_id: str, user: User, is_new: bool = False, page: Page | None = None, *, must: bool = False
    ) -> OpenCase:
        """Return a case, and note that a page shows it, if any: then it is not closed.

        Raises UsageError where the user has too many of them open, unless it `must` be: sound of it is known here.
        """
        if case_id not in self._cases:
            with suppress(*[UsageError] if must else []):
                self._make_room(user, cases=1)
        while True:
            with self._lock:
                changing = self._changing.get(case_id)
                if changing is None:
                    if (case := self._cases.get(case_id)) is not None:
                        if page is not None:
                            self._shown[page.id] = case
                        return case
                    mine = self._changing[case_id] = Event()
            if changing is not None:
                changing.wait()
                continue
            try:  # what was compared of it is read and composed: nobody else's case waits for that
                case = opened(self.desk, case_id, is_new=is_new, by=user.name)
                with self._lock:
                    self._cases[case_id], self._opened_by[case_id] = case, user.name
                    note("case opened", case=case_id)
                    self._look_later(case, self._linger_s)
            finally:
                with self._lock:
                    del self._changing[case_id]
                mine.set()

    def _show(self, page: Page, case_id: str, *, is_new: bool) -> OpenCase:
        before = self._shown.get(page.id)
        case = self._opened(case_id, page.user, is_new, page)
        if before is not None and before is not case:
            self._leave(page, before)
        case.arrived(page)
        try:
            self.looked(case.id, page.id, self.desk.known(page.user).by, page.session)
        except DictationError:
            self._hide(page)
            raise
        return case

    def _hide(self, page: Page) -> None:
        before = self._shown.pop(page.id, None)
        if before:
            self._leave(page, before)

    def _leave(self, page: Page, case: OpenCase) -> None:
        case.left(page)
        self._close_if_alone(case)

    def _look_later(self, case: OpenCase, after_s: float) -> None:
        """See after a while whether somebody still needs a case."""
        with self._lock:
            plan = self._timers[case.id] = object()
        case_id, look = (
            case.id,
            WeakMethod(self._look_at),
        )  # neither the case nor a server that has ended is kept for it

        def see() -> None:
            if (here := look()) is not None:
                here(case_id, plan)

        _CLOSING.do(see, after_s)

    def _look_at(self, case_id: str, plan: object) -> None:
        with self._lock:
            case = self._cases.get(case_id) if self._timers.get(case_id) is plan else None
        if case is not None:
            self._close_if_alone(case)

    def _whose(self, case: OpenCase) -> str:
        """The name of the user for whom a case is open: who works on it, or else who opened it."""
        return case.audience.user.name if case.audience.holder is not None else self._opened_by.get(case.id, "")

    def _make_room(self, user: User, *, cases: int = 0, takes: int = 0) -> None:
        """Raise UsageError where a user may not have so many cases and takes more open.

        Before that, cases of theirs are closed which would be soon: that nobody shows, and that have nothing to hear.
        """
        most_cases = max(CASES_OF_USER, self.desk.settings.pages_per_address)
        while True:
            with self._lock:
                own = [case for case in self._cases.values() if self._whose(case) == user.name]
                shown = {case.id for case in self._shown.values()}
            has_cases = len(own) + cases <= most_cases
            if has_cases and sum(case.sounds.takes for case in own) + takes <= TAKES_OF_USER:
                return
            idle = next((case for case in own if case.id not in shown and not case.is_busy), None)
            if idle is None:
                raise UsageError(
                    _TOO_MANY_TAKES.format(TAKES_OF_USER) if has_cases else _TOO_MANY_CASES.format(most_cases)
                )
            self._close_if_alone(idle)

    def _close_if_alone(self, case: OpenCase) -> None:
        """Close a case that nobody shows, once its last words are heard and its report is written."""
        case.rest()
        with self._lock:
            if case in self._shown.values() or self._cases.get(case.id) is not case:
                return
            if case.is_busy:
                self._look_later(case, BUSY_S)
                return
            self._timers.pop(case.id, None)
            self._opened_by.pop(case.id, None)
            del self._cases[case.id]
            closing = self._changing[case.id] = Event()
        try:
            case.close()
            note("case closed", case=case.id)
        finally:
            with self._lock:
                del self._changing[case.id]
            closing.set()
        self.desk.forgetting.case(case.id)

    def _case_of_take(self, page: Page, take: str) -> OpenCase:
        shown = self._shown.get(page.id)
        if shown and shown.has_take(take) and page.user.signs:
            check_own(shown, page, take)
            return shown
        kept = self.desk.records.recording_of(take)
        if kept is None:
            raise UsageError("The page sent sound of a recording that never began; reload it.")
        self.check(page.user, page.session, kept.case, "work")
        case = self._opened(kept.case, page.user, must=True)
        check_own(case, page, take)
        if case.audience.holder is None:
            with case.lock:
                case.audience.adopt(page)
        return case


def _opened_for(page: Page, case: OpenCase) -> Message:
    """What a page is told of its case: also how far its commands were obeyed, should it not know any more."""
    return {"case": case.id, "obeyed": case.draft.obeyed.get(page.id, 0)}
