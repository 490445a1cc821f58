import json
import shutil

import pytest
from safetensors.torch import load_file, save_file

from dictation.errors import MissingError
from dictation.settings import Settings
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


@pytest.fixture
def copied(tiny_lasr, tmp_path):
    return shutil.copytree(tiny_lasr, tmp_path / "copied")


@pytest.mark.parametrize(
    ("encoder", "says"),
    [({"subsampling_conv_stride": 4}, "not of 40 ms"), ({"subsampling_conv_channels": 8}, "copied")],
    ids=["frames", "shape"],
)
def test_a_network_of_another_shape_is_refused(encoder, says, copied):
    """Else the times of its words would be wrong."""
    path = copied / "config.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps(whole | {"encoder_config": whole["encoder_config"] | encoder}))
    with pytest.raises(MissingError, match=says):
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
