import shutil

import pytest

from dictation.errors import MissingError
from dictation.models.gemma_weights import find, load
from tests.models.tiny_gemma import save_tiny_gemma


@pytest.fixture
def copied(tiny_gemma, tmp_path):
    return shutil.copytree(tiny_gemma, tmp_path / "copied")


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json", "processor_config.json"])
def test_a_folder_without_one_of_its_files_names_it(file, copied):
    (copied / file).unlink()
    with pytest.raises(MissingError, match=rf"copied: {file} is missing; give a folder with a MedGemma model"):
        find(copied)


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


@pytest.mark.parametrize(
    ("file", "written", "says"),
    [
        ("config.json", '{"model_type": "whisper"}', "a model of type whisper, not gemma3"),
        ("config.json", '{"model_type": ', "it is damaged; get the file again"),
        ("config.json", "[]", "it is damaged; get the file again"),
        *(
            ("model.safetensors.index.json", written, "it is damaged; get the file again")
            for written in ("[]", "{}", '{"weight_map": []}', '{"weight_map": {"layer": 1}}')
        ),
    ],
)
def test_a_config_or_a_list_of_weights_that_is_not_one_is_named(copied, file, written, says):
    (copied / file).write_text(written)
    with pytest.raises(MissingError, match=rf"{file}: .*{says}|copied: .*{says}"):
        find(copied)


def test_truncated_weights_are_named(copied):
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5000])
    with pytest.raises(MissingError, match=r"could not be loaded .*damaged, get them again"):
        load(find(copied), 1)


def test_weights_that_lack_a_layer_are_named(copied):
    from safetensors.torch import load_file, save_file

    weights = load_file(copied / "model.safetensors")
    del weights[next(name for name in weights if "q_proj" in name)]
    save_file(weights, copied / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(MissingError, match="1 of the model's weights are missing"):
        load(find(copied), 1)
