"""Dictation and report, pair by pair: what must be shown, and what must stay silent."""

from pathlib import Path

import pytest

from dictation.discrepancy import SEVERITIES, compare

_WEIGHTY = 2  # severities that interrupt: critical and major


def _pairs() -> list[tuple[str, ...]]:
    lines = Path(__file__).with_name("pairs.tsv").read_text(encoding="utf-8").splitlines()
    rows = [tuple(line.split("\t")) for line in lines if not line.startswith("#")]
    return rows[1:]


@pytest.mark.parametrize(("subject", "worst", "heard", "written"), _pairs())
def test_a_pair_is_judged_as_a_radiologist_would(subject: str, worst: str, heard: str, written: str) -> None:
    shown = sorted(SEVERITIES.index(found.severity) for found in compare(heard, written))
    if worst == "silent":
        assert [rank for rank in shown if rank < _WEIGHTY] == [], subject
    else:
        assert shown and shown[0] <= SEVERITIES.index(worst), subject
