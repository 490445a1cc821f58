"""One reader at one page: what was given so far, the case it became, and what was decided on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Literal, get_args

import numpy as np

from dictation.audio import Recording
from dictation.case import Case, Decision, open_case
from dictation.errors import Cancelled, DictationError, UsageError
from dictation.exam import Order
from dictation.exchange import CaseView
from dictation.report import ExtractiveWriter, Report
from dictation.review.inputs import Files
from dictation.review.remembering import Remembering
from dictation.settings import Settings
from dictation.speech.recognizer import Recognizer
from dictation.wording import Dictation

LOCAL_READER = "reader at this workstation"  # accounts and signatures come with the records of cases
LONGEST_SOUND_S = 1800  # half an hour, 115 MB: beyond that the page shows the seconds and plays nothing
Action = Literal["take_heard", "take_written", "dismiss", "reopen"]


@dataclass
class Session:
    """The one object that changes while somebody works. Nothing here is shared between two pages.

    `spoken` is the microphone's recording, `typed` and `pasted` what was entered by hand: each wins over its file
    until a new file of that kind arrives.
    """

    recognizer: Recognizer
    settings: Settings
    files: Files = field(default_factory=Files)
    spoken: Path | None = None
    typed: Order | None = None
    pasted: Report | None = None
    case: Case | None = None
    samples: np.ndarray | None = None
    cancel: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        """Hear each recording once."""
        self.recognizer = Remembering(self.recognizer)

    def clear(self) -> None:
        """Begin a new case. Work that is still going on is stopped; recordings on disk stay where they are."""
        self.cancel.set()
        self.cancel = Event()
        self.files, self.spoken, self.typed, self.pasted = Files(), None, None, None
        self.case, self.samples = None, None

    def take_files(self, files: Files) -> None:
        """Take in the files that are listed now."""
        if files.recording and files.recording != self.files.recording:
            self.spoken = None
        if files.order != self.files.order:
            self.typed = None
        if files.written and files.written != self.files.written:
            self.pasted = None
        self.files = files

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

    def compare(self, progress: Callable[[float, str], None], cancel: Event) -> Case:
        """Hear, write, read and compare what was given, and keep the case.

        Decisions stay with the differences that are found again. Raises DictationError where the recording cannot be
        heard; what was given before stays.
        """
        if self.recording is None:
            raise UsageError("There is no recording yet; press F9 and speak, or choose a recording.")
        recording = Recording(self.recording)
        place, name = str(self.recording), "The recording" if self.spoken else self.recording.name
        try:
            case = open_case(
                recording,
                recognizer=self.recognizer,
                writer=ExtractiveWriter(),
                order=self.order,
                study=self.files.study,
                readings=self.files.readings,
                written=self.written,
                spelling=self.settings.spelling,
                progress=progress,
                cancel=cancel,
            )
        except DictationError as error:
            raise type(error)(str(error).replace(place, name)) from error
        if cancel.is_set():  # a newer piece of the case came in meanwhile
            raise Cancelled("The work was stopped; the recording is kept.")
        found = {difference.id for difference in case.discrepancies}
        kept = tuple(d for d in (self.case.decisions if self.case else ()) if d.discrepancy_id in found)
        self.samples = recording.samples() if recording.duration_s() <= LONGEST_SOUND_S else None
        warnings = tuple(warning.replace(place, name) for warning in case.warnings)
        self.case = case.model_copy(update={"decisions": kept, "warnings": warnings})
        return self.case

    def decide(self, discrepancy_id: str, action: Action) -> None:
        """Settle one difference, or open it again with the action "reopen".

        Raises UsageError for an action or a difference that this case does not have.
        """
        known = {d.id for d in self.case.discrepancies} if self.case else set()
        if self.case is None or discrepancy_id not in known or action not in get_args(Action):
            raise UsageError("The page decided on something that this case does not have; load it again.")
        decisions = tuple(d for d in self.case.decisions if d.discrepancy_id != discrepancy_id)
        if action != "reopen":
            now = datetime.now(UTC)
            decisions += (Decision(discrepancy_id=discrepancy_id, action=action, by=LOCAL_READER, at=now),)
        self.case = self.case.model_copy(update={"decisions": decisions})

    def view(self) -> CaseView:
        """The case as it stands; before the first dictation one that holds only what was given."""
        study = self.files.study
        engines = {"ear": self.recognizer.engine}
        if self.written is None:
            engines["writer"] = ExtractiveWriter().engine
        case = self.case or Case(
            id="new",
            orders=(self.order,) if self.order else (),
            facts=study.facts if study else None,
            dictation=Dictation(sentences=()),
            report=self.written or Report(),
            readings=self.files.readings,
            engines=engines,
            warnings=study.warnings if study else (),
        )
        images = study.images if study else ()
        return CaseView(title="Review before sign-off", case=case, images=images, samples=self.samples)
