from pathlib import Path

import pytest

from tests.speech.tiny_lasr import SMALL_LASR, save_tiny_lasr


@pytest.fixture(scope="session")
def tiny_lasr(tmp_path_factory) -> Path:
    return save_tiny_lasr(tmp_path_factory.mktemp("tiny_lasr"))


@pytest.fixture(scope="session")
def ear(settings):
    """The small trained MedASR: it knows its clips by heart."""
    from dictation.speech.medasr.recognizer import MedASRRecognizer

    return MedASRRecognizer.load(SMALL_LASR, settings)
