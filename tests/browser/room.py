"""The reading room as its reader has it: the served page, a microphone that speaks a file, the records behind it.

The page is driven by keys wherever there are keys; what is waited for is what the page or the records say.
"""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from dictation.case.draft import Draft
from dictation.case.version import Version
from dictation.errors import UsageError
from dictation.records import Records
from tests.browser.conftest import Watched
from tests.browser.microphone import RATE
from tests.waiting import until

WAIT_S = 90  # on a machine that does much else
READY = "window.desk?.state && desk.connected"
PLAYED = """
window.played = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () { window.played.push(this); return play.call(this); };
"""


def press(page: Page, *keys: str) -> None:
    """Press keys, each once the page has obeyed the one before: letters that come faster are words, and no keys."""
    for key in keys:
        if key == "F9":
            tap(page)
        else:
            page.keyboard.press(key)
        page.wait_for_function("window.desk?.keys?.isQuiet() ?? true", polling=20)


def tap(page: Page, key: str = "F9") -> None:
    """Tap the dictation key: a busy machine lets it up so late that it would have been held."""
    was = page.evaluate("window.desk?.capture?.held_ms ?? null")
    page.evaluate("if (window.desk?.capture) desk.capture.held_ms = Infinity")
    page.keyboard.press(key)
    if was is not None:
        page.evaluate("(ms) => { if (window.desk?.capture) desk.capture.held_ms = ms; }", was)


