"""The panel of a page: files, an order typed in, a report pasted. All else goes over the page's WebSocket.

A gradio event names the page that it came from by the first input, which the page fills itself.
"""

from pathlib import Path
from typing import Any

import gradio as gr

from dictation.errors import DictationError
from dictation.report import parse_report
from dictation.review import giving
from dictation.review.failing import told
from dictation.review.inputs import Files, fields_of_order, kind_of, order_of_fields, read_files
from dictation.review.open_case import OpenCase
from dictation.review.open_cases import OpenCases


class Pages:
    """What the panels of all pages do. `uploads` is the folder into which the page's server writes what it is sent."""

    def __init__(self, cases: OpenCases, uploads: Path) -> None:
        self._cases, self._uploads = cases, uploads.resolve()
        self._listed: dict[tuple[str, str], set[Path]] = {}  # files that a page's panel lists for a case

    def shown(self, page: str) -> tuple[Any, ...]:
        """A case was opened: empty the list of files and the report, show its order. Returns files, report, fields."""
        self._listed = {key: known for key, known in self._listed.items() if key[0] != page}  # its list is emptied
        try:
            order = (drafted := self._cases.of_page(page).draft).orders[:1]
            text = drafted.pasted.text if drafted.pasted else ""
        except DictationError:
            order, text = (), ""
        return (None, text, *fields_of_order(order[0] if order else None))

    def filed(self, page: str, paths: list[str] | None) -> tuple[Any, ...]:
        """Files were added or taken away. Returns the order's fields."""
        unchanged = tuple(gr.skip() for _ in fields_of_order(None))
        try:
            case = self._cases.of_page(page)
        except DictationError:
            return unchanged
        try:
            return self._take(page, case, [Path(path) for path in paths or []]) or unchanged
        except DictationError as error:
            case.audience.notice(str(error))
        except Exception as error:
            case.audience.notice(told(error))
        return unchanged

    def pasted(self, page: str, text: str) -> None:
        """A report was pasted; an empty one means that a report is to be written."""
        self._do(page, lambda case: giving.give_report(case, parse_report(text) if text.strip() else None))

    def ordered(self, page: str, *fields: str | None) -> None:
        """The order was typed."""
        self._do(page, lambda case: giving.give_order(case, _order_of(case, fields)))

    def _take(self, page: str, case: OpenCase, paths: list[Path]) -> tuple[Any, ...] | None:
        now = {path for path in paths if path.resolve().is_relative_to(self._uploads)}
        before = self._listed.get((page, case.id), set())
        self._listed[page, case.id] = now
        giving.take_images_away(case, [path for path in before - now if kind_of(path) == "image"])
        new = [path for path in paths if path in now - before]
        if not new:
            return None
        files: Files = read_files([str(path) for path in new])
        giving.give_files(case, files, [path for path in new if kind_of(path) == "image"])
        return tuple(fields_of_order(files.order)) if files.order else None

    def _do(self, page: str, act: Any) -> None:
        try:
            case = self._cases.of_page(page)
        except DictationError:
            return
        try:
            act(case)
        except DictationError as error:
            case.audience.notice(str(error))
        except Exception as error:
            case.audience.notice(told(error))


def _order_of(case: OpenCase, fields: tuple[str | None, ...]) -> Any:
    return order_of_fields(case.draft.orders[0] if case.draft.orders else None, fields)
