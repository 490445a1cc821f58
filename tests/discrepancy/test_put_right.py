"""A self-correction that stands in the dictation asks nobody anything where the report has what was meant."""

import pytest

from dictation.discrepancy import compare
from dictation.discrepancy.doubts.put_right import is_settled
from dictation.report import parse_report


def questions(heard, written):
    cards = compare(heard, parse_report(f"FINDINGS: {written}"))
    return [card.severity for card in cards if card.kind == "critical_word"]


SETTLED = [
    ("Large left, sorry, right pneumothorax.", "There is a large pneumothorax on the right."),
    ("Cyst in segment 5, sorry, segment 6, of 12 mm.", "12 mm cyst in liver segment 6."),
    ("Spleen about 17, sorry, 17.6 centimeters.", "Splenomegaly of 17.6 cm."),
    ("The mass is four by two, sorry, four by three centimeters.", "A mass of 40 x 30 mm."),
]


@pytest.mark.parametrize(("heard", "written"), SETTLED)
def test_the_report_has_what_was_meant(heard, written):
    assert questions(heard, written) == []


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Large left, sorry, right pneumothorax.", "There is a large pneumothorax on the left."),
        ("Large left, sorry, right pneumothorax.", "There are large pneumothoraces on the left and right."),
        ("Large left, sorry, right pneumothorax.", "There is a large pneumothorax."),
        ("The nodule is 4 mm, sorry, 6 mm.", "The nodule is 4 mm."),
        ("The nodule is 4 mm, sorry, 6 mm.", "The nodule is 6 mm, formerly 4 mm."),
        ("The nodule is 4, sorry, 6 mm.", "4 x 6 mm nodule."),
        ("Follow up in 6 weeks, make that 6 months.", "Follow-up in 6 weeks, make that 6 months."),
        ("The nodule is 4, sorry, 6 mm.", "The nodule is 6 mm, formerly 4 mm."),
        ("Spleen about 17, sorry, 17.6 centimeters.", "Spleen 17 cm, formerly 17.6 cm."),
        ("Large left, sorry, right pneumothorax.", "Large L pneumothorax with shift to the right."),
        ("Large left, sorry, right pneumothorax.", "Large pneumothorax with mediastinal shift to the right."),
    ],
)
def test_it_has_the_other_both_or_neither(heard, written):
    assert "critical" in questions(heard, written)


def test_what_replaces_nothing_settles_nothing():
    assert not is_settled("Right kidney large", "it is compensating", "Large right kidney, compensating.")
    assert not is_settled("4 mm", "6 mm", "")
    assert not is_settled("There is no left effusion", "there is a right effusion", "Right effusion.")
