"""Cells of a CSV that a person opens in a spreadsheet: no text in them may become a formula."""

import re

# Where a cell begins: at its own start, and within it for a spreadsheet that splits at semicolons or tabs, to which the
# quotes around the whole cell mean nothing, so that a line break ends the row. Blanks and quotes in front are dropped.
# Where East Asian text is typed, a spreadsheet takes the wide and the small forms of the signs for the signs.
_SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
_FORMULA = re.compile(rf'(^|[;\t\r\n])([ \u00a0\u3000"]*)(?=[{re.escape(_SIGNS)}])')


def harmless(cell: str) -> str:
    """The cell with an apostrophe before each character that a spreadsheet would take for the start of a formula."""
    cell = _FORMULA.sub(r"\1\2'", cell)
    return "'" + cell if cell.startswith(("\t", "\r")) else cell
