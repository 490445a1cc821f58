import errno
import json
import os
import shutil
import subprocess
import sys

import pytest
from safetensors.torch import load_file, save_file

from dictation.errors import MissingError
from dictation.settings import Settings
from dictation.speech.medasr import MedASRRecognizer
from dictation.speech.medasr_weights import check_transformers, find, hub_failure, load
from tests.speech.local_hub import COMMIT, LocalHub

FINDING = """
import json, sys
from dictation.errors import DictationError
from dictation.speech.medasr_weights import find
for name in sys.argv[1:]:
    try:
        found = find(name)
        print(json.dumps({"model": found.model, "revision": found.revision}))
    except DictationError as error:
        print(json.dumps({"kind": type(error).__name__, "message": str(error)}))
"""
LOADING = """
import sys
from dictation.settings import Settings
from dictation.speech.medasr import MedASRRecognizer
print(MedASRRecognizer.load(sys.argv[1], Settings()).engine.model_dump_json())
"""
CLOSED_PORT = "http://127.0.0.1:9"


def answers(program: str, *names: str, **environment: str) -> list[dict[str, str]]:
    """Run a program in a process of its own, since the hub's client reads its settings on import: an answer a line."""
    run = subprocess.run(
        [sys.executable, "-c", program, *names],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


FIXES = {
    "clinic/no-token": "accept the model's terms on its page on the hub, then run: hf auth login",
    "clinic/no-terms": "accept them on the model's page",
    "clinic/outage": "error 503; try again later",
    "clinic/nowhere": "no such model; check its name",
}


def test_the_hub_the_cache_and_no_network(tiny_lasr, tmp_path):
    home = str(tmp_path / "hub")
    with LocalHub(tiny_lasr) as hub:
        downloaded, *refused = answers(FINDING, "clinic/medasr", *FIXES, HF_HOME=home, HF_ENDPOINT=hub.url)
        asked = len(hub.requests)
        [engine] = answers(LOADING, "clinic/medasr", HF_HOME=home, HF_ENDPOINT=hub.url)
        assert hub.requests[asked:] == []  # found in the cache and loaded without one request
    assert downloaded == {"model": "clinic/medasr", "revision": COMMIT}
    assert (engine["model"], engine["revision"]) == ("clinic/medasr", COMMIT)
    for (name, fix), answer in zip(FIXES.items(), refused, strict=True):
        assert answer["kind"] == "MissingError"
        assert answer["message"].startswith(f"{name}: ")
        assert fix in answer["message"]
    cached, absent = answers(FINDING, "clinic/medasr", "google/medasr", HF_HOME=home, HF_ENDPOINT=CLOSED_PORT)
    assert cached == downloaded
    assert "the hub cannot be reached; connect to the network once" in absent["message"]


def test_offline_by_setting_names_the_setting():
    from huggingface_hub.errors import OfflineModeIsEnabled

    failure = hub_failure("google/medasr", OfflineModeIsEnabled())
    assert isinstance(failure, MissingError)
    assert "HF_HUB_OFFLINE is set; unset it" in str(failure)


def test_a_full_disk_names_the_space_and_the_setting():
    failure = hub_failure("google/medasr", OSError(errno.ENOSPC, "No space left on device"))
    assert "the disk is full; free 1 GB or set HF_HOME" in str(failure)


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_an_extra_that_is_not_installed_is_named_with_its_command(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)  # how Python itself marks a module that cannot be imported
    with pytest.raises(MissingError, match=rf'needs {package}.*pip install "radiology-dictation\[medasr\]"'):
        MedASRRecognizer.load(None, Settings())


@pytest.mark.parametrize("installed", ["5.2.0", "4.57.1"])
def test_versions_of_transformers_that_cannot_run_it_are_refused(installed):
    with pytest.raises(
        MissingError, match=rf'transformers {installed} cannot.*pip install "transformers>=5,!=5.2.0,<6"'
    ):
        check_transformers(installed)


@pytest.mark.parametrize("installed", ["5.0.0", "5.24.0", "5.2.1"])
def test_other_versions_of_transformers_are_fine(installed):
    check_transformers(installed)


@pytest.mark.parametrize("name", ["no/such/folder", "./nowhere", "medasr"])
def test_what_is_neither_folder_nor_model_name_is_refused(name):
    with pytest.raises(MissingError, match="there is no such folder; give a folder or a model's name"):
        find(name)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json", "processor_config.json"])
def test_a_folder_without_one_of_its_files_names_it(file, copied):
    (copied / file).unlink()
    with pytest.raises(MissingError, match=rf"{copied.name}: {file} is missing"):
        find(copied)


@pytest.fixture
def copied(tiny_lasr, tmp_path):
    return shutil.copytree(tiny_lasr, tmp_path / "copied")


def test_another_architecture_is_named(copied):
    changed(copied, model_type="whisper")
    with pytest.raises(MissingError, match="a model of type whisper, not lasr_ctc"):
        load(find(copied), threads=0)


def test_frames_of_another_length_are_refused_since_the_times_would_be_wrong(copied):
    encoder = json.loads((copied / "config.json").read_text())["encoder_config"]
    changed(copied, encoder_config=encoder | {"subsampling_conv_stride": 4})
    with pytest.raises(MissingError, match="not of 40 ms"):
        load(find(copied), threads=0)


def test_a_damaged_config_is_named(copied):
    (copied / "config.json").write_text('{"model_type": ')
    with pytest.raises(MissingError, match=r"config.json: it is damaged; get the file again"):
        load(find(copied), threads=0)


def test_truncated_weights_are_named(copied):
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5000])
    with pytest.raises(MissingError, match=r"copied: the model could not be loaded .*damaged, get them again"):
        load(find(copied), threads=0)


@pytest.mark.parametrize(("part", "count"), [("ctc_head", 2), ("running_mean", 2)])
def test_a_checkpoint_that_lacks_weights_is_refused_and_not_filled_with_random_ones(part, count, copied):
    without(part, copied)
    with pytest.raises(MissingError, match=rf"model.safetensors: {count} of the model's weights are missing"):
        load(find(copied), threads=0)


def test_counters_of_training_may_be_missing(copied):
    without("num_batches_tracked", copied)
    assert load(find(copied), threads=0).precision


def test_weights_of_another_shape_are_refused(copied):
    encoder = json.loads((copied / "config.json").read_text())["encoder_config"]
    changed(copied, encoder_config=encoder | {"subsampling_conv_channels": 8})
    with pytest.raises(MissingError, match="copied"):
        load(find(copied), threads=0)


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
