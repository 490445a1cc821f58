"""Which statements keep the radiologist's words: the same, in the order in which they were said, each once."""

import pytest

from dictation.report.keeping import SaidWords
from dictation.report.report import Statement
from tests.report.dictated import dictated


def kept(said, written, style="keep"):
    """What stands of statements that all cite all that was said, None where a word is missing or another."""
    dictation = dictated(*said)
    ids = tuple(sentence.id for sentence in dictation.sentences)
    statements = [
        Statement(id=f"r{n}", text=text, section="findings", evidence=ids) for n, text in enumerate(written, 1)
    ]
    stand = SaidWords(dictation, style).kept(statements, ids)
    return stand and [(statement.text, statement.evidence) for statement in stand]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (["small left pleural effusion."], ["Small left pleural effusion"]),
        (["No pneumothorax.", "Clear lungs."], ["Clear lungs.", "No pneumothorax."]),
        (
            ["Nodule in the right upper lobe.", "It measures 5.2 cm."],
            ["Nodule in right upper lobe. It measures 5.2cm."],
        ),
        (["Disc bulge at L4-L5."], ["There is a disc bulge at L4-L5."]),
        (["Attenuation of -20 HU."], ["attenuation of −20 HU"]),
        (["1. Small effusion.", "Pneumonia."], ["Small effusion.", "2. Pneumonia."]),
        (["Heart normal, lungs clear, no effusion."], ["Heart normal", "lungs clear", "no effusion"]),
        (["Weber A fracture."], ["The Weber A fracture."]),
    ],
)
def test_capitals_free_words_and_the_order_of_statements_may_change(said, written):
    assert [text for text, _ in kept(said, written)] == written


@pytest.mark.parametrize(
    ("said", "written", "stands"),
    [
        (["No effusion.", "Pneumothorax."], "No effusion, pneumothorax.", "No effusion. Pneumothorax."),
        (["Left effusion, pneumothorax right."], "Left effusion, pneumothorax, right.", None),
        (["Pneumothorax: no, effusion."], "Pneumothorax. No effusion.", None),
        (["Gap of 2-3 mm."], "Gap of 2 3 mm.", None),
    ],
)
def test_where_a_sentence_stops_is_as_dictated(said, written, stands):
    assert [text for text, _ in kept(said, [written])] == [stands or said[0]]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (["Small left pleural effusion."], ["Small right pleural effusion."]),
        (["Small left pleural effusion."], ["Left pleural effusion."]),
        (["Small left pleural effusion."], ["Left pleural effusion, small."]),
        (["No pneumothorax."], ["Pneumothorax."]),
        (["No pneumothorax.", "No effusion."], ["No pneumothorax, effusion."]),
        (["No pneumothorax or effusion."], ["No pneumothorax and effusion."]),
        (["No effusion.", "Left pneumothorax."], ["No effusion and left pneumothorax."]),
        (["There was a fracture."], ["There is a fracture."]),
        (["Nodule of 5.2 cm."], ["Nodule of 52 cm."]),
        (["Nodule of .5 cm."], ["Nodule of 5 cm."]),
        (["Nodule of 5 mm."], ["Nodule of 5 cm."]),
        (["5 mm nodule."], ["Nodule."]),
        (["2.5 cm nodule."], ["5 cm nodule."]),
        (["Attenuation of -20 HU."], ["Attenuation of 20 HU."]),
        (["T-score:-2.5."], ["T-score: 2.5."]),
        (["Attenuation (–20 HU)."], ["Attenuation (20 HU)."]),
        (["Stenosis of 70%."], ["Stenosis of 70."]),
        (["? Pneumonia."], ["Pneumonia."]),
        (["Probable pneumonia."], ["Pneumonia."]),
        (["Normal."], ["Normal. No acute disease."]),
        (["Stanford type A dissection."], ["Stanford type dissection."]),
        (["stanford type a dissection."], ["stanford type dissection."]),
        (["Stage 3A."], ["Stage 3."]),
        (["Heart and lungs are normal."], ["The heart is normal.", "Lungs are normal."]),
        (["No effusion, pneumothorax or fracture."], ["No effusion.", "Pneumothorax or fracture."]),
        (["Left effusion and nodule."], ["Left effusion.", "And nodule."]),
        (["No steinstrasse, whirl sign."], ["No steinstrasse.", "Whirl sign."]),
        (["Left effusion.", "Mass on the right.", "It is new."], ["Left effusion. It is new.", "Mass on the right."]),
    ],
)
def test_a_word_a_number_or_an_order_that_matters_may_not(said, written):
    assert kept(said, written) is None


@pytest.mark.parametrize(
    ("said", "written", "stands"),
    [
        ("Mass in the wall.", "There is a mass on the wall.", False),
        ("No effusion left pneumothorax.", "There is no effusion with left pneumothorax.", False),
        ("Mass the wall.", "There is a mass in the wall.", True),
        ("No effusion left pneumothorax.", "No effusion, left pneumothorax.", False),
        ("Nodule suspicious for cancer.", "There is a nodule, suspicious for cancer.", True),
    ],
)
def test_where_it_is_polished_links_and_pauses_change_nothing(said, written, stands):
    assert [text for text, _ in kept([said], [written], "polish")] == [written if stands else said]


def test_what_is_said_once_more_does_not_stand():
    twice = ["Left effusion.", "No pneumothorax.", "No left effusion.", "Left effusion."]
    assert kept(twice[:2], twice) == [("Left effusion.", ("s1",)), ("No pneumothorax.", ("s2",))]
