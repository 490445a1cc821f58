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
    (card,) = (card for card in compare(heard, written) if card.kind != "critical_result")
    assert (card.kind, card.severity) == ("severity", "critical")
    assert "tension pneumothorax" in card.explanation
