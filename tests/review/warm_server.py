"""Loaded once by the process that all servers of a test are forked from: what takes seconds to import."""

from dictation.settings import Settings
from dictation.speech.medasr.recognizer import MedASRRecognizer
from tests.review import mortal_server
from tests.speech.tiny_lasr import SMALL_LASR

MedASRRecognizer.load(SMALL_LASR, Settings(medasr_precision="float32"))
__all__ = ["mortal_server"]
