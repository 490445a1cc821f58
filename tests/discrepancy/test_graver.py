import pytest

from dictation.discrepancy import compare


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Moderate right pneumothorax without tension.", "Moderate right pneumothorax with tension."),
        ("Tension pneumothorax on the left.", "Pneumothorax on the left."),
    ],
)
def test_tension_lost_or_added_is_critical_and_named(heard, written):
    cards = compare(heard, written)
    assert [(card.kind, card.severity) for card in cards] == [("severity", "critical"), ("critical_result", "minor")]
    assert "tension pneumothorax" in cards[0].explanation
