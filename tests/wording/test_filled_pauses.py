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


@pytest.mark.parametrize(
    "said",
    [
        "effusion on the left er right",
        "small um moderate effusion on the left",
        "the nodule has decreased er increased since last year period",  # strangers said these five
        "stone in the right ureter erm left ureter period",
        "the acl is intact um torn period",
        "fluid at the left base, um, right base.",
        "the mass is solid um cystic period",
        "rib four um rib five fracture period",
    ],
)
def test_one_that_may_announce_a_correction_is_asked_about(said):
    dictation = dictated(said)
    assert {"er", "erm", "um"} & set(dictation.text.replace(",", "").split())
    found = compare(dictation, ExtractiveWriter().write(dictation))
    assert [one.severity for one in found] == ["critical"]


@pytest.mark.parametrize(
    "said",
    [
        "liver normal um spleen normal period",
        "left kidney normal uh right kidney normal period",
        "l four five normal um l five s one normal period",
        "level two nodes um level three nodes are enlarged period",
        "the lesion is stable uh and decreased in number period",
        "previously increased um now decreased period",
        "intact acl um torn meniscus period",
        "the graft is patent um no stenosis period",
    ],
)
def test_the_next_item_of_a_list_behind_a_filled_pause_is_no_correction(said):
    dictation = dictated(said)
    assert not {"uh", "um"} & set(dictation.text.split())
    found = compare(dictation, ExtractiveWriter().write(dictation))
    assert not {"critical", "major"} & {one.severity for one in found}


def test_a_level_that_is_said_again_behind_no_is_asked_about():
    dictation = dictated("level two no level three lymph node enlarged period")
    found = compare(dictation, ExtractiveWriter().write(dictation))
    assert [one.severity for one in found] == ["critical"]


@pytest.mark.parametrize(
    ("said", "is_asked"),
    [
        ("there is an effusion on the right period not the right the left period", True),  # a stranger said this
        ("there is an effusion on the right period not the right comma the left period", True),
        ("effusion on the right period not the left lung which is clear period", False),
        ("nodule in the right upper lobe period not the right lung base period", False),
    ],
)
def test_a_side_that_the_next_sentence_takes_back_is_asked_about(said, is_asked):
    dictation = dictated(said)
    found = compare(dictation, ExtractiveWriter().write(dictation))
    assert ("critical" in {one.severity for one in found}) is is_asked
