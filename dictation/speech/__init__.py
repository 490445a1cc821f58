"""audio → Transcript: the recognizers."""

from dictation.speech.transcript import Alternative, Engine, Transcript, Word

__all__ = ["Alternative", "Engine", "Transcript", "Word"]
