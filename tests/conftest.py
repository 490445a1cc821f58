"""What several rooms' tests share: a cache of our own, the embedded recognizer, the example dictations."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "audio_samples"


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory):
    """No test reads or writes the user's own cache or home."""
    os.environ["DICTATION_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    os.environ["DICTATION_HOME"] = str(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def settings(own_folders):
    from dictation.settings import Settings

    return Settings()


@pytest.fixture(scope="session")
def embedded(settings):
    """The embedded Whisper, loaded once."""
    from dictation.speech.whisper.recognizer import WhisperRecognizer

    return WhisperRecognizer.embedded(settings)
