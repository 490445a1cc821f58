"""Who looks at an open case, and which page works on it: one at a time, until another takes over."""

from contextlib import suppress

from dictation.errors import DictationError
from dictation.records import Records
from dictation.review.page import Message, Page

KINDS = ("case", "pad", "report", "pane", "sign", "bar")


class Audience:
    """The pages of one case. `holder` is the id of the page that works on it; it keeps it while it is away."""

    def __init__(self, records: Records, case_id: str, user: str) -> None:
        self.pages: dict[str, Page] = {}
        self.holder: str | None = None
        self.is_kept = False
        """Whether the records have the case: one that nobody touched leaves no trace."""
        self._records, self._case_id, self._user = records, case_id, user

    @property
    def holder_name(self) -> str:
        """Who works on the case."""
        if self.holder is None:
            return ""
        return self._user if self.holder in self.pages else f"{self._user}, whose page is away"

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
        """A page works on the case, where nobody else does; where another server has it, the page looks on."""
        if self.holder is None:
            with suppress(DictationError):
                if self.is_kept:
                    self._records.lock(self._case_id, page.id, self._user)
                self.holder = page.id
                self.touch("case")

    def take_over(self, page: Page) -> None:
        """A page works on the case from now on."""
        if self.is_kept:
            self._records.take_over(self._case_id, page.id, self._user)
        self.holder = page.id
        self.touch("case")

    def release(self) -> None:
        """Nobody works on it."""
        if self.holder is not None and self.is_kept:
            with suppress(DictationError):  # another page took it over
                self._records.release(self._case_id, self.holder)
        self.holder = None

    def touch(self, *kinds: str) -> None:
        """Tell all pages that state of these kinds changed, of any kind where none is named."""
        for page in list(self.pages.values()):
            page.touch(*(kinds or KINDS))

    def tell(self, message: Message) -> None:
        """Tell all pages one message."""
        for page in list(self.pages.values()):
            page.tell(message)

    def notice(self, text: str, *, error: bool = True, about: str = "") -> None:
        """Tell all pages a sentence."""
        self.tell({"kind": "notice", "text": text, "error": error, "about": about})
