"""text → Claims: assertion, side, measurement, level. Pure, fast, no model."""

from dictation.findings.claim import Claim, Measurement

__all__ = ["Claim", "Measurement"]
