from dictation.weights import sha256_of
from tests.models.gemma_270m import WEIGHTS, gguf


def test_the_packages_hold_the_pinned_weights(tmp_path):
    path = gguf(tmp_path)
    assert sha256_of(path) == WEIGHTS.sha256
    assert path.read_bytes()[:4] == b"GGUF"
    assert gguf(tmp_path) == path
