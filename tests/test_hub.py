import errno
from pathlib import Path

import pytest

from dictation.errors import MissingError
from dictation.hub import ModelKind, read_json
from tests.speech.local_hub import COMMIT, LocalHub, answers

KIND = ModelKind(
    engine="Stethoscope",
    extra="medasr",
    packages=("json", "transformers"),
    default="clinic/stethoscope",
    default_gb=7,
    needed=lambda folder: (("config.json",), ("weights.safetensors", "model.safetensors")),
)
FINDING = """
import json, sys
from dictation.errors import DictationError
from tests.test_hub import KIND
for name in sys.argv[1:]:
    try:
        found = KIND.find(name)
        print(json.dumps({"model": found.model, "revision": found.revision}))
    except DictationError as error:
        print(json.dumps({"kind": type(error).__name__, "message": str(error)}))
"""
CACHED = """
import json, sys
from tests.test_hub import KIND
for name in sys.argv[1:]:
    found = KIND.cached(name)
    heavy = sorted({"torch", "transformers"} & set(sys.modules))
    print(json.dumps({"revision": found and found.revision, "heavy": heavy}))
"""
CLOSED_PORT = "http://127.0.0.1:9"
FIXES = {
    "clinic/no-token": "accept the model's terms on its page on the hub, then run: hf auth login",
    "clinic/no-terms": "accept them on the model's page",
    "clinic/outage": "error 503; try again later",
    "clinic/nowhere": "no such model; check its name",
}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "stethoscope"
    made.mkdir()
    (made / "config.json").write_text('{"model_type": "stethoscope"}')
    (made / "model.safetensors").write_bytes(b"weights")
    return made


def test_the_hub_then_the_cache_and_each_refusal_with_its_fix(folder, tmp_path):
    home = str(tmp_path / "hub")
    with LocalHub(folder) as hub:
        downloaded, *refused = answers(FINDING, "clinic/open", *FIXES, HF_HOME=home, HF_ENDPOINT=hub.url)
        asked = len(hub.requests)
        assert answers(FINDING, "clinic/open", HF_HOME=home, HF_ENDPOINT=hub.url) == [downloaded]
        assert hub.requests[asked:] == []
    assert downloaded == {"model": "clinic/open", "revision": COMMIT}
    for (name, fix), answer in zip(FIXES.items(), refused, strict=True):
        assert answer["kind"] == "MissingError"
        assert answer["message"].startswith(f"{name}: ")
        assert fix in answer["message"]


def test_without_a_network_the_cache_still_serves(folder, tmp_path):
    home = str(tmp_path / "hub")
    with LocalHub(folder) as hub:
        answers(FINDING, "clinic/open", HF_HOME=home, HF_ENDPOINT=hub.url)
    cached, absent = answers(FINDING, "clinic/open", "clinic/else", HF_HOME=home, HF_ENDPOINT=CLOSED_PORT)
    assert cached["revision"] == COMMIT
    assert "the hub cannot be reached; connect to the network once" in absent["message"]
    [offline] = answers(FINDING, "clinic/else", HF_HOME=home, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE is set; unset it" in offline["message"]


def test_a_download_that_was_cut_short_is_completed(folder, tmp_path):
    home = tmp_path / "hub"
    with LocalHub(folder) as hub:
        answers(FINDING, "clinic/open", HF_HOME=str(home), HF_ENDPOINT=hub.url)
        [weights] = home.rglob("snapshots/*/model.safetensors")
        weights.resolve().unlink()
        weights.unlink(missing_ok=True)
        [cut_short] = answers(CACHED, "clinic/open", HF_HOME=str(home), HF_ENDPOINT=hub.url)
        assert cut_short["revision"] is None
        answers(FINDING, "clinic/open", HF_HOME=str(home), HF_ENDPOINT=hub.url)
    assert weights.read_bytes() == b"weights"


def test_a_model_of_another_kind_is_named_by_what_it_lacks(folder, tmp_path):
    (folder / "model.safetensors").unlink()
    with LocalHub(folder) as hub:
        [answer] = answers(FINDING, "clinic/open", HF_HOME=str(tmp_path / "hub"), HF_ENDPOINT=hub.url)
    assert "it holds no weights.safetensors, so it is no Stethoscope model; check the model's name" in answer["message"]
    with pytest.raises(MissingError, match=r"weights.safetensors is missing; give a folder with a Stethoscope model"):
        KIND.find(folder)


@pytest.mark.parametrize("name", ["weights.safetensors", "model.safetensors"])
def test_either_name_of_a_file_will_do(name, folder):
    (folder / "model.safetensors").rename(folder / name)
    found = KIND.find(str(folder))
    assert (found.folder, found.model, found.revision) == (folder, "stethoscope", "")


@pytest.mark.parametrize("name", ["no/such/folder", "./nowhere", "stethoscope", Path("clinic/open")])
def test_what_is_neither_folder_nor_model_name_is_refused(name):
    with pytest.raises(MissingError, match=r"no such folder; give a folder or a model's name like clinic/stethoscope"):
        KIND.find(name)


DISK_FULL = {
    "by its number": OSError(errno.ENOSPC, "the disk says so in its own language"),
    "by the words of the hub's downloader": RuntimeError("IO Error: No space left on device (os error 28)"),
}


@pytest.mark.parametrize("told", DISK_FULL)
def test_a_full_disk_names_the_space_and_the_setting(told):
    wrapped = RuntimeError("download failed")
    wrapped.__cause__ = DISK_FULL[told]
    failure = KIND.failure("clinic/stethoscope", wrapped)
    assert "clinic/stethoscope: the disk is full; free 7 GB or set HF_HOME" in str(failure)
    assert not isinstance(failure, MissingError)


@pytest.mark.parametrize("installed", ["5.2.0", "4.57.1"])
def test_versions_of_transformers_that_cannot_run_it_are_refused(installed):
    fix = rf'transformers {installed} cannot run Stethoscope; run: pip install "transformers>=5,!=5.2.0,<6"'
    with pytest.raises(MissingError, match=fix):
        KIND.check_transformers(installed)


@pytest.mark.parametrize("installed", ["5.0.0", "5.24.0", "5.2.1"])
def test_other_versions_of_transformers_are_fine(installed):
    KIND.check_transformers(installed)


@pytest.mark.parametrize("written", ['{"model_type": ', "[]", "[" * 100_000, b"\xff"])
def test_a_damaged_json_file_is_named(written, tmp_path):
    path = tmp_path / "config.json"
    path.write_bytes(written if isinstance(written, bytes) else written.encode())
    with pytest.raises(MissingError, match=r"config.json: it is damaged; get the file again"):
        read_json(path)
