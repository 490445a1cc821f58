"""`dictation schema`: what the commands print is what their schemas say, and all of it; what they read likewise."""

import json

import jsonschema
import pytest

from dictation.errors import InputError
from dictation.exam import Order
from dictation.reading import reading_from_json
from pipelines import schema
from tests.conftest import SAMPLES
from tests.pipelines.command_line import run
from tests.speech.tiny_lasr import CLIPS, SMALL_LASR

SAMPLE = SAMPLES / "01_left_effusion"
ONE_KEY_TOO_MANY = {"no_such_key": 1}


def printed(*arguments: object) -> str:
    return run(*arguments).stdout


def validator(name: str) -> jsonschema.Draft202012Validator:
    """What `dictation schema NAME` prints, ready to judge."""
    found = json.loads(printed("schema", name))
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def fits(name: str, value: object) -> None:
    """The value is valid, and holds no key on any level that the schema does not name."""
    validator(name).validate(value)
    kind = schema.PRINTED.get(name) or schema.results_type()
    jsonschema.Draft202012Validator(kind.model_json_schema(mode="serialization")).validate(value)
    lacking = dict(value)
    lacking.popitem()
    assert not validator(name).is_valid(lacking)
    assert validator(name).is_valid({**value, **ONE_KEY_TOO_MANY}), "a later version may print more"


def test_the_names_are_listed():
    assert printed("schema").split() == list(schema.NAMES)
    for one in schema.NAMES:
        assert f"dictation {one}" == validator(one).schema["title"]


def test_transcribe():
    ear = ("--recognizer", "medasr", "--model", SMALL_LASR)
    for form in ("json", "jsonl"):
        fits("transcribe", json.loads(printed("transcribe", CLIPS[0], *ear, "--format", form)))


def test_claims():
    fits("claims", json.loads(printed("claims", SAMPLE / "written.txt")))


def test_compare():
    beside = ("--seen", SAMPLE / "reading.json", "--order", SAMPLE / "order.json")
    found = json.loads(
        printed("compare", "--heard", SAMPLE / "written.txt", "--written", SAMPLE / "report.txt", *beside)
    )
    assert found["summary"]["critical"]
    fits("compare", found)


@pytest.mark.parametrize("written", [(), ("--written", SAMPLE / "report.txt")], ids=["written here", "given"])
def test_report(written):
    beside = ("--seen", SAMPLE / "reading.json", "--order", SAMPLE / "order.json", "--image", SAMPLE / "image.png")
    fits("report", json.loads(printed("report", SAMPLE / "written.txt", *beside, *written, "--format", "json")))


def test_results(tmp_path):
    lines = ["audio,text,form,speaker"]
    for folder in sorted(SAMPLES.glob("0[12]_*")):
        (tmp_path / f"{folder.name}.flac").symlink_to(folder / f"{folder.name}.flac")
        said = " ".join((folder / "written.txt").read_text(encoding="utf-8").replace('"', "").split())
        lines.append(f'{folder.name}.flac,"{said}",written,{folder.name}')
    (tmp_path / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "other.csv").write_text(
        "\n".join(["audio,text", *(line.rsplit(",", 2)[0] for line in lines[1:])]), encoding="utf-8"
    )
    out = tmp_path / "out"
    manifest, other = tmp_path / "manifest.csv", tmp_path / "other.csv"
    printed("evaluate", manifest, "--hypotheses", f"mine={other}", "--hypotheses", f"same={other}", "--out", out)
    fits("results", json.loads((out / "results.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["order", "reading"])
def test_the_examples_are_valid_and_a_misspelt_key_is_not(name):
    for path in SAMPLES.glob(f"*/{name}.json"):
        value = json.loads(path.read_text(encoding="utf-8"))
        validator(name).validate(value)
        assert not validator(name).is_valid({**value, **ONE_KEY_TOO_MANY})


READINGS = [
    ({"reader": "example", "opinions": {"pleural_effusion": 0.9}}, True),
    ({"schema_version": 1, "reader": "example", "opinions": [{"finding": "nodule", "probability": 0.1}]}, True),
    ({"schema_version": 2, "reader": "example", "opinions": [{"finding": "nodule", "probability": 0.1}]}, False),
    ({"reader": "example", "opinions": {"pleural_effusion": 1.9}}, False),
    ({"reader": "", "opinions": {"pleural_effusion": 0.9}}, False),
    ({"opinions": {"pleural_effusion": 0.9}}, False),
    ({"reader": "example", "opinions": [{"finding": "nodule", "laterality": "port", "probability": 0.1}]}, False),
]


@pytest.mark.parametrize(("value", "is_good"), READINGS)
def test_the_schema_and_the_program_agree_on_readings(value, is_good):
    assert validator("reading").is_valid(value) is is_good
    if is_good:
        reading_from_json(value)
    else:
        with pytest.raises(InputError):
            reading_from_json(value)


@pytest.mark.parametrize(
    ("value", "is_good"),
    [({"accession": "A1", "birth_date": "1950-01-02"}, True), ({"age": 200}, False), ({"sex": "W"}, False), ({}, True)],
)
def test_the_schema_and_the_program_agree_on_orders(tmp_path, value, is_good):
    assert validator("order").is_valid(value) is is_good
    path = tmp_path / "order.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    if is_good:
        assert Order.from_file(path)
    else:
        with pytest.raises(InputError):
            Order.from_file(path)
