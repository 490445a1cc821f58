r"""Rows of a room's corpus and what runs them: a text, what is expected of it, why, and who says so.

A room has its rows in `tests/<room>/corpus/*.tsv` and its checks, plain functions, in `tests/<room>/test_corpus.py`.
The header of a table names its columns: `check` (which function), the function's arguments by name, `expected`, `why`,
and `source` (who wrote the case: "own", or who had not seen the program). A cell stands as it would be printed, with
`\n` for a new line, `\t` for a tab and `\\` for a backslash; an empty cell is "". A check returns a text, so that
whoever reads a row that fails needs no program to understand it.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

COMMENT = "#"
ESCAPED = {r"\n": "\n", r"\t": "\t", "\\\\": "\\"}


class Row(NamedTuple):
    """One case. `place` is its table and line, `arguments` are the check's."""

    place: str
    check: str
    arguments: dict[str, str]
    expected: str
    why: str

    def holds(self, checks: Mapping[str, Any]) -> None:
        """Fail unless the check gives what is expected; AssertionError names the row and why it is there."""
        check: Callable[..., str] = checks[self.check]
        found = check(**self.arguments)
        assert found == self.expected, f"{self.place}: {self.why}"


def _cell(text: str) -> str:
    return re.sub(r"\\[nt\\]", lambda match: ESCAPED[match.group()], text)


def rows_of(table: Path) -> list[Row]:
    """All rows of a table.

    Raises:
        ValueError: A row has more or fewer cells than the header.
    """
    header: list[str] = []
    rows = []
    for number, line in enumerate(table.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith(COMMENT):
            continue
        cells = line.split("\t")
        if not header:
            header = cells
            continue
        row = {name: _cell(cell) for name, cell in zip(header, cells, strict=True)}
        fixed = [row.pop(name) for name in ("check", "expected", "why", "source")]
        rows.append(Row(f"{table.name}:{number}", fixed[0], row, fixed[1], fixed[2]))
    return rows


def corpus(runner: str) -> pytest.MarkDecorator:
    """Run a test once for each row of the tables beside its file (`__file__`), with the row's place as its id."""
    rows = [row for table in sorted((Path(runner).parent / "corpus").glob("*.tsv")) for row in rows_of(table)]
    return pytest.mark.parametrize("row", rows, ids=[row.place for row in rows])
