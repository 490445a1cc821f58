"""`dictation report --reader`: what is read goes into the case, and a reader that cannot read stops nothing else."""

import json

import pytest
import torch
from PIL import Image

from tests.models.tiny_siglip import save_tiny_siglip
from tests.models.tiny_xrv import network, save_state
from tests.pipelines.command_line import run
from tests.reading.studies import noise


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A folder with a dictation, an image, an order, and the weights of both readers."""
    folder = tmp_path_factory.mktemp("case")
    (folder / "heard.txt").write_text("FINDINGS: Small left pleural effusion.")
    Image.fromarray(noise(240, 260)).save(folder / "image.png")
    (folder / "order.json").write_text(
        json.dumps({"modality": "DX", "body_part": "CHEST", "procedure": "Chest X-ray PA", "name": "EXAMPLE, Ada"})
    )
    save_state(folder / "weights.pt")
    save_tiny_siglip(folder / "siglip")
    return folder


@pytest.fixture(autouse=True)
def nobodys_home(tmp_path, monkeypatch):
    """Nothing that the person who runs the tests has fetched is found."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DICTATION_THREADS", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def report(case, *options: object, code: int = 0):
    beside = ("--image", case / "image.png", "--order", case / "order.json")
    return run("report", case / "heard.txt", *beside, *options, check=code)


@pytest.mark.parametrize("spec, count", [("xrv={}/weights.pt", 18), ("medsiglip={}/siglip", 12)])
def test_the_reading_is_in_the_report(case, spec, count):
    value = json.loads(report(case, "--reader", spec.format(case), "--format", "json").stdout)
    [reading] = value["readings"]
    name = spec.partition("=")[0]
    assert reading["reader"] == value["engines"]["eye"]["name"] == name
    assert len(reading["opinions"]) == count and all(opinion["assessed"] for opinion in reading["opinions"])
    assert reading["engine"]["weights_sha256"] and not any(opinion["calibrated"] for opinion in reading["opinions"])
    assert all(one["severity"] == "info" for one in value["discrepancies"] if one["seen"])


def test_an_imported_reading_stands_beside_it(case):
    (case / "seen.json").write_text(json.dumps({"reader": "Another", "opinions": {"pneumothorax": 0.1}}))
    options = ("--seen", case / "seen.json", "--reader", f"medsiglip={case / 'siglip'}", "--format", "json")
    value = json.loads(report(case, *options).stdout)
    assert [reading["reader"] for reading in value["readings"]] == ["Another", "medsiglip"]


@pytest.mark.parametrize(
    "spec, fix",
    [("xrv", "get_weights"), ("medgemma", "is not on this machine"), ("endpoint", "DICTATION_ENDPOINT_URL")],
)
def test_a_reader_that_is_not_here_is_missing_and_the_rest_is_given(case, spec, fix):
    done = report(case, "--reader", spec, "--format", "json", code=3)
    [sentence] = [line for line in done.stderr.splitlines() if line.startswith("dictation: ")]
    assert fix in sentence
    value = json.loads(done.stdout)
    assert "left pleural effusion" in value["report"]["text"]
    [opinion] = value["readings"][0]["opinions"]
    assert not opinion["assessed"] and fix in opinion["reason"] and "eye" not in value["engines"]
    assert any(f"not assessed by {spec}" in warning for warning in value["warnings"])


def test_an_engine_is_named_without_the_place_of_its_weights(case):
    options = ("--reader", "xrv=/place/of/weights.pt", "--writer", "medgemma=/place/of/model", "--format", "json")
    value = json.loads(report(case, *options, code=3).stdout)
    assert value["readings"][0]["reader"] == "xrv"
    assert value["engines"]["writer"]["settings"]["instead_of"] == "medgemma"
    assert any("not assessed by xrv: " in warning for warning in value["warnings"])
    assert any("the writer 'medgemma' did not write" in warning for warning in value["warnings"])


def test_a_reader_that_fails_leaves_the_study_not_assessed(case, tmp_path):
    state = network().state_dict()
    state["classifier.bias"][0] = torch.nan
    torch.save(state, tmp_path / "nan.pt")
    options = ("--reader", f"xrv={tmp_path / 'nan.pt'}", "--format", "json")
    done = report(case, *options, code=1)
    value = json.loads(done.stdout)
    assert "left pleural effusion" in value["report"]["text"]
    assert any("not assessed by xrv: nan.pt: the network gave scores" in warning for warning in value["warnings"])
    assert value["engines"]["eye"]["name"] == "xrv" and "1 of 1 inputs failed" in done.stderr
    report(case, *options, "--out", tmp_path / "out", code=1)
    assert "were done before" not in report(case, *options, "--out", tmp_path / "out", "--resume", code=1).stderr


def test_an_earlier_study_is_given_to_the_reader(case):
    options = ("--reader", f"medsiglip={case / 'siglip'}", "--prior", case / "image.png", "--format", "json")
    value = json.loads(report(case, *options).stdout)
    assert any("says nothing of change" in warning for warning in value["warnings"])


def test_what_the_gate_keeps_back_is_no_failure(case, tmp_path):
    (tmp_path / "knee.json").write_text(json.dumps({"modality": "DX", "body_part": "KNEE"}))
    done = report(case, "--reader", f"medsiglip={case / 'siglip'}", "--order", tmp_path / "knee.json")
    assert "not assessed by medsiglip: radiographs other than of the chest are not read" in done.stderr


@pytest.mark.parametrize(
    "options, why",
    [
        (("--reader", "nobody"), "'nobody' is no reader; choose one of none, medgemma, endpoint, xrv, medsiglip"),
        (("--reader", "none=x"), "the reader 'none' has no models"),
        (("--prior", "image.png"), "--prior is for a reader"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(case, options, why):
    assert why in report(case, *options, code=2).stderr
    assert "give it with --image" in run("report", case / "heard.txt", "--reader", "xrv", check=2).stderr


def test_resume_does_it_again_for_another_reader(case, tmp_path):
    def again(*options: object) -> str:
        return report(case, *options, "--out", tmp_path / "out", "--format", "json", "--resume").stderr

    other = save_tiny_siglip(tmp_path / "other", seed=1)
    done_before = "1 of 1 were done before"
    reader = ("--reader", f"medsiglip={case / 'siglip'}")
    assert done_before not in again(*reader)
    assert done_before in again(*reader)
    assert done_before not in again("--reader", f"medsiglip={other}")
    assert done_before not in again("--reader", f"medsiglip={other}", "--prior", case / "image.png")
    assert done_before not in again()
