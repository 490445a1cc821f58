"""What happens when somebody acts on a page: each handler changes its session and returns what the page then shows."""

import sys
import traceback
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr

from dictation.errors import Cancelled, DictationError
from dictation.exchange import pane_html
from dictation.report import parse_report
from dictation.review.engines import Engines
from dictation.review.given import Unfinished
from dictation.review.inputs import Files, fields_of_order, order_of_fields, read_files
from dictation.review.keeping import keep_recording
from dictation.review.session import Session
from dictation.review.work import steps_of
from dictation.settings import Settings

KEYS = {
    "take_heard": "H heard is right",
    "take_written": "R written is right",
    "dismiss": "D dismiss",
    "reopen": "U open again",
}
ON_SUGGESTIONS = {"accept": "accept into the report", "take_back": "take back"}  # no key: it changes the report

_NUMBERS = count()  # a page only notices what changed: the same error twice must be told twice

_WORDS = {action: f"<kbd>{words[0]}</kbd>{words[1:]}" for action, words in KEYS.items()} | ON_SUGGESTIONS
_BUTTONS = {
    action: f'<button type="button" data-action="{action}">{words}</button>' for action, words in _WORDS.items()
}

Shown = tuple[Any, Any]  # what the pane and the bar show; gr.skip() leaves one as it is


class Pages:
    """All open pages. `uploads` is the folder into which the page's server writes what it is sent."""

    def __init__(self, engines: Engines, settings: Settings, uploads: Path) -> None:
        self._engines, self._settings, self._uploads = engines, settings, uploads
        self._sessions: dict[str, Session] = {}

    def opened(self, request: gr.Request) -> Shown:
        """A page was opened: the engines are in sight before anybody speaks."""
        return self._show(self._session(request))

    def closed(self, request: gr.Request) -> None:
        """A page was closed: its work stops, what it held is forgotten. Recordings on disk stay."""
        session = self._sessions.pop(str(request.session_hash), None)
        if session:
            session.clear()

    def recorded(self, request: gr.Request, event: gr.EventData) -> Iterator[Shown]:
        """The microphone was stopped: `event.path` is the sound that the page sent."""
        session = self._session(request)
        session.begin()
        sent = str(event.path)
        try:
            session.spoken = keep_recording(Path(sent), self._uploads, self._settings.home)
        except DictationError as error:
            yield gr.skip(), {**_failed(error), "refused": sent}
            return
        session.sent = sent
        yield from self._compare(session)

    def tried_again(self, request: gr.Request) -> Iterator[Shown]:
        """The same recording once more."""
        yield from self._compare(self._session(request))

    def stopped(self, request: gr.Request) -> None:
        """The work that is going on is no longer wanted."""
        self._session(request).cancel.set()

    def cleared(self, request: gr.Request) -> tuple[Any, ...]:
        """A new case: pane, bar, files, pasted report and order fields are emptied."""
        session = self._session(request)
        session.clear()
        return (*self._show(session), None, "", *fields_of_order(None))

    def decided(self, request: gr.Request, event: gr.EventData) -> Shown:
        """`event.action` was taken on the difference or the suggestion `event.id`."""
        session = self._session(request)
        try:
            if event.action in ON_SUGGESTIONS:
                session.accept(str(event.id), event.action == "accept")
            else:
                session.decide(str(event.id), event.action)
        except DictationError as error:  # the case has changed under the key
            return self._pane(session), _failed(error)
        return self._pane(session), gr.skip()

    def filed(self, paths: list[str] | None, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Files were added or taken away. Yields pane, bar and the order's fields."""
        session = self._session(request)
        unchanged = [gr.skip() for _ in fields_of_order(None)]
        try:
            files = read_files(paths or [])
        except DictationError as error:
            session.take_files(Files())  # nothing of the case before may stand beside files that cannot be read
            yield self._pane(session), _failed(error), *unchanged
            return
        fields = fields_of_order(files.order) if files.order != session.files.order else unchanged
        session.take_files(files)
        for pane, bar in self._compare(session):
            yield pane, bar, *fields

    def pasted(self, text: str, request: gr.Request) -> Iterator[Shown]:
        """A report was pasted; an empty one means that a report is to be written."""
        session = self._session(request)
        try:
            session.pasted = parse_report(text) if text.strip() else None
        except DictationError as error:
            yield gr.skip(), _failed(error)
            return
        yield from self._compare(session)

    def ordered(self, request: gr.Request, *fields: str | None) -> Iterator[Shown]:
        """The order was typed."""
        session = self._session(request)
        try:
            session.take_order(order_of_fields(session.order, fields))
        except DictationError as error:
            yield gr.skip(), _failed(error)
            return
        yield from self._compare(session)

    def _session(self, request: gr.Request) -> Session:
        key = str(request.session_hash)
        if key not in self._sessions:
            self._sessions[key] = Session(self._engines, self._settings)
        return self._sessions[key]

    def _compare(self, session: Session) -> Iterator[Shown]:
        """Work on the case step by step; without a recording show what is there.

        The old pane stays until the end, unless the files or the order changed. Work that was overtaken says nothing
        more: the newer one will say how it goes.
        """
        if session.recording is None:
            yield self._show(session)
            return
        cancel = session.begin()
        pane = gr.skip() if session.case else self._pane(session)
        yield pane, _bar("transcribing", "starting", fraction=0.0, sent=session.sent)
        shown: Shown
        is_open = False  # the pane has the dictation, and room for what is written
        try:
            for step in steps_of(session.compare, cancel):
                if cancel is not session.cancel:
                    continue
                unfinished = session.unfinished
                pane = self._pane(session) if unfinished and not is_open else gr.skip()
                is_open = is_open or unfinished is not None
                told = _told_of(unfinished) if unfinished else []
                yield pane, _bar("transcribing", step.words, fraction=step.fraction, sent=session.sent, told=told)
        except Cancelled:
            shown = gr.skip(), _bar("error", "Stopped; the recording is kept, so try again when you like.")
        except DictationError as error:
            shown = gr.skip(), _failed(error)
        except Exception as error:
            shown = gr.skip(), _bar("error", _told(error))
        else:
            is_open, shown = False, self._show(session)
        if cancel is session.cancel:
            if is_open:
                shown = self._pane(session), shown[1]
            shown[1]["sent"] = session.sent
            yield shown

    def _show(self, session: Session) -> Shown:
        kept = f"recording kept in {session.spoken.parent}" if session.spoken else ""
        if session.recording is None:
            kept = "Press F9 and speak, or choose a recording."
        case = session.case.id if session.case else ""
        bar = _bar("ready" if case else "idle", kept, case=case, spoken=session.spoken is not None)
        return self._pane(session), bar

    def _pane(self, session: Session) -> str:
        return pane_html(session.view(), keys=_BUTTONS)


def _told_of(unfinished: Unfinished) -> list[dict[str, str]]:
    """What is written so far, beside which sentence it stands; what rests on none waits for the end."""
    return [{"id": s.id, "evidence": s.evidence[0], "text": s.text} for s in unfinished.written if s.evidence]


def _told(error: Exception) -> str:
    """Say that the program itself failed. Its own lines go to the terminal, without the message: it may hold words."""
    sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__}\n")
    return (
        f"The program itself failed ({type(error).__name__}); the recording is kept. Report the lines in the terminal."
    )


def _failed(error: DictationError) -> dict[str, object]:
    return _bar("error", str(error))


def _bar(state: str, message: str, **more: object) -> dict[str, object]:
    return {"state": state, "message": message, "number": next(_NUMBERS), **more}
