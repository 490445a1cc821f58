from pathlib import Path

import pytest

from tests.speech.tiny_lasr import save_tiny_lasr


@pytest.fixture(scope="session")
def tiny_lasr(tmp_path_factory) -> Path:
    return save_tiny_lasr(tmp_path_factory.mktemp("tiny_lasr"))
