"""What a reviewer said of the flags: a CSV with the columns id and verdict (real or false), made of the worklist."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dictation.discrepancy import KINDS, SEVERITIES
from dictation.discrepancy.precision import plain
from dictation.discrepancy.ranking import Verdict
from dictation.errors import InputError
from dictation.exchange.flags import Flag
from pipelines.manifest import entries
from pipelines.outputs import write_atomic
from pipelines.spreadsheet import harmless

WORDS = {"real": True, "false": False}
GONE = "earlier_verdicts.csv"  # in the output folder: verdicts whose flag is no longer there


@dataclass(frozen=True)
class Given:
    """One verdict. `kind` and `severity` are those of the flag when it was judged, "" where the file does not say."""

    line: int
    is_real: bool
    kind: str
    severity: str


def read_verdicts(path: Path) -> tuple[dict[str, Given], list[InputError]]:
    """Return the verdicts by id of the flag, the last of each, and an error for each line that holds none.

    A line without a verdict is a flag that nobody judged yet; below the header there may be none. Raises InputError
    where the file cannot be read.
    """
    found: dict[str, Given] = {}
    errors: list[InputError] = []
    for line, cells in entries(path, (("id",), ("verdict",)), may_be_empty=True):
        where = f"{path}, line {line}"
        if isinstance(cells, str):
            errors.append(InputError(f"{where}: {cells}."))
            continue
        word = cells.get("verdict", "").lower()
        if not word:
            continue
        if word not in WORDS or not cells.get("id"):
            errors.append(InputError(f"{where}: needs an id and a verdict, which is real or false."))
            continue
        found[cells["id"]] = Given(line, WORDS[word], cells.get("kind", ""), cells.get("severity", ""))
    return found, errors


def all_verdicts(out: Path, asked: Path | None) -> tuple[dict[str, Given], list[InputError]]:
    """Return the verdicts in what an earlier run left in `out` and in `asked`, by id; a later file wins."""
    earlier = [path for path in (out / GONE, out / "worklist.csv") if path.exists()]
    found: dict[str, Given] = {}
    errors: list[InputError] = []
    for path in dict.fromkeys(one.resolve() for one in earlier if not asked or one.resolve() != asked.resolve()):
        given, unusable = read_verdicts(path)
        found |= given
        errors += unusable
    if asked:
        given, unusable = read_verdicts(asked)
        errors += unusable
        for id, one in given.items():
            before = found.get(id, one)
            found[id] = replace(one, kind=one.kind or before.kind, severity=one.severity or before.severity)
    return found, errors


def keep_gone(given: Mapping[str, Given], flags: Sequence[Flag], out: Path) -> None:
    """Keep in `out` the verdicts that the worklist has no line for."""
    there = {flag.id for flag in flags}
    gone = {id: one for id, one in given.items() if id not in there}
    if not gone and not (out / GONE).exists():
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "verdict", "kind", "severity"))
    words = {is_real: word for word, is_real in WORDS.items()}
    for id, one in gone.items():
        writer.writerow([harmless(cell) for cell in (id, words[one.is_real], one.kind, one.severity)])
    write_atomic(out / GONE, text.getvalue())


def as_verdicts(
    path: Path, given: Mapping[str, Given], flags: Sequence[Flag]
) -> tuple[list[Verdict], list[InputError]]:
    """Return the verdicts by kind and severity, as the file or else the flags of this run say them."""
    known = {flag.id: flag for flag in flags}
    verdicts: list[Verdict] = []
    errors: list[InputError] = []
    for id, one in given.items():
        flag = known.get(id)
        kind, severity = one.kind or (flag.kind if flag else ""), one.severity or (flag.severity if flag else "")
        if plain(kind) in KINDS and severity in SEVERITIES:
            verdicts.append(Verdict(kind=kind, severity=severity, is_real=one.is_real))
        else:
            errors.append(
                InputError(
                    f"{path}, line {one.line}: no flag has this id; give its kind and severity from the worklist."
                )
            )
    return verdicts, errors
