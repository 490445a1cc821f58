"""A reader's probabilities → how often a finding was there when it said so, as measured on a site's labelled images.

A calibration belongs to one set of weights in one precision, asked in one way by one version of the code. For any other
reader, and for a finding that it does not know, the probability is left as it is and the opinion stays uncalibrated.
"""

import hashlib
import json
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError

from dictation.frozen import SCHEMA_VERSION, Frozen
from dictation.reading.controls import LEAST_EVIDENCE
from dictation.reading.platt import logits, sigmoid
from dictation.reading.reading import PRESENT
from dictation.speech import Engine
from dictation.speech.calibration import FOLDER

CODE = (  # packages that make what the weights see of an image, or a probability of their answer
    "radiology-dictation",
    "scikit-image",
    "torchvision",  # transformers prepares images with it where it is installed
    "torchxrayvision",
    "transformers",
)
NO_MORE = "the image says no more than how often the finding was there where the reader was calibrated"
PROMPTS = "prompt_version"  # in the settings of an engine's record: what its model is asked

Share = Annotated[float, Field(ge=0, le=1)]


def code_of(engine: Engine) -> dict[str, str]:
    """The versions of the code that changes what a reader says."""
    return {name: engine.versions[name] for name in CODE if name in engine.versions}


class FindingCalibration(Frozen):
    """What was measured of one finding: the logit times `slope` plus `intercept` is that of the calibrated probability.

    `present` and `absent` count images, `patients` those that they are of. `auc` is the area under the reader's ROC
    curve; the Brier scores (mean squared error) are those of its own probabilities, and of calibrated ones on patients
    that they were not fitted to.
    """

    slope: float = Field(gt=0, allow_inf_nan=False)
    intercept: float = Field(allow_inf_nan=False)
    present: int = Field(ge=1)
    absent: int = Field(ge=1)
    patients: int = Field(ge=2)
    auc: Share
    auc_after: Share
    brier: Share
    brier_after: Share


class SiteCalibration(Frozen):
    """What a site measured of one reader. `images` were read; `findings` are those that could be calibrated, by id."""

    schema_version: int = SCHEMA_VERSION
    reader: str
    model: str
    weights_sha256: str = Field(min_length=1)
    precision: str
    prompt_version: str
    versions: dict[str, str]
    findings: dict[str, FindingCalibration] = Field(min_length=1)
    images: int = Field(ge=1)
    made_on: date

    @cached_property
    def record(self) -> str:
        """What stands in the reader's record."""
        digest = hashlib.sha256(self.model_dump_json().encode()).hexdigest()
        return f"calibrated on {self.images} images, sha256 {digest[:16]}"

    def apply(self, finding: str, probability: float) -> float | None:
        """The share of images with such a probability that showed the finding; None where it was not measured."""
        measured = self.findings.get(finding)
        if measured is None:
            return None
        logit = logits(np.array([probability]))[0]
        return float(sigmoid(np.array([measured.slope * logit + measured.intercept]))[0])

    def tells(self, finding: str, calibrated: float) -> bool:
        """Whether the image, and not how frequent the finding was, makes the answer.

        Where one image in twenty shows a nodule, a reader that makes it one in three has seen something, and "no
        nodule, 0.67" would be the frequency speaking. The odds must have at least doubled, or halved, towards the
        answer. `calibrated` is what `apply` gave.
        """
        measured = self.findings[finding]
        usual = measured.present / (measured.present + measured.absent)
        moved = float(np.diff(logits(np.array([usual, calibrated])))[0])
        return (moved if calibrated >= PRESENT else -moved) >= LEAST_EVIDENCE


def calibration_file(home: Path, engine: Engine) -> Path:
    """Where the calibration of a reader lies: named after all that it belongs to."""
    key = json.dumps(_belongs_to(engine))
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return home / FOLDER / f"reader-{engine.name}-{digest[:16]}.json"


def calibration_of(home: Path, engine: Engine) -> SiteCalibration | None:
    """The calibration of this reader where `home` holds one that fits and can be used.

    An engine that does not know its weights has none: another model may answer under the same name tomorrow.
    """
    try:
        found = SiteCalibration.model_validate_json(calibration_file(home, engine).read_bytes())
    except (OSError, ValidationError):
        return None
    fits = [found.reader, found.weights_sha256, found.precision, found.prompt_version, found.versions]
    return found if found.schema_version == SCHEMA_VERSION and fits == _belongs_to(engine) else None


def _belongs_to(engine: Engine) -> list[str | dict[str, str]]:
    asked = engine.settings.get(PROMPTS, "")
    return [engine.name, engine.weights_sha256, engine.precision, asked, code_of(engine)]
