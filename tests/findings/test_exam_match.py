"""The image of another exam is told, and nothing of its header is used; what one exam may show is no other exam."""

import pytest

from dictation.exam import ExamFacts, Order, of_exams
from dictation.findings.exam_match import facts_of_exam, other_modality, other_region

OTHER = [
    ({"procedure": "XR WRIST LEFT", "modality": "CR"}, {"procedure": "CHEST PA", "modality": "CR"}),
    ({"procedure": "XR WRIST LEFT"}, {"modality": "DX", "body_part": "CHEST"}),
    ({"procedure": "CT HEAD", "modality": "CT"}, {"procedure": "MRI BRAIN", "modality": "MR", "body_part": "BRAIN"}),
    ({"procedure": "MRI BRAIN"}, {"modality": "CT", "body_part": "HEAD"}),
    ({"procedure": "CT HEAD"}, {"modality": "CT", "body_part": "ABDOMEN"}),
    ({"procedure": "XR CHEST"}, {"modality": "DX", "procedure": "Abdomen AP"}),
    ({"body_part": "KNEE", "modality": "DX"}, {"modality": "DX", "body_part": "ANKLE"}),
    ({"procedure": "X-ray left wrist, 2 views"}, {"modality": "DX", "body_part": "LSPINE"}),
    ({"procedure": "X-ray left wrist, 2 views"}, {"modality": "DX", "body_part": "JAW"}),
    ({"procedure": "X-ray left wrist, 2 views"}, {"modality": "DX", "procedure": "LSP 2V"}),
    ({"procedure": "MRI cervical spine"}, {"modality": "MR", "body_part": "LSPINE"}),
    ({"procedure": "CT head"}, {"modality": "CT", "body_part": "TSPINE"}),
    ({"procedure": "2 views", "body_part": "LSPINE"}, {"modality": "DX", "body_part": "CHEST"}),
    ({"procedure": "X-ray left wrist"}, {"modality": "DX", "body_part": "WRIST, CHEST"}),
    ({"procedure": "X-ray left wrist"}, {"modality": "DX", "body_part": "CHEST, WRIST"}),
]
SAME = [
    ({"procedure": "PET/CT WHOLE BODY", "modality": "PT"}, {"modality": "CT", "body_part": "CHEST"}),
    ({"procedure": "CT HEAD AND CERVICAL SPINE", "modality": "CT"}, {"modality": "CT", "body_part": "CSPINE"}),
    ({"procedure": "CT HEAD", "modality": "CT"}, {"modality": "CT", "body_part": "HEAD, NECK"}),
    ({"procedure": "CTA CAROTIDS", "modality": "CT"}, {"modality": "CT", "body_part": "HEAD"}),
    ({"procedure": "CT CHEST ABDOMEN PELVIS", "modality": "CT"}, {"modality": "CT", "body_part": "ABDOMEN"}),
    ({"procedure": "XR THORACIC SPINE", "modality": "CR"}, {"modality": "DX", "body_part": "CHEST"}),
    ({"procedure": "XR RIBS LEFT", "modality": "CR"}, {"modality": "DX", "body_part": "CHEST"}),
    ({"procedure": "XR CHEST", "modality": "XR"}, {"modality": "CR", "procedure": "CHEST 2V", "body_part": "ABDOMEN"}),
    ({"procedure": "CT ABDOMEN", "modality": "CT"}, {"modality": "CT", "body_part": "PELVIS"}),
    ({"procedure": "US LIVER"}, {"modality": "US", "body_part": "ABDOMEN"}),
    ({"procedure": "CT CHEST ABDOMEN"}, {"modality": "CT", "body_part": "CHEST, ABDOMEN, PELVIS"}),
    ({"procedure": "MRI LUMBAR SPINE"}, {"modality": "MR", "body_part": "LSPINE, TSPINE"}),
    ({"procedure": "XR SI joints"}, {"modality": "DX", "body_part": "SIJOINT"}),
    ({"procedure": "XR HAND", "modality": "CR"}, {"modality": "CR", "body_part": "WRIST"}),
    ({"procedure": "CT HEAD", "modality": "CT"}, {"modality": "SC"}),
    ({"procedure": "SPECT MYOCARDIAL PERFUSION", "modality": "NM"}, {"modality": "CT", "body_part": "CHEST"}),
    ({}, {"modality": "CT", "body_part": "HEAD"}),
    ({"procedure": "CT HEAD"}, {}),
]


@pytest.mark.parametrize(("ordered", "header"), OTHER)
def test_the_facts_of_another_exam_are_not_used(ordered: dict[str, str], header: dict[str, str]) -> None:
    order, facts = Order(**ordered), ExamFacts(**header)
    assert other_modality(order, facts) or other_region(order, facts)
    assert facts_of_exam(order, facts) is None


@pytest.mark.parametrize(("ordered", "header"), SAME)
def test_what_one_exam_may_show_is_no_other_exam(ordered: dict[str, str], header: dict[str, str]) -> None:
    facts = ExamFacts(**header)
    assert facts_of_exam(Order(**ordered), facts) == facts


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
