"""Critical results in the words of fresh eyes: an age, a prior or another noun's "old" makes nothing old."""

import pytest

from dictation.discrepancy import compare


def results(text: str) -> list[str]:
    return [card.explanation for card in compare(text, text) if card.kind == "critical_result"]


@pytest.mark.parametrize(
    "text",
    [
        "Large right pneumothorax in this 67-year-old man.",
        "Acute left subdural hematoma in a sixty seven year old man.",
        "12-day-old infant with necrotizing enterocolitis and pneumatosis.",
        "Ruptured ectopic pregnancy in a 29-year-old woman.",
        "Acute on chronic left subdural hematoma.",
        "Left subdural hematoma, acute on chronic, 15 mm.",
        "Acute pulmonary embolism in a patient with chronic kidney disease.",
        "New right pneumothorax, not present on the prior radiograph.",
        "New right pneumothorax, not seen on the prior.",
        "Cord compression at T8 with healed fracture of T6.",
        "Left MCA occlusion with old lacunar infarcts.",
    ],
)
def test_a_new_result_is_told_whatever_else_is_old(text: str) -> None:
    assert results(text)


@pytest.mark.parametrize(
    "text", ["Chronic left subdural hematoma.", "Chronic pulmonary embolism.", "Old right pneumothorax."]
)
def test_an_old_one_is_no_news(text: str) -> None:
    assert results(text) == []
