"""text → Claims: assertion, side, measurement, level. Pure, fast, no model."""

from dictation.findings.claim import Claim, Measurement, Source
from dictation.findings.claims import claims_of_dictation, extract
from dictation.findings.sentences import SentenceSpan

__all__ = ["Claim", "Measurement", "SentenceSpan", "Source", "claims_of_dictation", "extract"]
