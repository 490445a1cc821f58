"""One reader at one page: what was given so far, the case it became, and what was decided on it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock
from typing import Literal, get_args

from dictation.audio import Recording
from dictation.case import Case, Decision, hear, review_dictation
from dictation.case.accepting import accepted, accepted_again, taken_back
from dictation.discrepancy.inference import switched
from dictation.discrepancy.ranking import learned
from dictation.errors import Cancelled, DictationError, UsageError
from dictation.exam import Order
from dictation.exchange import CaseView
from dictation.exchange.view import Stage
from dictation.reading import Reading
from dictation.report import ExtractiveWriter, Report, Statement
from dictation.review.ahead import Ahead
from dictation.review.engines import Engines
from dictation.review.given import Given, Unfinished
from dictation.review.inputs import Files
from dictation.review.remembering import Remembering, RememberingWriter
from dictation.review.verdicts import note_verdict, verdicts
from dictation.settings import Settings
from dictation.wording import Dictation

TITLE = "Review before sign-off"
LOCAL_READER = "reader at this workstation"  # accounts and signatures come with the records of cases
LONGEST_SOUND_S = 1800  # half an hour, 115 MB: beyond that the page shows the seconds and plays nothing
Action = Literal["take_heard", "take_written", "dismiss", "reopen"]


@dataclass
class Session:
    """The one object that changes while somebody works. Nothing here is shared between two pages.

    `spoken` is the microphone's recording, `typed` and `pasted` what was entered by hand: each wins over its file
    until a new file of that kind arrives. `sent` is the upload that `spoken` was kept from. `cancel` belongs to the
    work that is going on; who holds another one was overtaken.
    """

    engines: Engines
    settings: Settings
    files: Files = field(default_factory=Files)
    spoken: Path | None = None
    sent: str = ""
    typed: Order | None = None
    pasted: Report | None = None
    cancel: Event = field(default_factory=Event)
    _compared: tuple[Given, CaseView] | None = None  # never the case without the pictures and the sound it rests on
    _spoken_for: Order | None = None  # the last order that `spoken` was compared under
    _is_stale: bool = False  # the files or the order changed since
    _unfinished: Unfinished | None = None  # what the work that is going on, or was stopped, has so far
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Hear each recording once, and write each report once."""
        ear, writer = Remembering(self.engines.ear), RememberingWriter(self.engines.writer)
        self.engines = replace(self.engines, ear=ear, writer=writer)
        self._ahead = Ahead(writer, self.engines.eye)

    def begin(self) -> Event:
        """Stop the work that is going on and return the sign by which the next can be stopped."""
        with self._lock:
            return self._begin()

    def clear(self) -> None:
        """Begin a new case. Work that is still going on is stopped; recordings on disk stay where they are."""
        with self._lock:
            self._begin()
            self.files, self.spoken, self.sent, self.typed, self.pasted = Files(), None, "", None, None
            self._compared, self._is_stale, self._spoken_for = None, False, None
            self._ahead.begin(None, None)

    def take_files(self, files: Files) -> None:
        """Take in the files that are listed now. What was compared before is no longer shown."""
        with self._lock:
            self._begin()
            if files.recording and files.recording != self.files.recording:
                self.spoken = self._spoken_for = None
            if files.order != self.files.order:
                self.typed = None
            if files.written and files.written != self.files.written:
                self.pasted = None
            self._is_stale = True
            self.files = files
            self._ahead.begin(files.study, self.order)

    def take_order(self, order: Order | None) -> None:
        """Take in the order as it was typed. What was compared with another one is no longer shown."""
        with self._lock:
            self._begin()
            self._is_stale = self._is_stale or order != self.order
            self.typed = order
            self._ahead.begin(self.files.study, self.order)

    @property
    def recording(self) -> Path | None:
        """The recording of this case."""
        return self.spoken or self.files.recording

    @property
    def order(self) -> Order | None:
        """The order of this case."""
        return self.typed or self.files.order

    @property
    def written(self) -> Report | None:
        """The report to check; None: one is written."""
        return self.pasted or self.files.written

    @property
    def case(self) -> Case | None:
        """The comparison of what is given now; None: not made yet."""
        return self._compared[1].case if self._compared and not self._is_stale else None

    def compare(self, progress: Callable[[float, str], None], cancel: Event) -> Case:
        """Hear, write, read and compare what was given, and keep the case.

        Decisions stay with the differences that are found again, unless the case has become another one. Raises
        DictationError where the recording cannot be heard; what was given before stays.
        """
        with self._lock:
            given, spoken, before = self._given(), self.spoken, self._spoken_for
        if given.recording is None:
            raise UsageError("There is no recording yet; press F9 and speak, or choose a recording.")
        if spoken and before and given.order and _are_two(before, given.order):
            raise UsageError(
                "The recording was made under another patient's order; press New case, then record or choose the kept "
                "recording."
            )
        recording = Recording(given.recording)
        place, name = str(given.recording), "The recording" if spoken else given.recording.name
        try:
            dictation = hear(
                recording,
                recognizer=self.engines.ear,
                order=given.order,
                spelling=self.settings.spelling,
                guessed_punctuation=self.settings.guessed_punctuation,
                progress=progress,
                cancel=cancel,
            )
            case = self._reviewed(given, dictation, progress, cancel)
            samples = recording.samples() if recording.duration_s() <= LONGEST_SOUND_S else None
        except BaseException as error:
            cancel.set()  # this work is over: what it has begun to write stays unfinished
            if isinstance(error, DictationError):
                raise type(error)(str(error).replace(place, name)) from error
            raise
        warnings = tuple(warning.replace(place, name) for warning in case.warnings)
        images = given.study.images if given.study else ()
        with self._lock:
            if cancel.is_set():  # a newer piece of the case, or a new case, came in meanwhile
                raise Cancelled("The work was stopped; the recording is kept.")
            found = {difference.id for difference in case.discrepancies}
            decisions = self._compared[1].case.decisions if self._compared and given.goes_on(self._compared[0]) else ()
            kept = tuple(decision for decision in decisions if decision.discrepancy_id in found)
            case = case.model_copy(update={"decisions": kept, "warnings": warnings})
            if self._compared and given.goes_on(self._compared[0]):
                case = accepted_again(case, self._compared[1].case, switched(self.settings.inferences))
            self._compared = (
                given,
                CaseView(
                    title=TITLE,
                    case=case,
                    images=images,
                    samples=samples,
                    precisions=learned(verdicts(self.settings.home)),
                ),
            )
            self._is_stale, self._unfinished = False, None
            if spoken and given.order:
                self._spoken_for = given.order
            return case

    def _reviewed(
        self, given: Given, dictation: Dictation, progress: Callable[[float, str], None], cancel: Event
    ) -> Case:
        """Write the report of a dictation, wait for the reading of the image, compare."""
        writer = self.engines.writer
        writes = given.written is None and writer.rewords
        if writes:
            self._begin_writing(given, dictation, cancel)
            progress(0.9, f"{writer.engine.name} is writing the report")

        def told(statement: Statement) -> None:
            with self._lock:
                if cancel.is_set() or self._unfinished is None:
                    return
                self._unfinished.written += (statement,)
                number = len(self._unfinished.written)
            progress(0.9, f"{writer.engine.name} is writing the report: {number} so far")

        def readings() -> tuple[Reading, ...]:
            self._ahead.begin(given.study, given.order)
            if self._ahead.is_reading():
                progress(0.95, "waiting for the reading of the image")
            return (*given.readings, *self._ahead.readings(given.study, given.order, cancel))

        return review_dictation(
            dictation,
            writer=writer,
            order=given.order,
            study=given.study,
            readings=readings,
            written=given.written,
            style=self.engines.style,
            kinds=switched(self.settings.inferences),
            cancel=cancel,
            told=told if writes else None,
        )

    def _begin_writing(self, given: Given, dictation: Dictation, cancel: Event) -> None:
        draft = ExtractiveWriter().write(dictation, order=given.order, study=given.study, cancel=cancel)
        with self._lock:
            if not cancel.is_set():
                self._unfinished, self._is_stale = Unfinished(given, dictation, draft, cancel), True

    def decide(self, discrepancy_id: str, action: Action) -> None:
        """Settle one difference, or open it again with the action "reopen".

        Raises UsageError for an action or a difference that this case does not have.
        """
        with self._lock:
            case = self.case
            known = {d.id for d in case.discrepancies} if case else set()
            if self._compared is None or case is None or discrepancy_id not in known or action not in get_args(Action):
                raise UsageError("The page decided on something that this case does not have; look at it again.")
            decisions = tuple(d for d in case.decisions if d.discrepancy_id != discrepancy_id)
            if action != "reopen":
                now = datetime.now(UTC)
                decisions += (Decision(discrepancy_id=discrepancy_id, action=action, by=LOCAL_READER, at=now),)
            given, view = self._compared
            self._compared = given, replace(view, case=case.model_copy(update={"decisions": decisions}))
        decided = next(d for d in case.discrepancies if d.id == discrepancy_id)
        note_verdict(self.settings.home, case, decided, {"reopen": None, "dismiss": False}.get(action, True))

    def accept(self, statement_id: str, is_accepted: bool = True) -> None:
        """Take a suggestion into the report, or out of it again. Raises UsageError for what this case does not have."""
        kinds = switched(self.settings.inferences)
        with self._lock:
            case = self.case
            if self._compared is None or case is None:
                raise UsageError("There is no report to take a suggestion into; write one first.")
            if is_accepted:
                changed = accepted(case, statement_id, LOCAL_READER, kinds)
            else:
                changed = taken_back(case, statement_id, kinds)
            given, view = self._compared
            self._compared = given, replace(view, case=changed)

    def view(self) -> CaseView:
        """The comparison with its own pictures and sound; where there is none, only what is given now."""
        with self._lock:
            if self._compared and not self._is_stale:
                return self._compared[1]
            unfinished = self._unfinished
            given = unfinished.given if unfinished else self._given()
        engines = self.engines.named()
        if given.written is not None:
            del engines["writer"]
        case = Case(
            id="new",
            orders=(given.order,) if given.order else (),
            facts=given.study.facts if given.study else None,
            dictation=unfinished.dictation if unfinished else Dictation(sentences=()),
            report=unfinished.draft if unfinished else given.written or Report(),
            readings=given.readings,
            engines=engines,
            warnings=given.study.warnings if given.study else (),
        )
        stage: Stage = "given" if unfinished is None else "stopped" if unfinished.cancel.is_set() else "writing"
        return CaseView(title=TITLE, case=case, images=given.study.images if given.study else (), stage=stage)

    @property
    def unfinished(self) -> Unfinished | None:
        """What is heard and written so far of a report that is being written; None where none is."""
        return self._unfinished

    def _begin(self) -> Event:
        self.cancel.set()
        self.cancel, self._unfinished = Event(), None
        return self.cancel

    def _given(self) -> Given:
        files = self.files
        return Given(self.recording, files.recording, self.order, files.study, files.readings, self.written)


def _are_two(one: Order, other: Order) -> bool:
    """Tell whether two orders name two patients, and not one whose name or birth date was corrected."""
    if one.patient_id and other.patient_id:
        return one.patient_id != other.patient_id
    names, dates = (one.name, other.name), (one.birth_date, other.birth_date)
    return all((*names, *dates)) and names[0] != names[1] and dates[0] != dates[1]
