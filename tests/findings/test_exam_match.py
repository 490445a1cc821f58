"""Exams without an order, and two that one report answers; which exam is another is in `corpus/exam.tsv`."""

from dictation.exam import ExamFacts, Order, of_exams
from dictation.findings.exam_match import facts_of_exam


def test_without_an_order_the_header_is_all_there_is() -> None:
    facts = ExamFacts(modality="CR", body_part="CHEST")
    assert facts_of_exam(None, facts) == facts
    assert facts_of_exam(Order(), None) is None


def test_two_orders_that_one_report_answers_are_one_exam() -> None:
    head, chest = Order(procedure="CT HEAD", modality="CT"), Order(procedure="XR CHEST", modality="CR")
    both = of_exams((head, chest))
    facts = ExamFacts(modality="CR", body_part="CHEST")
    assert facts_of_exam(head, facts) is None
    assert both is not None and both.modality == ""
    assert facts_of_exam(both, facts) == facts
    assert of_exams((head,)) == head
    assert of_exams(()) is None
