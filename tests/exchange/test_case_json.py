import json

import pytest

from dictation.errors import InputError
from dictation.exchange import case_from_json, case_to_json, report_json


def test_a_case_comes_back_as_it_went(case):
    text = case_to_json(case)
    assert json.loads(text)["schema_version"] == 1
    assert case_from_json(text) == case


def test_spans_of_the_report_object_index_its_own_texts(case):
    content = report_json("a.wav", case, [])
    keys = {"path", "dictation", "report", "claims", "readings", "discrepancies", "engines", "warnings"}
    assert keys <= set(content)
    side = content["discrepancies"][0]
    for column, text in (("heard", content["dictation"]["text"]), ("written", content["report"]["text"])):
        start, end = side[column]["span"]
        assert text[start:end] == side[column]["text"]
    json.dumps(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[]", "no schema_version"),
        ("{}", "no schema_version"),
        ('{"schema_version": 99}', "newer version"),
        ('{"schema_version": 1, "id": "x"}', "no valid case"),
    ],
)
def test_what_is_no_case_is_refused_in_one_sentence(text, words):
    with pytest.raises(InputError, match=words) as error:
        case_from_json(text, "old.json")
    assert str(error.value).startswith("old.json: ")
    assert "\n" not in str(error.value)


def test_a_refusal_never_quotes_the_patient(case):
    content = json.loads(case_to_json(case))
    content["orders"][0]["sex"] = "EXAMPLE, Ada"
    with pytest.raises(InputError) as error:
        case_from_json(json.dumps(content))
    assert "EXAMPLE" not in str(error.value)
    assert error.value.__cause__ is None
