import errno
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from safetensors.torch import load_file, save_file

from dictation.errors import MissingError
from dictation.extras import install_command
from dictation.settings import Settings
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.medasr.weights import MEDASR, find, load
from tests.speech.local_hub import COMMIT, LocalHub

LOADING = """
import sys
from dictation.extras import install_command
from dictation.settings import Settings
from dictation.speech.medasr.recognizer import MedASRRecognizer
print(MedASRRecognizer.load(sys.argv[1], Settings()).engine.model_dump_json())
"""


def answers(*names: str, **environment: str) -> list[dict[str, str]]:
    """Load in a process of its own, since the hub's client reads its settings on import: an answer a line."""
    run = subprocess.run(
        [sys.executable, "-c", LOADING, *names],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_from_the_hub_and_from_the_cache_without_a_request(tiny_lasr, tmp_path):
    home = str(tmp_path / "hub")
    with LocalHub(tiny_lasr) as hub:
        [downloaded] = answers("clinic/open", HF_HOME=home, HF_ENDPOINT=hub.url)
        asked = len(hub.requests)
        [cached] = answers("clinic/open", HF_HOME=home, HF_ENDPOINT=hub.url)
        assert hub.requests[asked:] == []
    assert downloaded == cached
    assert (cached["model"], cached["revision"]) == ("clinic/open", COMMIT)


def test_its_messages_name_the_engine_its_model_and_its_size():
    failure = MEDASR.failure("google/medasr", OSError(errno.ENOSPC, "No space left on device"))
    assert "google/medasr: the disk is full; free 1 GB" in str(failure)
    with pytest.raises(MissingError, match="a model's name like google/medasr"):
        find("medasr")
    with pytest.raises(MissingError, match=r"transformers 4\.57\.1 cannot run MedASR"):
        MEDASR.check_transformers("4.57.1")


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


def test_another_architecture_is_named(copied):
    changed(copied, model_type="whisper")
    with pytest.raises(MissingError, match="a model of type whisper, not lasr_ctc"):
        load(find(copied), Settings())


def test_frames_of_another_length_are_refused_since_the_times_would_be_wrong(copied):
    encoder = json.loads((copied / "config.json").read_text())["encoder_config"]
    changed(copied, encoder_config=encoder | {"subsampling_conv_stride": 4})
    with pytest.raises(MissingError, match="not of 40 ms"):
        load(find(copied), Settings())


def test_a_damaged_config_is_named(copied):
    (copied / "config.json").write_text('{"model_type": ')
    with pytest.raises(MissingError, match=r"config.json: it is damaged; get the file again"):
        load(find(copied), Settings())


@pytest.mark.parametrize("written", ["[]", '{"model_type": "lasr_ctc", "encoder_config": null}'])
def test_a_config_of_another_shape_is_named(written, copied):
    (copied / "config.json").write_text(written)
    with pytest.raises(MissingError, match=r"config.json: it is damaged; get the file again"):
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


def test_weights_of_another_shape_are_refused(copied):
    encoder = json.loads((copied / "config.json").read_text())["encoder_config"]
    changed(copied, encoder_config=encoder | {"subsampling_conv_channels": 8})
    with pytest.raises(MissingError, match="copied"):
        load(find(copied), Settings())


def without(part, folder):
    """Take the weights whose names hold `part` out of the folder's checkpoint."""
    path = folder / "model.safetensors"
    kept = {name: value for name, value in load_file(path).items() if part not in name}
    assert len(kept) < len(load_file(path))
    save_file(kept, path, metadata={"format": "pt"})


def changed(folder, **entries):
    """Overwrite entries of the folder's config.json."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))
