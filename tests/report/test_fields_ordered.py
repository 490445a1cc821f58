"""The order answers a field of the template only where it does so plainly and nothing contradicts it."""

import pytest

from dictation.exam import Order
from dictation.report import ExtractiveWriter, Report, load_template
from dictation.report.fields import unfilled
from dictation.report.fields_ordered import filled_with_order
from tests.report.dictated import dictated

FIELD = "technique/intravenous contrast"
OPEN = "[intravenous contrast: with|without] intravenous contrast"


def written(said: str = "Findings: The liver is normal.", procedure: str = "") -> Report:
    template = load_template("ct_abdomen_pelvis_normal")
    return ExtractiveWriter().write(dictated(said), order=Order(procedure=procedure), template=template)


def is_open(report: Report) -> bool:
    return FIELD in [one.id for one in unfilled(report)]


@pytest.mark.parametrize(
    ("procedure", "words"),
    [
        ("CT abdomen and pelvis with contrast", "with intravenous contrast"),
        ("CT ABD/PELVIS W CONTRAST", "with intravenous contrast"),
        ("CT abdomen and pelvis without IV contrast", "without intravenous contrast"),
        ("CT ABDOMEN PELVIS W/O CONTRAST", "without intravenous contrast"),
        ("Noncontrast CT abdomen and pelvis", "without intravenous contrast"),
        ("CT abdomen and pelvis", OPEN),
        ("CT abdomen and pelvis without and with contrast", OPEN),  # no choice of the field says both
        ("CT abdomen and pelvis with oral contrast", OPEN),
        ("CT abdomen with contrast and CT pelvis without contrast", OPEN),
    ],
)
def test_contrast_is_taken_from_an_order_that_states_it_plainly(procedure, words):
    report = written(procedure=procedure)
    filled, fields = filled_with_order(report, {}, [Order(procedure=procedure)])
    (technique,) = filled.technique
    assert f"pelvis, {words}." in technique.text
    assert technique.origin == ("template" if words == OPEN else "order")
    assert fields[0].id == FIELD  # it can be filled otherwise in any case
    assert is_open(filled) == (words == OPEN)


def test_what_a_person_filled_stands_over_the_order():
    order = Order(procedure="CT abdomen and pelvis with contrast")
    filled, _ = filled_with_order(written(), {FIELD: "without"}, [order])
    (technique,) = filled.technique
    assert "without intravenous contrast" in technique.text and technique.origin == "template"


def test_a_dictation_that_says_otherwise_leaves_the_field_open():
    order = Order(procedure="CT abdomen and pelvis with contrast")
    report = written("Findings: Unenhanced liver is normal.")
    assert is_open(filled_with_order(report, {}, [order])[0])


def test_of_two_orders_none_answers():
    orders = [Order(procedure="CT abdomen and pelvis with contrast"), Order(procedure="CT head without contrast")]
    assert is_open(filled_with_order(written(), {}, orders)[0])
