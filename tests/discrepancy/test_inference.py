"""The texts against the order, the image header and the priors: what contradicts shows one card, what agrees none."""

from dataclasses import replace

import pytest

from dictation.discrepancy import Discrepancy
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.inference import inferences
from dictation.discrepancy.ranking import shortlist
from dictation.exam import Order

CHEST_CT = {"procedure": "CT CHEST W/O CONTRAST", "modality": "CT", "body_part": "CHEST"}
KNEE = {"procedure": "XR KNEE 3 VIEWS", "modality": "CR", "body_part": "KNEE", "laterality": "right"}
PRIOR = {"date": "2024-03-05", "text": "FINDINGS: 5 mm nodule in the right upper lobe. Left adrenal nodule of 1.2 cm."}


def test_a_critical_result_is_shown_beside_any_number_of_other_cards() -> None:
    others = [
        Discrepancy(id=f"d{number}", kind="measurement", severity="major", explanation="Sizes differ.")
        for number in range(9)
    ]
    text = "FINDINGS: Right tension pneumothorax."
    told = inferences(heard_column(text), written_column(text), None, None)
    listed = shortlist([*others, *told])
    assert [one.id for one in listed.shown if one.kind == "critical_result"] == [told[0].id]


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no such inference: typo"):
        inferences(heard_column(""), written_column(""), None, None, kinds={"typo"})


def test_spans_are_characters_of_the_texts_and_ids_are_equal_again() -> None:
    heard, written = (
        "45 year old woman. Left knee effusion.",
        "INDICATION: 45-year-old woman. FINDINGS: Left knee effusion.",
    )
    order = Order.model_validate(KNEE | {"sex": "M", "age": 70})
    runs = [inferences(heard_column(heard), written_column(written), order, None) for _ in range(2)]
    assert [card.id for card in runs[0]] == [card.id for card in runs[1]]
    for card in runs[0]:
        for side, text in ((card.heard, heard), (card.written, written)):
            assert side is not None
            assert side.span is not None
            assert text[slice(*side.span)] == side.text


def test_an_exam_line_that_came_from_the_order_is_no_evidence() -> None:
    text = "EXAM: CT chest with contrast\nFINDINGS: Lungs clear."
    column = written_column(text)
    exam = next(sentence for sentence in column.sentences if sentence.section == "exam")
    assert exam.id is None
    named = replace(column, sentences=(replace(exam, id="r1"), *column.sentences[1:]), origins={"r1": "order"})
    order = Order.model_validate(CHEST_CT)
    assert inferences(heard_column(""), column, order, None) != []
    assert inferences(heard_column(""), named, order, None) == []
