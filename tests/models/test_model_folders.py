"""What is no whole model is refused with its file and the fix, whichever engine it is for."""

import re
import shutil
import sys

import pytest

from dictation.errors import MissingError
from dictation.extras import install_command
from dictation.models.endpoint import EndpointModel
from dictation.models.gemma import GemmaModel
from dictation.models.siglip import SiglipModel
from dictation.settings import Settings
from dictation.speech.medasr.recognizer import MedASRRecognizer
from tests.models.tiny_gemma import save_tiny_gemma
from tests.models.tiny_siglip import save_tiny_siglip
from tests.speech.tiny_lasr import save_tiny_lasr

SETTINGS = Settings(threads=1)
SAVED = {"MedASR": save_tiny_lasr, "MedGemma": save_tiny_gemma, "MedSigLIP": save_tiny_siglip}
LOADED = {"MedASR": MedASRRecognizer.load, "MedGemma": GemmaModel.load, "MedSigLIP": SiglipModel.load}
ARCHITECTURES = {"MedASR": "lasr_ctc", "MedGemma": "gemma3", "MedSigLIP": "siglip"}
TOKENS = {"MedASR": "tokenizer.json", "MedGemma": "tokenizer.json", "MedSigLIP": "spiece.model"}
CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
ANEW = "it is damaged; get the file again"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {engine: save(folder / engine) for engine, save in SAVED.items()}


@pytest.mark.parametrize(
    ("engine", "file", "content", "says"),
    [
        *[
            (engine, file, None, f"{file} is missing; give a folder with a {engine} model")
            for engine in SAVED
            for file in (WEIGHTS, CONFIG, TOKENS[engine], "processor_config.json")
        ],
        *[(engine, CONFIG, '{"model_type": "whisper"}', f"a model of type whisper, not {architecture}")
          for engine, architecture in ARCHITECTURES.items()],
        *[(engine, CONFIG, content, f"{CONFIG}: {ANEW}") for engine in SAVED for content in ('{"model_type": ', "[]")],
        ("MedASR", CONFIG, '{"model_type": "lasr_ctc", "encoder_config": null}', f"{CONFIG}: {ANEW}"),
        *[(engine, WEIGHTS, "damaged", "damaged, get them again") for engine in SAVED],
        ("MedSigLIP", "spiece.model", "damaged", "its files are damaged, get them again"),
        *[("MedGemma", INDEX, content, f"{INDEX}: {ANEW}")
          for content in ("[]", "{}", '{"weight_map": []}', '{"weight_map": {"layer": 1}}')],
    ],
)  # fmt: skip
def test_a_file_that_is_missing_damaged_or_of_another_model_is_named(saved, tmp_path, engine, file, content, says):
    folder = shutil.copytree(saved[engine], tmp_path / "copied")
    (folder / file).unlink() if content is None else (folder / file).write_text(content)
    with pytest.raises(MissingError, match="copied") as refused:
        LOADED[engine](folder, SETTINGS)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("who", "package", "extra", "load"),
    [
        *[("MedASR", package, "medasr", LOADED["MedASR"]) for package in ("torch", "transformers")],
        *[("MedGemma", package, "medgemma", LOADED["MedGemma"])
          for package in ("torch", "transformers", "llguidance", "PIL")],
        ("An endpoint", "httpx", "endpoint", lambda *_: EndpointModel("http://host/v1", "medgemma")),
    ],
)  # fmt: skip
def test_a_package_that_is_not_installed_is_named_with_its_command(monkeypatch, who, package, extra, load):
    monkeypatch.setitem(sys.modules, package, None)  # how Python itself marks a module that cannot be imported
    said = f"{who} needs {package}, which is not installed; run: {install_command(extra)}"
    with pytest.raises(MissingError, match=re.escape(said)):
        load(None, SETTINGS)
