"""A level that was dictated and stands nowhere in the report is told, and one that stands anywhere is not."""

import pytest

from dictation.discrepancy import compare


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Compression fracture of L2. No retropulsion.", "Compression fracture of L. No retropulsion."),
        ("Old wedge fracture at T12.", "FINDINGS: Old wedge fracture.\nIMPRESSION: Old wedge fracture."),
        ("disc protrusion at L4-L5 with mild stenosis", "Disc protrusion with mild stenosis."),
    ],
)
def test_a_lost_level_is_told(heard: str, written: str) -> None:
    assert [card.kind for card in compare(heard, written) if card.severity == "critical"] == ["level"]


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Compression fracture of L2.", "FINDINGS: Compression fracture of L2.\nIMPRESSION: Compression fracture."),
        ("Wedge fracture of T12.", "Wedge fracture of the twelfth thoracic vertebra."),
        ("Scaphoid nonunion, proximal pole low T1.", "Scaphoid nonunion with low T1 signal of the proximal pole."),
    ],
)
def test_a_level_that_is_kept_is_not(heard: str, written: str) -> None:
    assert not [card for card in compare(heard, written) if card.kind == "level"]
