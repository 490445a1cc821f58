"""MedSigLIP as a reader: which of two sentences fits the image better, that there is or is no finding.

The sentences are data (`siglip_pairs.tsv`).

It shares its vision tower's family with MedGemma, so the two of them agreeing says less than two readers would.
"""

from hashlib import sha256
from threading import Event

import numpy as np

from dictation.lexicon import rows
from dictation.models.siglip import SiglipModel
from dictation.reading.calibration import PROMPTS, SiteCalibration
from dictation.reading.scored import ScoredReader
from dictation.speech import Engine


def medsiglip_reader(model: SiglipModel, calibration: SiteCalibration | None = None) -> ScoredReader:
    """Make a reader of a model; the sentences are encoded now, once. Several pairs of a finding are averaged."""
    table = rows("siglip_pairs")
    encoded = model.encoded([(row["positive"], row["negative"]) for row in table])
    findings = list(dict.fromkeys(row["finding"] for row in table))
    pairs_of = [[number for number, row in enumerate(table) if row["finding"] == finding] for finding in findings]

    def scores(pixels: np.ndarray, cancel: Event | None) -> np.ndarray:
        found = model.probabilities(pixels, encoded, cancel)
        return np.array([found[pairs].mean() for pairs in pairs_of])

    return ScoredReader(record(model), findings, scores, model.side, calibration)


def record(model: SiglipModel) -> Engine:
    """The record of the model with the SHA-256 of all pairs: a calibration holds for one version of them only."""
    said = [row[name] for row in rows("siglip_pairs") for name in ("finding", "positive", "negative")]
    version = sha256("\n".join(said).encode()).hexdigest()
    return model.engine.model_copy(update={"settings": {**model.engine.settings, PROMPTS: version}})
