import json
import re
import shutil
import sys

import pytest
from safetensors.torch import load_file, save_file

from dictation.errors import MissingError
from dictation.extras import install_command
from dictation.settings import Settings
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.medasr.weights import find, load
from tests.speech.local_hub import COMMIT, LocalHub, answers

LOADING = """
import sys
from dictation.settings import Settings
from dictation.speech.medasr.recognizer import MedASRRecognizer
print(MedASRRecognizer.load(sys.argv[1], Settings()).engine.model_dump_json())
"""


def test_from_the_hub_and_from_the_cache_without_a_request(tiny_lasr, tmp_path):
    home = str(tmp_path / "hub")
    with LocalHub(tiny_lasr) as hub:
        [downloaded] = answers(LOADING, "clinic/open", HF_HOME=home, HF_ENDPOINT=hub.url)
        asked = len(hub.requests)
        [cached] = answers(LOADING, "clinic/open", HF_HOME=home, HF_ENDPOINT=hub.url)
        assert hub.requests[asked:] == []
    assert downloaded == cached
    assert (cached["model"], cached["revision"]) == ("clinic/open", COMMIT)


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_an_extra_that_is_not_installed_is_named_with_its_command(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)  # how Python itself marks a module that cannot be imported
    said = f"MedASR needs {package}, which is not installed; run: {install_command('medasr')}"
    with pytest.raises(MissingError, match=re.escape(said)):
        MedASRRecognizer.load(None, Settings())


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json", "processor_config.json"])
def test_a_folder_without_one_of_its_files_names_it(file, copied):
    (copied / file).unlink()
    with pytest.raises(MissingError, match=rf"{copied.name}: {file} is missing; give a folder with a MedASR model"):
        find(copied)


@pytest.fixture
def copied(tiny_lasr, tmp_path):
    return shutil.copytree(tiny_lasr, tmp_path / "copied")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"model_type": "whisper"}, "a model of type whisper, not lasr_ctc"),
        ({"encoder_config": {"subsampling_conv_stride": 4}}, "not of 40 ms"),  # its times would be wrong
        ({"encoder_config": {"subsampling_conv_channels": 8}}, "copied"),
        ('{"model_type": ', r"config.json: it is damaged; get the file again"),
        ("[]", r"config.json: it is damaged; get the file again"),
        ('{"model_type": "lasr_ctc", "encoder_config": null}', r"config.json: it is damaged; get the file again"),
    ],
    ids=["architecture", "frames", "shape", "cut", "list", "no encoder"],
)
def test_a_config_of_another_model_or_none_is_refused_and_named(config, says, copied):
    path = copied / "config.json"
    if isinstance(config, dict):
        whole = json.loads(path.read_text())
        encoder = whole["encoder_config"] | config.get("encoder_config", {})
        config = json.dumps(whole | config | {"encoder_config": encoder})
    path.write_text(config)
    with pytest.raises(MissingError, match=says):
        load(find(copied), Settings())


def test_truncated_weights_are_named(copied):
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5000])
    with pytest.raises(MissingError, match=r"copied: the model could not be loaded .*damaged, get them again"):
        load(find(copied), Settings())


@pytest.mark.parametrize(("part", "count"), [("ctc_head", 2), ("running_mean", 2)])
def test_a_checkpoint_that_lacks_weights_is_refused_and_not_filled_with_random_ones(part, count, copied):
    without(part, copied)
    with pytest.raises(MissingError, match=rf"model.safetensors: {count} of the model's weights are missing"):
        load(find(copied), Settings())


def test_counters_of_training_may_be_missing(copied):
    without("num_batches_tracked", copied)
    assert load(find(copied), Settings()).precision


def without(part, folder):
    """Take the weights whose names hold `part` out of the folder's checkpoint."""
    path = folder / "model.safetensors"
    kept = {name: value for name, value in load_file(path).items() if part not in name}
    assert len(kept) < len(load_file(path))
    save_file(kept, path, metadata={"format": "pt"})
