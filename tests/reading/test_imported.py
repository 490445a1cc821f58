"""Imported readings name their reader and guess nothing."""

import json

import pytest

from dictation.errors import InputError
from dictation.reading import Opinion, load_reading, reading_from_json

EFFUSION = {"finding": "pleural_effusion", "laterality": "left", "probability": 0.9}
BONES = {"finding": "rib_fracture", "assessed": False, "reason": "this reader does not judge bones"}


def test_a_reading_file_is_read(tmp_path):
    path = tmp_path / "reading.json"
    path.write_text(json.dumps({"reader": "A reader", "study": "1.2", "opinions": [EFFUSION, BONES]}), encoding="utf-8")
    reading = load_reading(path)
    assert reading.reader == "A reader"
    assert [opinion.assessed for opinion in reading.opinions] == [True, False]


def test_finding_to_probability_is_the_one_shorthand():
    reading = reading_from_json({"reader": "A", "opinions": {"pneumothorax": 0.25}})
    assert reading.opinions == (Opinion(finding="pneumothorax", probability=0.25),)
    assert not reading.opinions[0].calibrated


def test_a_description_alone_is_a_reading():
    assert reading_from_json({"reader": "A", "description": "No effusion.", "opinions": []}).opinions == ()


@pytest.mark.parametrize("reader", [None, "", "  "])
def test_a_reading_must_name_its_reader(reader):
    with pytest.raises(InputError, match="does not say who read the image"):
        reading_from_json({"reader": reader, "opinions": [EFFUSION]})


@pytest.mark.parametrize(
    "opinion, why",
    [
        ({"finding": "x"}, "needs a probability"),
        ({"finding": "x", "assessed": False}, "needs a reason"),
        ({"finding": "", "probability": 0.5}, r"'opinions\.0\.finding'"),
        ({"finding": "x", "probability": 1.5}, r"'opinions\.0\.probability'"),
        ({"finding": "x", "probability": 0.5, "side": "left"}, r"'opinions\.0\.side' is not known here"),
        ({"finding": "x", "probability": 0.5, "laterality": "L"}, r"'opinions\.0\.laterality'"),
        ({"finding": "x", "probability": 0.5, "box": [10, 0, 5, 5]}, "a box is"),
    ],
)
def test_an_opinion_that_is_wrong_names_its_key(opinion, why):
    with pytest.raises(InputError, match=why):
        reading_from_json({"reader": "A", "opinions": [opinion]})


@pytest.mark.parametrize("value", [None, [], "x", {"reader": "A"}, {"reader": "A", "opinions": []}])
def test_what_holds_no_reading_is_called_so(value):
    with pytest.raises(InputError):
        reading_from_json(value)


def test_an_unknown_key_is_named_with_the_allowed_ones():
    with pytest.raises(InputError, match="'model' is not known; allowed keys are reader, study, description, opinions"):
        reading_from_json({"reader": "A", "model": "m", "opinions": [EFFUSION]})


def test_a_file_that_is_no_json_is_named(tmp_path):
    (tmp_path / "r.json").write_text("reader: A", encoding="utf-8")
    with pytest.raises(InputError, match=r"r\.json: is not valid JSON"):
        load_reading(tmp_path / "r.json")


def test_a_reading_that_calls_itself_calibrated_says_by_whom():
    told = reading_from_json(
        {"reader": "A", "opinions": [{"finding": "nodule", "probability": 0.9, "calibrated": True}]}
    )
    assert told.opinions[0].calibrated
    assert told.notes == ("Its probabilities are calibrated by its maker's word, not on images of this site.",)
    assert reading_from_json({"reader": "A", "opinions": {"nodule": 0.9}}).notes == ()
