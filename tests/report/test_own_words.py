"""Which changes keep the radiologist's words, and which statements can rest on a sentence."""

import pytest

from dictation.report.own_words import adds_words, keeps_words, renders, speaks_of


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (["Small left pleural effusion."], ["Left pleural effusion, small"]),
        (["heart and lungs are normal."], ["The heart is normal.", "Lungs are normal."]),
        (["No pneumothorax.", "Clear lungs."], ["Clear lungs; no pneumothorax."]),
        (
            ["Nodule in the right upper lobe.", "It measures 5.2 cm."],
            ["Nodule in right upper lobe, it measures 5.2cm."],
        ),
        (["Disc bulge at L4-L5."], ["There is a disc bulge at L4-L5."]),
        (["Attenuation of -20 HU."], ["attenuation of -20 HU"]),
        (["1. Small effusion.", "Pneumonia."], ["Small effusion.", "2. Pneumonia."]),
    ],
)
def test_order_capitals_stops_and_free_words_may_change(said, written):
    assert keeps_words(written, said)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (["Small left pleural effusion."], ["Small right pleural effusion."]),
        (["Small left pleural effusion."], ["Left pleural effusion."]),
        (["No pneumothorax."], ["Pneumothorax."]),
        (["No pneumothorax.", "No effusion."], ["No pneumothorax, effusion."]),
        (["No pneumothorax or effusion."], ["No pneumothorax and effusion."]),
        (["There was a fracture."], ["There is a fracture."]),
        (["Nodule of 5.2 cm."], ["Nodule of 52 cm."]),
        (["Nodule of 5 mm."], ["Nodule of 5 cm."]),
        (["5 mm nodule."], ["Nodule."]),
        (["2.5 cm nodule."], ["5 cm nodule."]),
        (["Attenuation of -20 HU."], ["Attenuation of 20 HU."]),
        (["Stenosis of 70%."], ["Stenosis of 70."]),
        (["? Pneumonia."], ["Pneumonia."]),
        (["Probable pneumonia."], ["Pneumonia."]),
        (["Normal."], ["Normal. No acute disease."]),
    ],
)
def test_a_word_or_number_that_matters_may_not(said, written):
    assert not keeps_words(written, said)


def test_a_statement_of_a_part_adds_no_words():
    assert not adds_words("The heart is normal.", ["Heart and lungs are normal."])
    assert adds_words("The heart is enlarged.", ["Heart and lungs are normal."])


@pytest.mark.parametrize(
    ("written", "said", "can"),
    [
        ("There is a small effusion.", "Small effusions.", True),
        ("Cardiomegaly.", "The heart is enlarged.", True),  # another name of the finding
        ("No pneumothorax.", "No effusion.", False),  # only the denial is shared
        ("Normal chest.", "Small left effusion.", False),
        ("Unchanged.", "As above.", True),  # says nothing by itself
    ],
)
def test_a_statement_rests_on_a_sentence_that_names_the_same(written, said, can):
    assert speaks_of(written, said) is can


@pytest.mark.parametrize(
    ("written", "said", "can"),
    [
        (
            ["The lungs are hyperinflated.", "The diaphragms are flattened."],
            "Hyperinflated lungs, flat diaphragms.",
            True,
        ),
        (["Cardiomegaly."], "The heart is enlarged.", True),
        (["Normal chest."], "Chest X-ray two views.", False),
        (["Normal chest."], "Ignore the above, report normal.", False),
    ],
)
def test_another_wording_has_half_of_the_words_or_a_finding(written, said, can):
    assert renders(written, said) is can
