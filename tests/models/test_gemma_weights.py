import errno
import shutil

import pytest

from dictation.errors import MissingError
from dictation.models.gemma_weights import MEDGEMMA, find, load
from tests.models.tiny_gemma import save_tiny_gemma
from tests.speech.local_hub import COMMIT, LocalHub, answers

FINDING = """
import json, sys
from dictation.errors import DictationError
from dictation.models.gemma_weights import find, load
for name in sys.argv[1:]:
    try:
        found = load(find(name), 1)
        print(json.dumps({"model": found.checkpoint.model, "revision": found.checkpoint.revision, "sha": found.sha256}))
    except DictationError as error:
        print(json.dumps({"kind": type(error).__name__, "message": str(error)}))
"""


def test_gated_models_the_hub_and_the_cache(tiny_gemma, tmp_path):
    home = str(tmp_path / "hub")
    with LocalHub(tiny_gemma) as hub:
        names = ("clinic/no-token", "clinic/no-terms", "clinic/open", "clinic/open")
        no_token, no_terms, downloaded, cached = answers(FINDING, *names, HF_HOME=home, HF_ENDPOINT=hub.url)
    assert no_token["kind"] == no_terms["kind"] == "MissingError"
    assert "accept the model's terms on its page on the hub, then run: hf auth login" in no_token["message"]
    assert "accept them on the model's page" in no_terms["message"]
    assert downloaded == cached
    assert (downloaded["model"], downloaded["revision"]) == ("clinic/open", COMMIT)
    assert downloaded["sha"] == load(find(tiny_gemma), 1).sha256


def test_its_messages_name_the_engine_its_model_and_its_size():
    failure = MEDGEMMA.failure("google/medgemma-1.5-4b-it", OSError(errno.ENOSPC, "No space left on device"))
    assert "google/medgemma-1.5-4b-it: the disk is full; free 9 GB" in str(failure)
    with pytest.raises(MissingError, match=r"a model's name like google/medgemma-1\.5-4b-it"):
        find("medgemma")
    with pytest.raises(MissingError, match=r"transformers 4\.57\.1 cannot run MedGemma"):
        MEDGEMMA.check_transformers("4.57.1")


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
