"""Chest CT, abdomen, spine, brain, joints, breast and ultrasound, dictated and then written in other words."""

from pathlib import Path

import pytest

from dictation.discrepancy import compare


def _rows() -> list[list[str]]:
    lines = Path(__file__).with_name("regions.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]


@pytest.mark.parametrize(("region", "expected", "heard", "written"), _rows())
def test_only_what_differs_interrupts(region: str, expected: str, heard: str, written: str) -> None:
    cards = compare(heard, written)
    weighty = sorted(card.kind for card in cards if card.severity in ("critical", "major"))
    assert weighty == ([] if expected == "silent" else expected.split()), [card.explanation for card in cards]
