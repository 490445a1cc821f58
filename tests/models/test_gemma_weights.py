import shutil

import pytest

from dictation.errors import MissingError
from dictation.models.gemma_weights import find, load
from tests.models.tiny_gemma import save_tiny_gemma


@pytest.fixture
def copied(tiny_gemma, tmp_path):
    return shutil.copytree(tiny_gemma, tmp_path / "copied")


def test_weights_in_several_files(tiny_gemma, tmp_path):
    sharded = save_tiny_gemma(tmp_path / "sharded", shards="40KB")
    shards = sorted(sharded.glob("model-*.safetensors"))
    assert len(shards) > 1
    one, several = load(find(tiny_gemma), 1), load(find(sharded), 1)
    for name, weight in one.network.state_dict().items():
        assert weight.equal(several.network.state_dict()[name]), name
    assert several.sha256 not in ("", one.sha256)
    shards[0].unlink()
    with pytest.raises(MissingError, match=rf"{shards[0].name} is missing"):
        find(sharded)


def test_weights_that_lack_a_layer_are_named(copied):
    from safetensors.torch import load_file, save_file

    weights = load_file(copied / "model.safetensors")
    del weights[next(name for name in weights if "q_proj" in name)]
    save_file(weights, copied / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(MissingError, match="1 of the model's weights are missing"):
        load(find(copied), 1)
