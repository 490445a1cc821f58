"""The report of an open case: by rules while somebody dictates, then written, read and compared.

Each runs in a thread of its own; what is newer stops what is older. Nothing here changes the draft: OpenCase takes up
what comes of it.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Lock, Thread

from dictation.case import Case, review_dictation
from dictation.case.draft import Draft
from dictation.discrepancy.inference import switched
from dictation.errors import WRITING_CANCELLED, Cancelled, DictationError
from dictation.exam import of_exams
from dictation.imaging import Study
from dictation.reading import Reading
from dictation.report import SECTIONS, ExtractiveWriter, Report, Statement, Template
from dictation.report.extractive import template_for
from dictation.report.statements import prepared
from dictation.review.ahead import Ahead
from dictation.review.engines import Engines
from dictation.review.failing import told
from dictation.review.remembering import RememberingWriter
from dictation.settings import Settings
from dictation.wording import Dictation
from dictation.wording.pad import Pad

REST_S = 0.2  # between two reports by rules: a long one takes longer than typing a letter
Told = Callable[[str, str, float], None]  # state of the bar, sentence, share 0 to 1
Turn = Callable[[], AbstractContextManager[None]]


class Reviewing:
    """The work on one case's report.

    From threads of its own it calls `compared` with the case that the engines made, the name of what it rests on, the
    sign that it is no longer wanted and the one that says it was taken up; `grown` when there is more of a report.
    `turns` are what it waits for before it makes a report by rules, and before it compares.
    """

    def __init__(
        self,
        engines: Engines,
        settings: Settings,
        compared: Callable[[Case, str, Event, Event], None],
        grown: Callable[[], None],
        bar: Told,
        turns: tuple[Turn, Turn],
    ) -> None:
        self._growing_turn, self._comparing_turn = turns
        self._engines, self._settings = engines, settings
        self._writer = RememberingWriter(engines.writer)
        self._ahead = Ahead(self._writer, engines.eye)
        self._compared, self._grown, self._bar = compared, grown, bar
        self._cancel = Event()
        self._working: Event | None = None
        self._lock = Lock()
        self._wanted: tuple[Draft, Pad, Template | None] | None = None  # the newest text of which no report grew
        self._is_growing = False
        self.growing = Report()
        """The report by rules of what was dictated so far."""
        self._written: tuple[Statement, ...] = ()

    @property
    def is_working(self) -> bool:
        """Whether a report is being written or compared."""
        return self._working is not None and not self._working.is_set()

    @property
    def being_written(self) -> Report | None:
        """What a model wrote so far of the report that it is writing; None where none is."""
        if not self.is_working or self._cancel.is_set() or not self._writer.rewords:
            return None
        return Report(**{name: tuple(s for s in self._written if s.section == name) for name in SECTIONS})

    def look(self, draft: Draft, study: Study | None) -> None:
        """Let the image be prepared and read while somebody dictates."""
        self._ahead.begin(study, of_exams(draft.orders))

    def grow(self, draft: Draft, pad: Pad, template: Template | None) -> None:
        """Make the report by rules; of several asked for meanwhile the last is made."""
        with self._lock:
            self._wanted = draft, pad, template
            if self._is_growing:
                return
            self._is_growing = True
        Thread(target=self._grow, name="report", daemon=True).start()

    def _grow(self) -> None:
        while True:
            with self._growing_turn():
                with self._lock:
                    wanted, self._wanted = self._wanted, None
                    if wanted is None:
                        self._is_growing = False
                        return
                draft, pad, template = wanted
                try:
                    order = draft.orders[0] if draft.orders else None
                    said = prepared(pad.dictation, template or template_for(pad.dictation, order), draft.organs)
                    self.growing = ExtractiveWriter().write(said, order=order, template=template)
                except Exception as error:
                    told(error)
                    continue
            self._grown()
            time.sleep(REST_S)

    def stop(self) -> None:
        """Stop what is being written or compared."""
        with self._lock:
            self._cancel.set()

    def review(
        self, draft: Draft, dictation: Dictation, study: Study | None, template: Template | None, basis: str
    ) -> None:
        """Write, read and compare; what was being worked on is stopped. `basis` names what it rests on."""
        with self._lock:
            self._cancel.set()
            self._cancel, self._working = Event(), Event()
            work = draft, dictation, study, template, basis, self._cancel, self._working
            self._written = ()
        Thread(target=self._review, args=work, name="case", daemon=True).start()

    def _review(
        self, draft: Draft, dictation: Dictation, study: Study | None, template: Template | None, basis: str,
        cancel: Event, done: Event,
    ) -> None:  # fmt: skip
        try:
            with self._comparing_turn():
                if cancel.is_set():  # while it waited
                    raise Cancelled(WRITING_CANCELLED)
                case = self._case(draft, dictation, study, template, cancel)
            if not cancel.is_set():
                self._compared(case, basis, cancel, done)
        except Cancelled:
            done.set()
            if cancel is self._cancel:
                self._bar("ready", "Stopped; dictate on, or press Alt+R to write the report.", 0)
        except DictationError as error:
            done.set()
            if cancel is self._cancel:
                self._bar("error", str(error), 0)
        except Exception as error:
            done.set()
            sentence = told(error)
            if cancel is self._cancel:
                self._bar("error", sentence, 0)
        finally:
            done.set()

    def _case(
        self, draft: Draft, dictation: Dictation, study: Study | None, template: Template | None, cancel: Event
    ) -> Case:
        order = draft.orders[0] if draft.orders else None
        writes = draft.pasted is None and self._writer.rewords
        name = self._writer.engine.name
        self._bar("writing", f"{name} is writing the report" if writes else "comparing", 0.1)

        def wrote(statement: Statement) -> None:
            if not cancel.is_set():
                self._written += (statement,)
                self._grown()
                self._bar("writing", f"{name} is writing the report: {len(self._written)} so far", 0.5)

        def readings() -> tuple[Reading, ...]:
            exams = of_exams(draft.orders)
            self._ahead.begin(study, exams, cancel)
            if self._ahead.is_reading():
                self._bar("writing", "waiting for the reading of the image", 0.9)
            return (*draft.readings, *self._ahead.readings(study, exams, cancel))

        case = review_dictation(
            dictation,
            writer=self._writer,
            order=order,
            study=study,
            readings=readings,
            written=draft.pasted,
            template=None if draft.pasted is not None else template,
            style=self._engines.style,
            kinds=switched(self._settings.inferences),
            organs=draft.organs,
            cancel=cancel,
            told=wrote if writes else None,
        )
        return case.model_copy(update={"id": draft.id})
