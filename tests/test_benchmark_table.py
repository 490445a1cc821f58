"""The table of the benchmarks says what stands in their results."""

from benchmarks import table


def test_the_table_holds_the_results_as_they_are():
    shown = table.README.read_text(encoding="utf-8")
    assert table.written(shown) == shown, "run: python -m benchmarks.table"
    assert shown.count("\n| ") > 10 and "faster-whisper" in shown
