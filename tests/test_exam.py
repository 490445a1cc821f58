"""Orders come in as JSON; a wrong key is named, and no value of the file is repeated."""

import json
from datetime import date

import pytest

from dictation.errors import InputError
from dictation.exam import Order, Prior

ORDER = {
    "accession": "0042-17",
    "patient_id": "P-1",
    "name": "EXAMPLE, Ada",
    "birth_date": "1965-01-31",
    "sex": "F",
    "procedure": "Chest X-ray, PA and lateral",
    "modality": "DX",
    "body_part": "CHEST",
    "laterality": None,
    "indication": "Cough.",
    "priors": [{"date": "2026-05-02", "text": "Clear lungs."}],
}


def written(tmp_path, value):
    path = tmp_path / "order.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_an_order_is_read(tmp_path):
    order = Order.from_file(written(tmp_path, ORDER))
    assert order.patient.birth_date == date(1965, 1, 31)
    assert order.priors == (Prior(date=date(2026, 5, 2), text="Clear lungs."),)


def test_a_saved_order_is_read_back(tmp_path):
    order = Order.from_file(written(tmp_path, ORDER))
    assert Order.from_file(written(tmp_path, order.model_dump_json())) == order


def test_a_schema_version_may_be_stated(tmp_path):
    assert Order.from_file(written(tmp_path, {**ORDER, "schema_version": 1})).sex == "F"
    with pytest.raises(InputError, match="schema_version"):
        Order.from_file(written(tmp_path, {**ORDER, "schema_version": 99}))


def test_dicom_dates_are_understood(tmp_path):
    assert Order.from_file(written(tmp_path, {"birth_date": "19650131"})).birth_date == date(1965, 1, 31)


@pytest.mark.parametrize(
    "value", ["01/02/1965", "1965-02-30", "31 Jan 1965", 19650131, 86400, "86400", "1965", True], ids=repr
)
def test_an_ambiguous_or_impossible_date_is_refused(tmp_path, value):
    with pytest.raises(InputError, match=r"order\.json: the key 'birth_date' is not valid: a date is written") as error:
        Order.from_file(written(tmp_path, {"birth_date": value}))
    assert str(value) not in str(error.value).removeprefix(str(tmp_path))


def test_an_unknown_key_is_named_with_the_allowed_ones(tmp_path):
    with pytest.raises(InputError, match=r"the key 'side' is not known; allowed keys are accession, .*laterality"):
        Order.from_file(written(tmp_path, {**ORDER, "side": "left"}))


@pytest.mark.parametrize(
    "key, value, named",
    [
        ("sex", "female", "'sex'"),
        ("laterality", "L", "'laterality'"),
        ("age", -1, "'age'"),
        ("age", "old", "'age'"),
        ("accession", 42, "'accession'"),
        ("priors", [{"text": "Clear."}], r"'priors\.0\.date' is missing"),
        ("priors", [{"date": "2026-05-02", "by": "x"}], r"'priors\.0\.by' is not known here"),
    ],
)
def test_a_wrong_value_names_its_key(tmp_path, key, value, named):
    with pytest.raises(InputError, match=named):
        Order.from_file(written(tmp_path, {key: value}))


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "is not valid JSON at line 1"),
        ("[]", "holds a JSON list"),
        ('{"sex": "F", "sex": "M"}', "the key 'sex' appears twice"),
        ('{"age": NaN}', "NaN is no number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"age": 1' + "0" * 5000 + "}", "order.json"),
    ],
)
def test_what_is_no_json_object_is_called_so(tmp_path, text, why):
    with pytest.raises(InputError) as error:
        Order.from_file(written(tmp_path, text))
    assert why in str(error.value)


def test_unreadable_files(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        Order.from_file(tmp_path / "missing.json")
    (tmp_path / "latin.json").write_bytes(b'{"name": "\xe4"}')
    with pytest.raises(InputError, match="is not UTF-8"):
        Order.from_file(tmp_path / "latin.json")


def test_no_message_repeats_patient_data(tmp_path):
    for key in ORDER:
        with pytest.raises(InputError) as error:
            Order.from_file(written(tmp_path, {**ORDER, key: {"x": "SECRET"}}))
        assert "SECRET" not in str(error.value)
        assert "Ada" not in str(error.value)
