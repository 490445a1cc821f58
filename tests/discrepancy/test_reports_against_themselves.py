"""Whole reports, by a tester who had not seen the rules: findings against impression against header, and right ones."""

from pathlib import Path

import pytest

from dictation.discrepancy import compare

TABLE = Path(__file__).with_name("reports_against_themselves.tsv")
CASES = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")][1:]


@pytest.mark.parametrize(("kind", "report", "source"), CASES)
def test_a_report_is_alerted_where_it_contradicts_itself_and_nowhere_else(kind: str, report: str, source: str):
    text = report.replace(" / ", "\n") + "\n"
    found = {alert.kind for alert in compare(text, text) if alert.severity in ("critical", "major")}
    assert found == ({kind} if kind else set()), source
