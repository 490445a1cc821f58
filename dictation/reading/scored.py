"""A reader over a network that scores a fixed list of findings on frontal chest radiographs, and knows no sides."""

from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Event

import numpy as np

from dictation.exam import Order
from dictation.imaging import Study
from dictation.reading.calibration import NO_MORE, SiteCalibration
from dictation.reading.gate import NotRead, admitted
from dictation.reading.reading import Opinion, Reading
from dictation.speech import Engine

NO_SCORE = "the reader's weights state no operating point for it"
NO_CHANGE = "This reader looks at one image and says nothing of change."


class ScoredReader:
    """An ImageReader that asks one function for all scores of one image."""

    def __init__(
        self,
        engine: Engine,
        findings: Sequence[str],
        scores: Callable[[np.ndarray, Event | None], np.ndarray],
        least_pixels: int,
        calibration: SiteCalibration | None = None,
    ) -> None:
        """Take `scores`, which returns one score 0–1 for each of `findings` (our ids), NaN for none.

        An image whose shorter side has fewer than `least_pixels` is not read.
        """
        self._engine, self._findings, self._scores = engine, tuple(findings), scores
        self._least_pixels, self._calibration = least_pixels, calibration

    @cached_property
    def engine(self) -> Engine:
        """The record of the network, with what its scores are worth."""
        record = self._calibration.record if self._calibration else "uncalibrated"
        return self._engine.model_copy(update={"settings": {**self._engine.settings, "calibration": record}})

    def read(
        self, study: Study, prior: Study | None = None, order: Order | None = None, cancel: Event | None = None
    ) -> Reading:
        """Read the frontal chest radiograph of a study; see ImageReader. Of any other exam nothing is assessed."""
        exam = admitted(study, order)
        if isinstance(exam, NotRead):
            return self._not_read(study, exam.reason)
        pixels = exam.images[0].pixels
        rows, columns = pixels.shape[:2]
        if min(rows, columns) < self._least_pixels:
            return self._not_read(
                study, f"the image has {rows} x {columns} pixels and this reader looks at {self._least_pixels} a side"
            )
        scores = self._scores(pixels, cancel)
        notes = exam.notes if prior is None else (*exam.notes, NO_CHANGE)
        opinions = tuple(
            Opinion(finding=finding, assessed=False, reason=exam.unjudged[finding])
            if finding in exam.unjudged
            else self._opinion(finding, score)
            for finding, score in zip(self._findings, scores, strict=True)
        )
        return Reading(reader=self.engine.name, study=study.id, opinions=opinions, engine=self.engine, notes=notes)

    def _opinion(self, finding: str, score: float) -> Opinion:
        if np.isnan(score):
            return Opinion(finding=finding, assessed=False, reason=NO_SCORE)
        calibrated = self._calibration.apply(finding, float(score)) if self._calibration else None
        if self._calibration and calibrated is not None and not self._calibration.tells(finding, calibrated):
            return Opinion(finding=finding, assessed=False, reason=NO_MORE)
        return Opinion(
            finding=finding,
            probability=float(score) if calibrated is None else calibrated,
            calibrated=calibrated is not None,
            side_assessed=False,
        )

    def _not_read(self, study: Study, reason: str) -> Reading:
        opinions = tuple(Opinion(finding=finding, assessed=False, reason=reason) for finding in self._findings)
        return Reading(reader=self.engine.name, study=study.id, opinions=opinions, engine=self.engine)
