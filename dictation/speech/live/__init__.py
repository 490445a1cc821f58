"""Live dictation: numbered blocks of sound in, provisional and final words out, for every recognizer."""

from dictation.speech.live.events import Event, Final, Notice, Partial
from dictation.speech.live.finishing import finish_from
from dictation.speech.live.session import LiveSession
from dictation.speech.live.timing import Timing

__all__ = ["Event", "Final", "LiveSession", "Notice", "Partial", "Timing", "finish_from"]
