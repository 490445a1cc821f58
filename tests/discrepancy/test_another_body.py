"""Words of another patient: a text or an image of another part of the body than the order is one critical card."""

from pathlib import Path

import pytest

from dictation.discrepancy import Discrepancy, compare
from dictation.discrepancy.within import within
from dictation.exam import ExamFacts, Order, of_exams

LINES = Path(__file__).with_name("another_body.tsv").read_text(encoding="utf-8").splitlines()
ROWS = [tuple(line.split("\t")) for line in LINES if not line.startswith("#")][1:]
CHEST = ExamFacts(procedure="CHEST PA", modality="DX", body_part="CHEST", view="PA", laterality="right")
BRAIN = "No intracranial hemorrhage. The cerebellum is normal. "
LUNGS = "The lungs are clear. No pneumothorax."


def exam_cards(found: list[Discrepancy]) -> list[Discrepancy]:
    return [card for card in found if card.kind == "exam" and card.severity == "critical"]


@pytest.mark.parametrize(("another", "procedure", "text"), ROWS)
def test_a_text_of_another_body_is_one_critical_card(another: str, procedure: str, text: str) -> None:
    order = Order(procedure=procedure)
    for found in (within(text, order=order), compare(text, text, order=order)):
        assert len(exam_cards(found)) == bool(another)


def test_the_title_tells_the_exam_where_there_is_no_order() -> None:
    [card] = exam_cards(within(f"CT head without contrast.\nFINDINGS: {LUNGS}"))
    assert card.explanation == (
        "The exam is of the head, and 2 sentences are of another part of the body; the text describes "
        '"The lungs are clear".'
    )


def test_an_image_of_another_body_is_one_critical_card_and_its_facts_are_not_used() -> None:
    order = Order(procedure="XR WRIST", modality="CR")
    facts = CHEST.model_copy(update={"patient": CHEST.patient.model_copy(update={"age_years": 80.0, "sex": "F"})})
    text = "EXAM: Left wrist.\nINDICATION: 25-year-old man.\nFINDINGS: Fracture of the left distal radius."
    for found in (within(text, order=order, facts=facts), compare(text, text, order=order, facts=facts)):
        [card] = [card for card in found if card.severity == "critical"]
        assert card.kind == "exam"
        assert card.explanation == (
            "The order is for the wrist; the image is of the chest. Nothing that its header states is used."
        )


def test_one_report_may_answer_two_orders() -> None:
    orders = Order(procedure="CT HEAD", modality="CT"), Order(procedure="CT CHEST", modality="CT")
    text = f"FINDINGS: {BRAIN}{LUNGS}"
    assert exam_cards(within(text, order=orders[0])) != []
    assert exam_cards(within(text, order=of_exams(orders))) == []
