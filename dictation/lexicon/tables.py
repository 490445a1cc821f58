"""The data files of this room: tab-separated tables whose first line names the columns, the last being `source`.

Lines that begin with "#" are notes. Several values in one cell are separated by " | ".
"""

from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of `data/<name>.tsv`, in file order, column name → stripped cell.

    Raises ValueError where a row has another number of cells than the header, or an empty source.
    """
    text = files("dictation.lexicon").joinpath("data", f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    header = lines[0].split("\t")
    table = []
    for line in lines[1:]:
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != len(header) or not cells[-1]:
            raise ValueError(f"{name}.tsv: a row needs {len(header)} cells and a source: {line!r}")
        table.append(dict(zip(header, cells, strict=True)))
    return tuple(table)


@cache
def clause_rule(name: str) -> str:
    """The pattern of a rule of `clauses.tsv`: alternatives, to be searched in small letters."""
    return next(row["pattern"] for row in rows("clauses") if row["rule"] == name)