class Room:
    """One page of the app, who sits at it, and the records behind it. `script` runs before those of the page.

    An empty `url` is where the page is already.
    """

    def __init__(self, watched: Watched, url: str, records: Records, script: str = "") -> None:
        self.watched, self.page, self.records = watched, watched.page, records
        self.page.set_default_timeout(WAIT_S * 1000)
        self.page.add_init_script(PLAYED + script)
        if url:
            self.page.goto(url)
        self.until(READY)

    def again(self) -> None:
        """Reload the page; its microphone speaks from the beginning."""
        self.page.reload()
        self.until(READY)

    # ----- what it shows and what is kept

    def until(self, what: str) -> None:
        """Wait until the page says so."""
        self.page.wait_for_function(what, polling=50)

    def until_shown(self, selector: str, *texts: str) -> None:
        """Wait until a part of the page shows these words."""
        for text in texts:
            expect(self.page.locator(selector)).to_contain_text(text, timeout=WAIT_S * 1000, use_inner_text=True)

    def until_kept(self, is_so: Callable[[Draft], bool]) -> Draft:
        """Wait until the draft on the disk is so, and return it."""
        found = [Draft(id=self.case)]

        def is_kept() -> bool:
            found[0] = self.draft
            return is_so(found[0])

        until(is_kept, "the draft is kept so", WAIT_S)
        return found[0]

    @property
    def case(self) -> str:
        """The id of the open case."""
        return self.page.evaluate("desk.state.case")

    @property
    def draft(self) -> Draft:
        """The open case as it is on the disk; one that nobody touched is not there."""
        case = self.case
        try:
            return self.records.load(case).draft
        except UsageError:
            return Draft(id=case)

    def shown(self, selector: str) -> str:
        """The words of a part of the page."""
        return self.page.locator(selector).inner_text()

    # ----- what is done

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, as a person does: each once the one before has done what it does."""
        for key in keys:
            press(self.page, key)

    def until_heard(self, seconds: float) -> None:
        """Wait until the microphone has taken so much of its sound."""
        self.until(f"desk.capture.samples >= {seconds * RATE}")

    def dictate(self, seconds: float) -> None:
        """Tap the key, let the microphone say so much, and tap it again; the report is written then."""
        before = self.page.evaluate("desk.capture.samples") / RATE
        self.press("F9")
        self.until_heard(before + seconds)
        self.press("F9")

    def until_review(self) -> None:
        """Wait until everything was heard, written and compared."""
        self.until("document.body.dataset.stage === 'review' && document.querySelector('#columns > *')")

    def until_text(self) -> None:
        """Wait for the text, to be dictated or typed into."""
        self.until("document.body.dataset.stage === 'dictating' && desk.state.stage === 'dictating'")

    def write(self, text: str = "") -> None:
        """Go into the dictation, and type."""
        self.press("t")
        self.until("document.activeElement.matches('#pad .text')")  # letters that come with the key make a word of it
        self.page.keyboard.type(text)

    def type(self, text: str) -> None:
        """Type into the dictation, and leave it again."""
        self.write(text)
        self.press("Escape")
        self.until_kept(lambda draft: text.split("\n")[-1] in draft.pad.text)

    def compare(self) -> None:
        """Have the report written and compared without the microphone."""
        self.press("Alt+r")
        self.until_review()

    def find(self, words: str) -> None:
        """Open a case of the worklist by words of it."""
        self.search(words)
        self.enter()
        self.until_shown("#banner", words)

    def search(self, words: str) -> None:
        """Have the worklist show the cases with these words."""
        self.press("w")
        self.until("document.activeElement.matches('#worklist input')")
        self.page.keyboard.type(words)
        self.until(
            "(rows => rows.length && rows.every((row) => row.innerText.includes"
            f"('{words}')))([...document.querySelectorAll('#worklist tbody tr:not(.fresh)')])"
        )
        self.until("document.querySelector('#worklist tbody tr[aria-selected=true]')")  # they are what was asked for

    def enter(self) -> None:
        """Open the row of the worklist that is chosen; a page that was just closed still has its case for a while."""
        self.press("Enter")
        self.until("document.querySelector('#worklist').hidden || document.querySelector('#worklist .question')")
        if self.page.locator("#worklist .question").count():
            self.press("Enter")
            self.until("document.querySelector('#worklist').hidden")
        self.until("desk.state.lock.mine")

    def new_case(self) -> None:
        """Leave the case for an empty one."""
        before = self.case
        self.press("w")
        self.until("document.querySelector('#worklist tbody tr[aria-selected=true]')")
        self.press("PageUp", "Enter")
        self.until(f"document.querySelector('#worklist').hidden && desk.state.case !== '{before}'")

    def give(self, *files: Path) -> None:
        """Give files through the panel."""
        self.press("o")
        self.page.set_input_files("#files input[type=file]", files)

    def paste(self, report: str) -> None:
        """Paste a report that is to be checked."""
        self.press("o")
        self.page.locator("#pasted textarea").fill(report)
        self.page.locator("#check").click()
        self.until_kept(lambda draft: draft.pasted is not None)
        self.press("Escape")
        self.until("!document.body.classList.contains('panel-open')")

    def sign(self, *answers: str) -> Version:
        """Ctrl+Enter, the keys of `answers`, Enter; return what was signed.

        That there is no order is answered by X (a test), normals that gave way are confirmed by Y, an empty impression
        is answered by F: the findings say all.
        """
        case, before = self.case, len(self.records.versions(self.case))
        self.press("Control+Enter")
        self.until("document.querySelector('dialog.signing').open")
        if self.page.locator(".signing .blockers [data-kind=identity]").count():  # a test's report has no order
            while (
                self.page.evaluate("document.querySelector('.signing .blockers .current').dataset.kind") != "identity"
            ):
                self.press("ArrowDown")
            self.press("x")
        self.press(*answers)
        if self.page.evaluate("!!document.querySelector('.signing .blockers [data-kind=normals]')"):
            self.press("y")
        if self.page.evaluate("document.querySelector('.signing .blockers .current')?.dataset.kind") == "impression":
            self.press("f")
        self.until("document.querySelector('dialog.signing[open] .confirm:not(:disabled)')")
        self.press("Enter")
        self.until("!document.querySelector('dialog[open]')")
        versions = self.records.versions(case)
        assert len(versions) == before + 1
        return versions[-1]
