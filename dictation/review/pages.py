"""The panel of a page: files, an order typed in, a report pasted. All else goes over the page's WebSocket.

A gradio event names the page that it came from and the case it is meant for by its first inputs, which the page fills
itself: an upload may end when its page shows another patient's case by now.
"""

from pathlib import Path
from typing import Any

import gradio as gr

from dictation.apart import asking
from dictation.errors import DictationError, UsageError
from dictation.report import parse_report
from dictation.review import giving
from dictation.review.failing import told
from dictation.review.identity import signed_of
from dictation.review.inputs import fields_of_order, kind_of, order_of_fields, read_what_can_be
from dictation.review.open_case import OpenCase
from dictation.review.open_cases import OpenCases
from dictation.review.page import own_id

OF_ANOTHER = (
    "The files were given to the case that was open before, and this one has not taken them; "
    "give them again in the case that they belong to."
)
MEANT_ELSEWHERE = "Another case is open by now; what was meant for the one before was not taken."


class Pages:
    """What the panels of all pages do. `uploads` is the folder into which the page's server writes what it is sent."""

    def __init__(self, cases: OpenCases, uploads: Path) -> None:
        self._cases, self._uploads = cases, uploads.resolve()
        self._listed: dict[tuple[str, str], set[Path]] = {}  # files that a page's panel lists for a case

    def shown(
        self, page: str, of: str, request: gr.Request, paths: list[str] | None, report: str, *fields: str | None
    ) -> tuple[Any, ...]:
        """A case was opened: empty the list of files and the report, show its order. Returns files, report, fields.

        What says so already stays as it is: somebody may be typing there, or files may be on their way.
        """
        page = _own(page, request)
        self._listed = {key: known for key, known in self._listed.items() if key[0] != page}  # its list is emptied
        try:
            order = (drafted := self._cases.of_page(page).draft).orders[:1]
            text = drafted.pasted.text if drafted.pasted else ""
        except DictationError:
            order, text = (), ""
        now = (text, *fields_of_order(order[0] if order else None))
        changed = (gr.skip() if new == (old or "") else new for new, old in zip(now, (report, *fields), strict=True))
        return (None if paths else gr.skip(), *changed)

    def filed(self, page: str, of: str, request: gr.Request, paths: list[str] | None) -> tuple[Any, ...]:
        """Files were added or taken away. Returns the list of files and the order's fields."""
        page, unchanged = _own(page, request), tuple(gr.skip() for _ in (None, *fields_of_order(None)))
        try:
            case = self._cases.of_page(page)
        except DictationError:
            return unchanged
        if of != case.id:  # taken away from the case before: the list was emptied when this one was opened
            if paths:
                self._cases.tell(page, OF_ANOTHER, of)
            return (None if paths else gr.skip(), *unchanged[1:])
        try:
            fields = self._take(page, case, [Path(path) for path in paths or []])
            return (self._without_refused(page, of, paths or []), *(fields or unchanged[1:]))
        except DictationError as error:
            self._cases.tell(page, str(error), of)
        except Exception as error:
            case.audience.notice(told(error))
        return (self._without_refused(page, of, paths or []), *unchanged[1:])

    def _without_refused(self, page: str, of: str, paths: list[str]) -> Any:
        """The list of files as it is to be shown once the new ones were refused: they do not belong to the case."""
        known = self._listed.get((page, of), set())
        kept = [path for path in paths if Path(path) in known]
        return gr.skip() if kept == paths else kept or None

    def images_away(self, page: str, of: str, request: gr.Request) -> None:
        """The images are to go, wherever they came from. Returns the list of files, which begins anew."""
        page = _own(page, request)
        self._do(page, of, giving.take_all_images_away)
        self._listed.pop((page, of), None)

    def pasted(self, page: str, of: str, request: gr.Request, text: str) -> None:
        """A report was pasted; an empty one means that a report is to be written."""

        def give(case: OpenCase) -> None:
            giving.give_report(case, parse_report(whole(text)) if text.strip() else None)
            case.audience.tell_of_unseen(text)

        self._do(_own(page, request), of, give)

    def ordered(self, page: str, of: str, request: gr.Request, *fields: str | None) -> None:
        """The order was typed."""

        def give(case: OpenCase) -> None:
            giving.give_order(case, _order_of(case, fields))
            case.audience.tell_of_unseen(*filter(None, fields))

        self._do(_own(page, request), of, give)

    def _take(self, page: str, case: OpenCase, paths: list[Path]) -> tuple[Any, ...] | None:
        now = {path for path in paths if path.resolve().is_relative_to(self._uploads)}
        before = self._listed.get((page, case.id), set())
        if now == before:
            return None
        still = self._cases.giver(page)
        self._listed[page, case.id] = now
        giving.take_images_away(case, [path for path in before - now if kind_of(path) == "image"])
        new = [path for path in paths if path in now - before]
        if not new:
            return None
        try:
            with asking(case.user.name):
                files, refused, why = read_what_can_be([str(path) for path in new])
                taken = [path for path in new if str(path) not in refused]
                giving.give_files(case, files, [path for path in taken if kind_of(path) == "image"], still)
        except BaseException:
            self._listed[page, case.id] = before & now
            raise
        self._listed[page, case.id] = now.difference(map(Path, refused))
        for sentence in why:
            self._cases.tell(page, sentence, case.id)
        return tuple(fields_of_order(files.order)) if files.order else None

    def _do(self, page: str, of: str, act: Any) -> None:
        try:
            case = self._cases.of_its_page(page)
            if case.id != of:
                raise UsageError(MEANT_ELSEWHERE)
            act(case)
        except DictationError as error:
            self._cases.tell(page, str(error), of)
        except Exception as error:
            self._cases.tell(page, told(error), of)


def _own(page: str, request: gr.Request) -> str:
    """Whose page it is says the session, not the browser."""
    asked = request.request
    return own_id(page, signed_of(asked.scope).user) if asked is not None else ""


def _order_of(case: OpenCase, fields: tuple[str | None, ...]) -> Any:
    given = tuple(field and whole(field) for field in fields)
    return order_of_fields(case.draft.orders[0] if case.draft.orders else None, given)


def whole(text: str) -> str:
    """The text, with the replacement character for each half of one (a lone surrogate), which no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
