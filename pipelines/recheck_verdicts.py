"""What a reviewer said of the flags: a CSV with the columns id and verdict (real or false), made of the worklist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dictation.discrepancy import KINDS, SEVERITIES
from dictation.discrepancy.precision import plain
from dictation.discrepancy.ranking import Verdict
from dictation.errors import InputError
from dictation.exchange.flags import Flag
from pipelines.manifest import entries

WORDS = {"real": True, "false": False}


@dataclass(frozen=True)
class Given:
    """One verdict. `kind` and `severity` are those of the flag when it was judged, "" where the file does not say."""

    line: int
    is_real: bool
    kind: str
    severity: str


def read_verdicts(path: Path) -> tuple[dict[str, Given], list[InputError]]:
    """Return the verdicts by id of the flag, the last of each, and an error for each line that holds none.

    A line without a verdict is a flag that nobody judged yet. Raises InputError where the file cannot be read.
    """
    found: dict[str, Given] = {}
    errors: list[InputError] = []
    for line, cells in entries(path, (("id",), ("verdict",))):
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
