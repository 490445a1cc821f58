"""The date of the earlier exam in spoken words is held against the date that is written (cases of fresh eyes)."""

import pytest

from dictation.discrepancy import compare


def kinds(said: str, written: str) -> list[str]:
    return [
        one.kind
        for one in compare(
            f"comparison ct of {said} findings no effusion", f"COMPARISON: CT {written}. FINDINGS: No effusion."
        )
    ]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("march third twenty twenty four", "03/13/2024"),
        ("march third twenty twenty four", "March 3, 2014"),
        ("march third 2024", "March 13, 2024"),
        ("may twenty first twenty twenty two", "05/12/2022"),
        ("june twelfth two thousand and nineteen", "July 12, 2019"),
    ],
)  # fmt: skip
def test_another_day_is_told(said: str, written: str) -> None:
    assert "prior" in kinds(said, written)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("march third twenty twenty four", "03/03/2024"),
        ("march three twenty twenty four", "March 3, 2024"),
        ("may twenty first twenty twenty two", "21 May 2022"),
        ("june twelfth two thousand nineteen", "6/12/2019"),
        ("march twenty twenty four", "March 2024"),
    ],
)  # fmt: skip
def test_the_same_day_is_not(said: str, written: str) -> None:
    assert "prior" not in kinds(said, written)
