import pytest

from dictation.lexicon import Phrase, Vocabulary
from dictation.wording import write
from tests.wording.dictating import dictated, transcript, written


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("three point two by one point zero five centimeters mass period", "3.2 x 1.05 cm mass."),
        ("disc at L four five period", "Disc at L4-L5."),
        ("dr. smith vs. the 3.2 cm mass. no effusion.", "Dr. smith vs. the 3.2 cm mass. No effusion."),
        ("ct of the chest and x-ray", "CT of the chest and X-ray"),
        ("no effusion no pneumothorax", "No effusion no pneumothorax"),
        ("new effusion no new nodule", "New effusion no new nodule"),
        ("impression colon number one stable period number two no effusion period",
         "Impression: 1. Stable.\n2. No effusion."),
        ("Impression: 1. Stable. 2. No effusion.", "Impression: 1. Stable. 2. No effusion."),
        ("impression colon number four screw is broken", "Impression: Number 4 screw is broken"),
    ],
)  # fmt: skip
def test_the_written_form(said, text):
    assert written(said) == text


def test_the_spoken_form_of_a_phrase_is_written_as_the_user_wrote_it():
    vocabulary = Vocabulary(phrases=(Phrase(written="Gd-EOB-DTPA", spoken="primovist"), Phrase(written="SpyGlass DS")))
    text = write([transcript("after Primovist, spyglass ds was used.")], vocabulary).text
    assert text == "After Gd-EOB-DTPA, SpyGlass DS was used."


def test_a_second_recording_starts_a_new_line():
    dictation = write([transcript("no effusion", "a"), transcript("no nodule", "b")])
    assert dictation.text == "No effusion\nNo nodule"
    assert [s.starts for s in dictation.sentences] == ["space", "line"]


def test_seconds_of_written_characters_are_those_of_their_words():
    dictation = dictated("no effusion period pneumo thorax period")
    start = dictation.text.index("neumothorax")
    assert dictation.seconds(start, start + 5) == pytest.approx((1.0, 4 / 3 + 0.3))


def test_nothing_said_is_nothing_written():
    assert write([]).text == ""
    assert write([transcript("")]).sentences == ()
