from pathlib import Path

import pytest

from tests.speech.tiny_lasr import save_tiny_lasr

CLIPS = Path(__file__).parent.parent / "audio" / "data"


@pytest.fixture(scope="session")
def tiny_lasr(tmp_path_factory) -> Path:
    return save_tiny_lasr(tmp_path_factory.mktemp("tiny_lasr"))


@pytest.fixture(scope="session")
def tiny_lasr_half(tmp_path_factory) -> Path:
    return save_tiny_lasr(tmp_path_factory.mktemp("tiny_lasr_half"), half=True)


@pytest.fixture(scope="session")
def clips() -> list[Path]:
    return sorted(CLIPS.glob("*.flac"))
