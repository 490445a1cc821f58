"""One case as somebody looks at it: the case, its pictures and its sound, and what to call it."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from dictation.case import Case
from dictation.case.doubtful import DoubtfulWord
from dictation.case.wordings import Wordings
from dictation.discrepancy.ranking import Precisions, measured
from dictation.imaging import StudyImage
from dictation.report.fields import Field

# given: nothing was heard yet; writing, stopped: heard, and the report is only begun; compared: everything is there.
Stage = Literal["given", "writing", "stopped", "compared"]


@dataclass(frozen=True)
class CaseView:
    """A case to be shown.

    `samples` is the recording, float32 in [-1, 1] at 16 kHz, shape (n,); None where nothing was spoken or it is not at
    hand: the page then shows when each stretch was said and plays none. The first of `images` is the key image.
    `served`: the page can ask its own server for any stretch of sound and for the pixels, so it embeds neither.
    `fields` are those of the report, filled and open (`filled_report`); None: those that its text leaves open.
    `wordings` are a person's that fit the report no more, `asked` the words that are to be checked before signing.
    `precisions` rank the cards. At the stages "writing" and "stopped" the report of the case only says where each
    sentence belongs, and is not shown; before "compared" no opinion of a reader is.
    """

    title: str
    case: Case
    images: tuple[StudyImage, ...] = ()
    samples: np.ndarray | None = None
    precisions: Precisions = field(default_factory=measured)
    stage: Stage = "compared"
    served: bool = False
    fields: tuple[Field, ...] | None = None
    wordings: tuple[Wordings, ...] = ()
    asked: tuple[DoubtfulWord, ...] = ()

    def held_back(self) -> "CaseView":
        """Before the comparison: the case with the names of its readers and nothing of what they see.

        The radiologist looks first.
        """
        if self.stage == "compared":
            return self
        blank = {"opinions": (), "description": None, "notes": ()}
        readings = tuple(reading.model_copy(update=blank) for reading in self.case.readings)
        return replace(self, case=self.case.model_copy(update={"readings": readings, "discrepancies": ()}))

    @property
    def duration_s(self) -> float:
        """Seconds of dictation, all recordings together."""
        return sum(transcript.duration_s for transcript in self.case.dictation.transcripts)
