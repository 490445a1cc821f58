"""Scores, stages and dates of comparison, which must be copied."""

import pytest

from dictation.discrepancy import compare
from dictation.discrepancy.priors import dates_in
from dictation.discrepancy.scores import scores_in


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("Lung-RADS 4A.", [("Lung-RADS", "4A")]),
        ("lung rads four a", [("Lung-RADS", "4A")]),
        ("BI-RADS category 2", [("BI-RADS", "2")]),
        ("Bosniak IIF cyst", [("Bosniak", "2F")]),
        ("LR-3 lesion", [("LI-RADS", "3")]),
        ("Lung-RADS 9", []),
        ("T3 N2 M0 lung cancer", [("TNM", "T3 N2 M0")]),
        ("T2 weighted images", []),
        ("Mr. Fisher 3", []),
    ],
)
def test_a_score_is_read_in_any_spelling(text: str, scores: list[tuple[str, str]]) -> None:
    assert [(score.name, score.value) for score in scores_in(text, 0, len(text))] == scores


def test_a_changed_or_lost_score_is_one_card() -> None:
    for written in ("Nodule. BI-RADS 2.", "Nodule."):
        assert [(card.kind, card.severity) for card in compare("Nodule. BI-RADS 4.", written)] == [("scoring", "major")]
    assert [card.kind for card in compare("T3 N2 M0 lung cancer.", "T1 N0 M0 lung cancer.")] == ["scoring"]
    assert compare("T3 N2 lung cancer.", "Lung cancer, T3 N2 M0.") == []


@pytest.mark.parametrize(
    ("heard", "written", "differs"),
    [
        ("3 March 2024", "March 3, 2024", False),
        ("3 April 2024", "4/3/2024", False),
        ("March 2024", "2024-03-03", False),
        ("3 March 2024", "3 March 2023", True),
        ("March 3, 2024", "March 13, 2024", True),
    ],
)
def test_the_date_of_comparison_must_be_copied(heard: str, written: str, differs: bool) -> None:
    cards = compare(f"Comparison is made with {heard}. Clear lungs.", f"Comparison: {written}.\nFINDINGS: Clear lungs.")
    assert [card.kind for card in cards] == (["prior"] if differs else [])


def test_a_date_needs_a_year_and_a_possible_day() -> None:
    for text in ("may 2 of the findings", "45/13/2024"):
        assert dates_in(text, 0, len(text)) == []
