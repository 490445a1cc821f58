"""What is seen: one reader's opinions on one study. Not assessed is a state of its own, never an empty list."""

from typing import Literal

from pydantic import Field, model_validator

from dictation.frozen import Frozen, Many
from dictation.speech import Engine

PRESENT = 0.5  # probability from which a reader holds a finding to be there


class Opinion(Frozen):
    """One reader's view on one finding.

    `probability` 0–1 that the finding is present; `box` is [y0, x0, y1, x1] in pixels of the displayed image.
    `assessed` False needs a `reason`. `side_assessed` False: laterality says nothing even where it is given. Of an
    assessed opinion `reason` may say why its side or change is not assessed. `site`: the parts of the body where the
    reader looked for the finding, as ids of places ("rib"); none: wherever the image shows it.
    """

    finding: str = Field(min_length=1)
    site: Many[str] = ()
    assessed: bool = True
    reason: str = ""
    laterality: Literal["left", "right", "bilateral", "midline"] | None = None
    side_assessed: bool = True
    probability: float | None = Field(default=None, ge=0, le=1)
    change: Literal["new", "increased", "decreased", "stable", "resolved"] | None = None
    box: tuple[float, float, float, float] | None = None
    calibrated: bool = False

    @property
    def name(self) -> str:
        """The finding in words, with the place that it is limited to: "fracture of rib or clavicle"."""
        places = " or ".join(self.site).replace("_", " ")
        return self.finding.replace("_", " ") + (f" of {places}" if places else "")

    @model_validator(mode="after")
    def _stated(self) -> "Opinion":
        if self.assessed and self.probability is None:
            raise ValueError("an assessed opinion needs a probability; else state assessed false and a reason")
        if not self.assessed and not self.reason:
            raise ValueError("an opinion that is not assessed needs a reason")
        if self.box is not None and not (0 <= self.box[0] < self.box[2] and 0 <= self.box[1] < self.box[3]):
            raise ValueError("a box is [y0, x0, y1, x1] in pixels, with y0 < y1 and x0 < x1")
        return self


class Reading(Frozen):
    """The opinions of one named reader on one study, by its StudyInstanceUID or accession number.

    `engine` is what is needed to get them again, where it is known. `notes` are sentences on what had to be assumed or
    was left out; they never name the patient.
    """

    reader: str = Field(min_length=1)
    study: str = ""
    description: str | None = None
    opinions: Many[Opinion]
    engine: Engine | None = None
    notes: Many[str] = ()
