"""Any recording → 16 kHz mono float32 in [-1, 1]; where in it somebody speaks; the journal of a live capture."""

from dictation.audio.journal import Journal, unfinished
from dictation.audio.marks import Hearing
from dictation.audio.recording import Recording
from dictation.audio.resample import SAMPLE_RATE
from dictation.audio.voice import Window, speech_spans, windows

__all__ = ["SAMPLE_RATE", "Hearing", "Journal", "Recording", "Window", "speech_spans", "unfinished", "windows"]
