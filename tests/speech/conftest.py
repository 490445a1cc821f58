from pathlib import Path

import pytest

from tests.speech.tiny_lasr import SMALL_LASR, save_tiny_lasr


@pytest.fixture(scope="session")
def tiny_lasr(tmp_path_factory) -> Path:
    return save_tiny_lasr(tmp_path_factory.mktemp("tiny_lasr"))


@pytest.fixture(scope="session")
def small():
    """The small trained MedASR's network in fp32: it knows its clips by heart. Who changes it loads one of his own."""
    from dictation.settings import Settings
    from dictation.speech.medasr.weights import find, load

    return load(find(SMALL_LASR), Settings(medasr_precision="float32"))
