from pathlib import Path

import pytest

from dictation.models.gemma import GemmaModel
from dictation.settings import Settings
from tests.models.tiny_gemma import save_tiny_gemma
from tests.reading.seeing_gemma import taught_gemmas


@pytest.fixture(scope="session")
def taught() -> Path:
    """Three tiny Gemmas that were trained: seeing, ignoring_images, always_left."""
    return taught_gemmas()


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Tiny networks lose more by threads than they win."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def seeing(taught) -> GemmaModel:
    return GemmaModel.load(taught / "seeing", Settings(threads=1))


@pytest.fixture(scope="session")
def ignoring_images(taught) -> GemmaModel:
    return GemmaModel.load(taught / "ignoring_images", Settings(threads=1))


@pytest.fixture(scope="session")
def always_left(taught) -> GemmaModel:
    return GemmaModel.load(taught / "always_left", Settings(threads=1))


@pytest.fixture(scope="session")
def untaught(tmp_path_factory) -> GemmaModel:
    """Random weights."""
    return GemmaModel.load(save_tiny_gemma(tmp_path_factory.mktemp("untaught")), Settings(threads=1))
