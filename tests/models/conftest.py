import pytest

from dictation.models.gemma import GemmaModel
from dictation.settings import Settings
from tests.models.llama_server import LlamaServer
from tests.models.tiny_gemma import save_tiny_gemma


@pytest.fixture(scope="session")
def tiny_gemma(tmp_path_factory):
    return save_tiny_gemma(tmp_path_factory.mktemp("tiny_gemma"))


@pytest.fixture(scope="session")
def llama():
    """A real server with a real small model."""
    with LlamaServer() as server:
        yield server


@pytest.fixture
def one_thread():
    """Tiny networks lose more by threads than they win."""
    import torch

    threads = torch.get_num_threads()
    yield Settings(threads=1)
    torch.set_num_threads(threads)


@pytest.fixture
def gemma(tiny_gemma, one_thread) -> GemmaModel:
    return GemmaModel.load(tiny_gemma, one_thread)
