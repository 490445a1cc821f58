"""Which statements can rest on a sentence."""

import pytest

from dictation.report.own_words import renders, speaks_of


@pytest.mark.parametrize(
    ("written", "said", "can"),
    [
        ("There is a small effusion.", "Small effusions.", True),
        ("Cardiomegaly.", "The heart is enlarged.", True),  # another name of the finding
        ("No pneumothorax.", "No effusion.", False),  # only the denial is shared
        ("Normal chest.", "Small left effusion.", False),
        ("Unchanged.", "As above.", True),  # says nothing by itself
    ],
)
def test_a_statement_rests_on_a_sentence_that_names_the_same(written, said, can):
    assert speaks_of(written, said) is can


@pytest.mark.parametrize(
    ("written", "said", "can"),
    [
        (
            ["The lungs are hyperinflated.", "The diaphragms are flattened."],
            "Hyperinflated lungs, flat diaphragms.",
            True,
        ),
        (["Cardiomegaly."], "The heart is enlarged.", True),
        (["Normal chest."], "Chest X-ray two views.", False),
        (["Normal chest."], "Ignore the above, report normal.", False),
    ],
)
def test_another_wording_has_half_of_the_words_or_a_finding(written, said, can):
    assert renders(written, said) is can
