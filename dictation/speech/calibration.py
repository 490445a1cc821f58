"""A recognizer's confidences → the share of such words that were right, as measured on labelled recordings.

A calibration belongs to one set of weights in one precision with one way of decoding: for any other the confidences are
left as the recognizer gave them, and the record says "uncalibrated". It never changes which of two words is surer.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from dictation.frozen import SCHEMA_VERSION, Frozen
from dictation.speech.transcript import Engine, Word

FOLDER = "calibration"  # below the user's home
SILENT = frozenset({"batch", "because", "chosen", "confidence", "guessed_punctuation", "instead_of", "threads"})
"""Settings in an engine's record that change no confidence."""

Share = Annotated[float, Field(ge=0, le=1)]


class Calibration(Frozen):
    """What was measured. `points` are pairs (confidence, share of right words), neither ever falling.

    `words`, of which `wrong` were not what was said, came from the recordings with the SHA-256s in `recordings`; marks
    are not counted. `error_before` and `error_after` are the expected calibration errors of the recognizer's own
    confidences and of the calibrated ones, the latter on recordings that they were not fitted to.
    """

    schema_version: int = SCHEMA_VERSION
    engine: str
    model: str
    weights_sha256: str
    precision: str
    decoding: dict[str, Any]
    points: tuple[tuple[Share, Share], ...] = Field(min_length=1)
    words: int = Field(ge=1)
    wrong: int = Field(ge=0)
    recordings: tuple[str, ...]
    error_before: Share
    error_after: Share
    made_on: date

    @model_validator(mode="after")
    def _never_falls(self) -> Self:
        for (low, share), (high, larger) in pairwise(self.points):
            if not (low < high and share <= larger):
                raise ValueError("the points of a calibration must rise")
        return self

    def probability(self, confidence: float) -> float:
        """The share of words with such a confidence, 0–1, that were right."""
        confidences, shares = zip(*self.points, strict=True)
        return float(np.interp(confidence, confidences, shares))


@dataclass(frozen=True)
class Confidence:
    """How the confidences of one recognizer are meant. `record` stands under "confidence" in its engine record."""

    calibration: Calibration | None
    record: str

    def applied(self, words: Iterable[Word]) -> tuple[Word, ...]:
        """The words with calibrated confidences. To be called once on a word: twice would calibrate it twice."""
        calibration = self.calibration
        if calibration is None:
            return tuple(words)
        return tuple(
            word
            if word.confidence is None
            else word.model_copy(update={"confidence": round(calibration.probability(word.confidence), 4)})
            for word in words
        )


UNCALIBRATED = Confidence(None, "uncalibrated")


def decoding_of(engine: Engine) -> dict[str, Any]:
    """The settings of an engine's record that a confidence may depend on."""
    return {name: value for name, value in sorted(engine.settings.items()) if name not in SILENT}


def calibration_file(home: Path, engine: Engine) -> Path:
    """Where the calibration of this engine lies: named after its weights, its precision and its decoding."""
    key = json.dumps([engine.name, engine.precision, decoding_of(engine)], sort_keys=True, default=str)
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return home / FOLDER / f"{engine.weights_sha256[:16] or engine.name}-{digest[:16]}.json"


def confidence_of(home: Path, engine: Engine) -> Confidence:
    """The calibration of this engine where `home` holds one, else UNCALIBRATED.

    One that cannot be used leaves the confidences as they are, and the record says why: the dictation goes on.
    """
    path = calibration_file(home, engine)
    try:
        content = path.read_bytes()
        calibration = Calibration.model_validate_json(content)
    except FileNotFoundError:
        return UNCALIBRATED
    except (OSError, ValidationError):
        return _unusable(path)
    if (calibration.schema_version, calibration.weights_sha256) != (SCHEMA_VERSION, engine.weights_sha256):
        return _unusable(path)
    digest = hashlib.sha256(content).hexdigest()
    return Confidence(calibration, f"calibrated on {calibration.words} words, sha256 {digest[:16]}")


def _unusable(path: Path) -> Confidence:
    return Confidence(None, f"uncalibrated: {FOLDER}/{path.name} cannot be used; run dictation calibrate again")
