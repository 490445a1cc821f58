"""What the ear is turned towards in one case: the user's phrases, the order, the template; nobody's identity."""

from datetime import date

import pytest

from dictation.case.expecting import EXPECTED_WEIGHT, MAX_PHRASES, expected
from dictation.exam import Order
from dictation.lexicon import Phrase, Vocabulary
from dictation.lexicon.critical import is_critical
from dictation.report import available_templates, load_template

ORDER = Order(
    accession="ACC77",
    patient_id="MRN-Karsten",
    name="WOODS^Harley",
    birth_date=date(1958, 3, 14),
    procedure="CT of the left knee without contrast",
    body_part="KNEE",
    indication="Mr. Woods 66 y/o with sarcoidosis, sent by Dr. Karl Meyer 12/11/2024; shortness of breath MRN A99812.",
)


def written(vocabulary: Vocabulary) -> list[str]:
    return [phrase.written for phrase in vocabulary.phrases]


def test_the_order_gives_its_procedure_body_part_and_indication():
    assert written(expected(order=ORDER)) == ["CT", "knee", "contrast", "sarcoidosis", "shortness of breath"]


def test_an_order_in_capitals_is_read_as_reports_are_written_and_gives_no_names():
    order = Order(
        name="DOE^JANE", procedure="CT CHEST W CONTRAST", indication="PLEURITIC CHEST PAIN, DOE SARCOIDOSIS, XYZZYK"
    )
    assert written(expected(order=order)) == ["CT chest", "contrast", "pleuritic chest pain", "sarcoidosis"]


@pytest.mark.parametrize("name", available_templates())
def test_no_template_makes_the_ear_expect_a_critical_word(name):
    phrases = expected(order=ORDER, template=load_template(name)).phrases
    assert len(phrases) == MAX_PHRASES
    assert not [word for phrase in phrases for word in phrase.written.replace("-", " ").split() if is_critical(word)]


def test_the_users_phrases_come_first_and_weigh_more():
    own = Vocabulary(phrases=(Phrase(written="Lipiodol", weight=0.4), Phrase(written="Gd", spoken="knee", weight=0)))
    found = expected(own, ORDER, load_template("chest_ct")).phrases
    assert found[:2] == own.phrases
    assert {phrase.weight for phrase in found[2:]} == {0.2}
    assert "knee" not in [phrase.written for phrase in found], "the user said how much it is expected: not at all"
    assert {phrase.weight for phrase in expected(order=ORDER).phrases} == {EXPECTED_WEIGHT}


def test_a_large_vocabulary_of_the_user_is_kept_whole_and_leaves_no_room():
    own = Vocabulary(phrases=tuple(Phrase(written=f"word{number}x") for number in range(MAX_PHRASES + 50)))
    assert expected(own, ORDER, load_template("chest_ct")) == own
