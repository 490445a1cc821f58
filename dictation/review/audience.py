"""Who looks at an open case, and which page works on it: one at a time, until another takes over."""

from collections.abc import Callable
from contextlib import suppress

from dictation.errors import DictationError
from dictation.records import Records
from dictation.records.rights import User
from dictation.records.stored import Lock, Taken
from dictation.review.page import Message, Page, notice
from dictation.unseen import LEFT_OUT, UNSEEN

KINDS = ("case", "pad", "report", "pane", "sign", "bar")


class Audience:
    """The pages of one case. `holder` is the id of the page that works on it; it keeps it while it is away.

    `user` is whose page that is, `nobody` who it is where nobody signs in. `gained` is called when a page of this
    server gets the case, `lost` when one of another server has it instead, `handed_on` with who worked on it before
    once another user does.
    """

    def __init__(
        self,
        records: Records,
        case_id: str,
        nobody: User,
        gained: Callable[[], None],
        lost: Callable[[], None],
        handed_on: Callable[[User], None],
    ) -> None:
        self.pages: dict[str, Page] = {}
        self.sources: dict[str, Page] = {}
        """Pages that sent sound, by id: one may show another case by now, and still waits until it is on disk."""
        self.holder: str | None = None
        self.is_ours = True
        """Whether the case is this server's: a lock in the records may be of another one, or of one that was killed."""
        self.is_kept = False
        """Whether the records have the case: one that nobody touched leaves no trace."""
        self.has_left = False
        """Whether the holder closed its page, or shows another case: the next page that shows this one gets it."""
        self.user = self._nobody = nobody
        self._refused = ""
        """The page that would have the case, had the records not failed: it is given the case at the next look."""
        self._records, self._case_id = records, case_id
        self._gained, self._lost, self._handed_on = gained, lost, handed_on
        self._elsewhere = ""

    @property
    def holder_name(self) -> str:
        """Who works on the case."""
        if self.holder is None:
            return ""
        name = self.user.by if self.is_ours else self._elsewhere
        return name if self.holder in self.pages else f"{name}, whose page is away"

    def is_held_by(self, page_id: str) -> bool:
        """Whether this page works on the case."""
        return self.is_ours and self.holder == page_id

    def add(self, page: Page) -> None:
        """A page shows the case; the first one works on it, and it is told everything."""
        self.pages[page.id] = page
        page.told_version = -1
        self.adopt(page)
        page.touch(*KINDS)

    def remove(self, page: Page) -> None:
        """A page shows it no longer."""
        if self.pages.get(page.id) is page:
            del self.pages[page.id]

    def adopt(self, page: Page) -> None:
        """A page works on the case, where nobody else does; where the records know another one, the page looks on.

        One that shows another case only brings what it has of this one.
        """
        is_here = page.id in self.pages
        if not page.user.signs:
            return
        if not self.is_ours:
            with suppress(DictationError):
                self.look()
        if self.holder is None or (self.has_left and is_here):
            try:
                if self.has_left:
                    self.let_go()  # the records may still know the page that left, for its last words
                lock = self._records.lock(self._case_id, page.id, self._whose(page).by) if self.is_kept else None
            except DictationError:
                self._refused = page.id
                return
            if lock is not None and lock.page != page.id:
                self.lost(lock)
            else:
                self._given_to(page)
                if not is_here:
                    self.let_go(is_heard=False)
        elif self.holder == page.id and not self.is_ours:
            self._given_to(page)
        elif self.holder == page.id:
            self._works(page)  # who signs in again may have another role

    def look(self) -> None:
        """See whether another server took the case meanwhile, or gave it back, and whether the records work again."""
        refused, self._refused = self.pages.get(self._refused), ""
        if refused is not None:
            self.adopt(refused)
        if not self.is_kept or self.holder is None:
            return
        lock = self._records.lock_of(self._case_id)
        if lock is None:
            self.has_left = self.has_left or not self.is_ours
        elif lock.page != self.holder:
            self.lost(lock)

    def lost(self, lock: Lock) -> None:
        """Another server, or one that was killed, has given the case to a page."""
        was_ours = self.is_ours
        self.holder, self.is_ours, self.has_left, self._elsewhere = lock.page, False, False, lock.name
        if was_ours:
            self._lost()
        self.touch("case")

    def keep_lock(self) -> None:
        """The holder has the case in the records too. Raises Taken where another page has it there."""
        assert self.holder is not None
        lock = self._records.lock(self._case_id, self.holder, self.user.by)
        if lock.page != self.holder:
            self.lost(lock)
            raise Taken(lock)

    def take_over(self, page: Page) -> None:
        """A page works on the case from now on."""
        if self.is_kept:
            self._records.take_over(self._case_id, page.id, self._whose(page).by)
        self._given_to(page)

    def let_go(self, *, is_heard: bool = True) -> None:
        """The holder left on purpose: anybody may have the case, and until then what it said is kept in its name.

        Not `is_heard`: pages of this server may have it, and those of others once its last words are in.
        """
        self.has_left = True
        if is_heard and self.holder is not None and self.is_kept and self.is_ours:
            with suppress(DictationError):  # another page took it over
                self._records.release(self._case_id, self.holder)

    def release(self) -> None:
        """Nobody works on it."""
        self.let_go()
        self.holder = None

    def give_up(self) -> None:
        """Nobody works on it, and this server's copy is an old one: who comes next is given what the records have."""
        self.release()
        self.is_ours = False
        self._lost()
        self.touch("case")

    def _given_to(self, page: Page) -> None:
        self._gained()  # where it fails, the copy that is here must not be written over the newer one
        self.holder, self.is_ours, self.has_left = page.id, True, False
        self._works(page)
        self.touch("case", "sign")

    def _works(self, page: Page) -> None:
        before, self.user = self.user, self._whose(page)
        if before.name != self.user.name:
            self._handed_on(before)

    def _whose(self, page: Page) -> User:
        return page.user if page.user.name else self._nobody

    def touch(self, *kinds: str) -> None:
        """Tell all pages that state of these kinds changed, of any kind where none is named."""
        for page in list(self.pages.values()):
            page.touch(*(kinds or KINDS))

    def tell(self, message: Message) -> None:
        """Tell all pages one message."""
        for page in list(self.pages.values()):
            page.tell(message)

    def acknowledge(self, page_id: str, message: Message) -> None:
        """Tell the page that speaks into a take what is known of its sound, also where it shows another case now."""
        page = self.pages.get(page_id) or self.sources.get(page_id)
        if page is not None:
            page.tell(message)

    def tell_of_unseen(self, *texts: str) -> None:
        """Tell all pages where something of these texts was left out as they came in."""
        if any(map(UNSEEN.search, texts)):
            self.notice(LEFT_OUT)

    def notice(self, text: str, *, error: bool = True, about: str = "") -> None:
        """Tell all pages a sentence about the case."""
        self.tell(notice(text, self._case_id, error=error, about=about))
