"""Cells that a person opens in a spreadsheet hold no formula, wherever that splits them, and lose no character."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from pipelines.spreadsheet import harmless

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
TEXTS = st.text(f';,\t\r\n" a1{SIGNS}', max_size=30)


@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_no_cell_is_a_formula_wherever_a_spreadsheet_splits(cells):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow([harmless(cell) for cell in cells])
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter):
            assert [cell for cell in row if cell.lstrip(" ").startswith((*SIGNS,))] == []


@given(TEXTS)
def test_apostrophes_are_all_that_is_added_and_no_second_time(cell):
    safe = harmless(cell)
    assert safe.replace("'", "") == cell
    assert harmless(safe) == safe


def test_numbers_ranges_and_sentences_stay_as_they_are():
    for cell in ("12-14 mm, L4-L5", "pO2 = 3; r@x", "a;b", "5.2"):
        assert harmless(cell) == cell
    assert harmless("-5 mm;\t=1+1") == "'-5 mm;\t'=1+1"
