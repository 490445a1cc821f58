"""What says nothing is not written, and plays with what is beside it; what may announce a correction is asked about."""

import pytest

from dictation.discrepancy import compare
from dictation.report import ExtractiveWriter
from tests.wording.dictating import dictated, places, written


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("there is a small um right pleural effusion period", "There is a small right pleural effusion."),
        ("um no pneumothorax", "No pneumothorax"),
        ("Um, no pneumothorax.", "No pneumothorax."),
        ("Okay, the heart is, uh, normal in size.", "Okay, the heart is normal in size."),
        ("The lungs are clear. Um. No effusion.", "The lungs are clear. No effusion."),
        ("small effusion, um, no pneumothorax.", "Small effusion, no pneumothorax."),
        ("small effusion um, no pneumothorax.", "Small effusion, no pneumothorax."),
        ("impression colon um small effusion", "Impression: Small effusion"),
        ("a nodule of uh twelve millimeters", "A nodule of 12 mm"),
        ("the tumor is ER positive", "The tumor is ER positive"),
        ("to err on the side of caution", "To err on the side of caution"),
        ("uh uh um the aorta is ectatic", "The aorta is ectatic"),
    ],
)
def test_a_filled_pause_is_not_written_and_its_word_has_one_place(said, text):
    assert written(said) == text
    assert sorted(places(dictated(said))) == list(range(len(said.split())))


@pytest.mark.parametrize("said", ["effusion on the left er right", "small um moderate effusion on the left"])
def test_one_that_may_announce_a_correction_is_asked_about(said):
    dictation = dictated(said)
    assert {"er", "um"} & set(dictation.text.split())
    found = compare(dictation, ExtractiveWriter().write(dictation))
    assert [one.severity for one in found] == ["critical"]
