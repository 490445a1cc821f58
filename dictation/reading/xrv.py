"""TorchXRayVision as a reader: the findings of its network under our names.

A score of 0.5 is the network's operating point, so it says whether a finding is there; how likely that is, only a
calibration says.
"""

from threading import Event

import numpy as np

from dictation.models.xrv import SIZE, XrvModel
from dictation.reading.calibration import SiteCalibration
from dictation.reading.opinions import finding_of
from dictation.reading.scored import ScoredReader


def xrv_reader(model: XrvModel, calibration: SiteCalibration | None = None) -> ScoredReader:
    """Make a reader of a network. A finding that the lexicon does not know keeps the network's name."""
    named = [number for number, name in enumerate(model.findings) if name]  # some networks leave places empty

    def scores(pixels: np.ndarray, cancel: Event | None) -> np.ndarray:
        return model.scores(pixels, cancel)[named]

    findings = [finding_of(model.findings[number]) or f"other:{model.findings[number]}" for number in named]
    return ScoredReader(model.engine, findings, scores, SIZE, calibration)
