"""Tables of tab-separated values with a heading line: rows as dictionaries, comment lines (#) left out."""

import csv
from pathlib import Path

HERE = Path(__file__).parent


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table, cells stripped; a missing last cell is an empty one. ValueError where a row is too long."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = []
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""):
        if None in row:
            raise ValueError(f"{path.name}: a row has more cells than the heading: {row}")
        found.append({name: cell.strip() for name, cell in row.items()})
    return found


def alternatives(cell: str) -> tuple[str, ...]:
    """ "a | b" → ("a", "b"); an empty cell → ()."""
    return tuple(part.strip() for part in cell.split("|") if part.strip())
