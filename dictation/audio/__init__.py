"""Any recording → 16 kHz mono float32 in [-1, 1]."""

from dictation.audio.recording import SAMPLE_RATE, Recording

__all__ = ["SAMPLE_RATE", "Recording"]
